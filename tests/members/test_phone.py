"""Phone numbers: as people type them, as we keep them, as we show them."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from members.phone import _MOBILE, gets_codes, masked, normalise


@pytest.mark.parametrize(
    "typed",
    [
        "09012345678", "090-1234-5678", "090 1234 5678", "０９０−１２３４−５６７８", "090－1234－5678",
        "０９０ー１２３４ー５６７８", " 090(1234)5678 ", "+819012345678", "+81 90-1234-5678", "819012345678",
        "+81 (0)90-1234-5678", "9012345678", "090.1234.5678", "090–1234–5678", "０９０　１２３４　５６７８",
    ],
)  # fmt: skip
def test_one_number_however_it_is_typed(typed):
    assert normalise(typed, "JP") == "+819012345678"


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("03-1234-5678", "JP", "+81312345678"),
        ("06012345678", "JP", "+816012345678"),
        ("0912 345 678", "TW", "+886912345678"),
        ("081 234 5678", "TH", "+66812345678"),
        ("+886 912 345 678", "JP", "+886912345678"),
        ("(202) 555-0123", "US", "+12025550123"),
    ],
)
def test_numbers_of_all_countries(typed, region, kept):
    assert normalise(typed, region) == kept


@pytest.mark.parametrize("typed", ["", "   ", "090", "0901234567", "090123456789", "abc", "+", "110",
                                   "１１９", "🙂", "+99912345678", "00000000000", "090-1234-567８９"])  # fmt: skip
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Invalid, match=r"members\.phone_invalid"):
        normalise(typed, "JP")


@given(st.text(max_size=40), st.sampled_from(["JP", "TW", "TH", "US"]))
def test_whatever_is_typed_it_is_a_number_or_invalid_and_stays_itself(typed, region):
    try:
        kept = normalise(typed, region)
    except Invalid:
        return
    assert kept.startswith("+")
    assert kept[1:].isascii()
    assert kept[1:].isdigit()
    assert len(kept) <= 16
    assert normalise(kept, region) == kept


def by_the_library(typed, region):
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@settings(max_examples=500)
@given(
    st.sampled_from([("JP", "81"), ("TW", "886"), ("TH", "66")]),
    st.sampled_from(["0", "", "+", "+0", "+{}", "{}", "00{}", "+{}0"]),
    st.text("0123456789-", min_size=7, max_size=12)
    | st.from_regex(r"[6-9][0-9]{8,9}", fullmatch=True)
    | st.from_regex(r"[6-9]0[0-9]{8}", fullmatch=True),
)
def test_the_fast_way_says_what_the_library_says(home, prefix, digits):
    region, code = home
    typed = prefix.format(code) + digits
    plain = typed.replace("-", "")
    fast = _MOBILE[region].fullmatch(plain)
    if fast and not (region == "JP" and fast[1][2] == "0"):
        assert normalise(typed, region) == by_the_library(plain, region)


@pytest.mark.parametrize(("region", "code"), [("TW", "886"), ("TH", "66"), ("JP", "81")])
def test_the_fast_way_knows_no_block_of_numbers_that_the_library_does_not(region, code):
    for head in range(1_000):
        digits = f"{head:03}" + ("4567890" if region == "JP" else "456789")
        if _MOBILE[region].fullmatch(digits) and not (region == "JP" and head % 10 == 0):
            assert by_the_library(f"0{digits}", region) == f"+{code}{digits}"


def test_digits_of_other_scripts_become_ours():
    """They are digits to Python, and nothing to who sends the code."""
    assert normalise("0901234567\u0668", "JP") == "+819012345678"


@pytest.mark.parametrize(
    ("phone", "region", "gets"),
    [
        ("+819012345678", "JP", True), ("+816012345678", "JP", True), ("+817001234567", "JP", True),
        ("+81312345678", "JP", False), ("+815012345678", "JP", False), ("+81120123456", "JP", False),
        ("+886912345678", "JP", False), ("+886912345678", "TW", True), ("+66812345678", "TH", True),
        ("+819012345678", "TW", False), ("+12025550123", "US", True), ("+14165550123", "US", False),
    ],
)  # fmt: skip
def test_codes_go_to_mobile_numbers_at_home(phone, region, gets):
    assert gets_codes(phone, region) is gets


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+819012345678", "090-••••-5678"), ("+81312345678", "03-1•••-5678"),
        ("+886912345678", "091• ••5 678"), ("+66812345678", "081 ••• 5678"), ("odd", "odd"),
    ],
)  # fmt: skip
def test_masked_is_enough_to_know_ones_own(phone, shown):
    assert masked(phone) == shown
