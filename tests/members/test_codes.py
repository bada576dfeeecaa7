"""Promise 2: a phone number is proven by a code sent to it, and by nothing else."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

import members.codes
from core.errors import Invalid, NotAllowed, TooMany
from members import codes, rules
from members.digits import digits
from models import Attempt, Base, OneTimeCode, Sms
from tests.members.situations import a_friend, a_member

PHONE, OTHER = "+819012345678", "+818011112222"
SECONDS = timedelta(seconds=1)


@pytest.fixture
def friend_id(database, now):
    with database.begin() as db:
        return a_friend(db, now).id


def send(database, friend_id, now, settings, phone=PHONE, address=""):
    with database.begin() as db:
        return codes.send(
            db, friend_id, phone, address=address, language="ja", now=now, settings=settings
        )


def prove(database, friend_id, code, typed, now, settings):
    return codes.prove(database, friend_id, code.id, typed, now, settings)


def wrong(code, settings):
    return f"{(int(digits(code.id, settings)) + 1) % 1_000_000:06d}"


def tries(database, code):
    with database.read() as db:
        return db.scalar(select(OneTimeCode.tries).where(OneTimeCode.id == code.id))


def test_a_code_proves_its_number(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    typed = digits(code.id, settings)
    assert len(typed) == 6
    assert prove(database, friend_id, code, typed, now, settings) == PHONE


def test_full_width_digits_and_spaces_are_the_code_too(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    typed = digits(code.id, settings).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert prove(database, friend_id, code, f" {typed[:3]} {typed[3:]}", now, settings) == PHONE


def test_it_is_good_once(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    typed = digits(code.id, settings)
    prove(database, friend_id, code, typed, now, settings)
    with pytest.raises(Invalid, match="code_dead"):
        prove(database, friend_id, code, typed, now, settings)


@pytest.mark.parametrize(("age", "good"), [(599, True), (600, False)])
def test_it_lives_ten_minutes(database, settings, now, friend_id, age, good):
    code = send(database, friend_id, now, settings)
    typed, later = digits(code.id, settings), now + age * SECONDS
    if good:
        assert prove(database, friend_id, code, typed, later, settings) == PHONE
    else:
        with pytest.raises(Invalid, match="code_dead"):
            prove(database, friend_id, code, typed, later, settings)


def test_five_wrong_tries_end_it_and_each_is_counted_though_it_raises(
    database, settings, now, friend_id
):
    code = send(database, friend_id, now, settings)
    for left in (4, 3, 2, 1):
        with pytest.raises(Invalid) as told:
            prove(database, friend_id, code, wrong(code, settings), now, settings)
        assert (told.value.key, told.value.values) == ("members.code_wrong", {"left": left})
    with pytest.raises(TooMany) as told:
        prove(database, friend_id, code, wrong(code, settings), now, settings)
    assert told.value.values["seconds"] == 30, "until the next may be sent"
    assert tries(database, code) == 5
    with pytest.raises(TooMany):
        prove(database, friend_id, code, digits(code.id, settings), now, settings)


def test_a_right_one_after_four_wrong_ones(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    for _ in range(4):
        with pytest.raises(Invalid):
            prove(database, friend_id, code, wrong(code, settings), now, settings)
    assert prove(database, friend_id, code, digits(code.id, settings), now, settings) == PHONE


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "123456\x00", "١٢٣٤٥٦", "🙂"])
def test_what_is_no_code_is_a_wrong_one(database, settings, now, friend_id, typed):
    code = send(database, friend_id, now, settings)
    with pytest.raises(Invalid, match="code_wrong"):
        prove(database, friend_id, code, typed, now, settings)


def test_it_is_bound_to_whoever_asked_for_it(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    with database.begin() as db:
        stranger = a_friend(db, now).id
    with pytest.raises(Invalid, match="code_dead"):
        prove(database, stranger, code, digits(code.id, settings), now, settings)
    assert tries(database, code) == 0, "a stranger cannot use up somebody's tries"


def test_a_code_that_never_was(database, settings, now, friend_id):
    with pytest.raises(Invalid, match="code_dead"):
        codes.prove(database, friend_id, uuid4(), "123456", now, settings)


def test_only_the_newest_counts_also_of_another_number(database, settings, now, friend_id):
    old = send(database, friend_id, now, settings)
    later = now + 60 * SECONDS
    new = send(database, friend_id, later, settings, OTHER)
    with pytest.raises(Invalid, match="code_dead"):
        prove(database, friend_id, old, digits(old.id, settings), later, settings)
    assert prove(database, friend_id, new, digits(new.id, settings), later, settings) == OTHER


def test_twenty_guesses_at_once_are_five_tries(fresh_database, settings, now):
    with fresh_database.begin() as db:
        friend_id = a_friend(db, now).id
    code = send(fresh_database, friend_id, now, settings)
    start = Barrier(20)

    def guess(n):
        start.wait()
        try:
            prove(fresh_database, friend_id, code, f"{n:06d}", now, settings)
        except Invalid:
            return "looked at"
        except TooMany as e:
            return "last" if e.key.startswith("members.code_tries") else "?"
        return "right"

    with ThreadPoolExecutor(20) as threads:
        came = list(threads.map(guess, range(20)))
    assert came.count("looked at") == 4
    assert came.count("last") == 16
    assert tries(fresh_database, code) == 5


def test_ten_right_answers_at_once_prove_once(fresh_database, settings, now):
    with fresh_database.begin() as db:
        friend_id = a_friend(db, now).id
    code = send(fresh_database, friend_id, now, settings)
    start = Barrier(10)

    def type_it(_n):
        start.wait()
        try:
            return prove(fresh_database, friend_id, code, digits(code.id, settings), now, settings)
        except (Invalid, TooMany):
            return None

    with ThreadPoolExecutor(10) as threads:
        assert sorted(filter(None, threads.map(type_it, range(10)))) == [PHONE]


def test_the_digits_are_kept_nowhere(database, settings, now, friend_id):
    code = send(database, friend_id, now, settings)
    typed = digits(code.id, settings)
    with database.read() as db:
        for table in Base.metadata.sorted_tables:
            for row in db.execute(select(table)):
                assert typed not in [str(value) for value in row]


def test_the_digits_hang_on_the_secret_key_and_on_the_row(make_settings):
    one, other, row = make_settings(), make_settings(secret_key="another key " * 4), uuid4()
    assert digits(row, one) == digits(row, one)
    assert digits(row, one) != digits(row, other)
    assert len({digits(uuid4(), one) for _ in range(100)}) > 95


def test_the_comparison_takes_the_same_time_for_every_wrong_code():
    source = inspect.getsource(members.codes)
    assert "hmac.compare_digest" in source
    assert " == digits" not in source


# Throttles


def test_asking_again_waits_and_the_wait_grows(database, settings, now, friend_id):
    waits, at = [], now
    for _ in range(4):
        send(database, friend_id, at, settings)
        with pytest.raises(TooMany) as told:
            send(database, friend_id, at, settings)
        waits.append(told.value.values["seconds"])
        at += waits[-1] * SECONDS
    assert waits == [30, 60, 120, 300]


def test_a_number_is_not_flooded_by_many_people(database, settings, now):
    sent = 0
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(12)]
    for n, friend_id in enumerate(people):
        try:
            send(database, friend_id, now + n * 301 * SECONDS, settings)
        except TooMany:
            continue
        sent += 1
    assert sent <= rules.CODES_PER_NUMBER[0].at_most


def test_a_person_cannot_try_many_numbers(database, settings, now, friend_id):
    sent = 0
    for n in range(12):
        try:
            send(database, friend_id, now + n * 299 * SECONDS, settings, f"+8190{n + 20:04d}0000")
        except TooMany:
            continue
        sent += 1
    assert sent <= rules.CODES_PER_FRIEND[0].at_most


def test_an_address_cannot_ask_without_end(database, settings, now):
    allowed = rules.CODES_PER_ADDRESS[0].at_most
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(allowed + 1)]
    for n, friend_id in enumerate(people[:-1]):
        send(database, friend_id, now, settings, f"+8190{n:04d}1111", "192.0.2.7")
    with pytest.raises(TooMany) as told:
        send(database, people[-1], now, settings, "+819099991111", "192.0.2.7")
    assert told.value.values["minutes"] == 60
    send(database, people[-1], now, settings, "+819099991111", "192.0.2.8")


def test_a_block_of_numbers_cannot_be_pumped(database, settings, now):
    allowed = rules.CODES_PER_BLOCK[0].at_most
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(allowed + 1)]
    for n, friend_id in enumerate(people[:-1]):
        send(database, friend_id, now, settings, f"+819012345{n:03d}")
    with pytest.raises(TooMany):
        send(database, people[-1], now, settings, "+819012345999")


@pytest.mark.parametrize(
    "phone", ["+12025550123", "+447400123456", "+81312345678", "+815012345678"]
)
def test_codes_go_to_mobile_numbers_of_the_brands_country_only(
    database, settings, now, friend_id, phone
):
    with pytest.raises(Invalid, match="phone_not_mobile"):
        send(database, friend_id, now, settings, phone)


def test_a_refused_code_counts_for_nothing_and_leaves_no_row(database, settings, now, friend_id):
    send(database, friend_id, now, settings)
    with pytest.raises(TooMany):
        send(database, friend_id, now, settings)
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(OneTimeCode)) == 1
        assert db.scalar(select(func.count()).select_from(Sms)) == 1


def test_many_asking_at_once_get_one_code(fresh_database, settings, now):
    with fresh_database.begin() as db:
        people = [a_friend(db, now).id for _ in range(8)]
    start = Barrier(8)

    def ask(friend_id):
        start.wait()
        try:
            return send(fresh_database, friend_id, now, settings)
        except TooMany:
            return None

    with ThreadPoolExecutor(8) as threads:
        assert len(list(filter(None, threads.map(ask, people)))) == 1


def test_what_is_counted_cannot_be_read(database, settings, now, friend_id):
    send(database, friend_id, now, settings, address="192.0.2.1")
    with database.read() as db:
        subjects = db.scalars(select(Attempt.subject)).all()
    assert len(subjects) == 4
    for each in subjects:
        assert len(each) == 64
        assert PHONE[1:] not in each


def test_known_and_unknown_numbers_look_the_same(database, settings, now):
    """No enumeration: the answer, the rows and their contents do not tell a member's number."""
    with database.begin() as db:
        a_member(db, now, phone=PHONE)
        people = {phone: a_friend(db, now).id for phone in (PHONE, OTHER)}
    seen = {}
    for phone, friend_id in people.items():
        code = send(database, friend_id, now, settings, phone)
        with pytest.raises(TooMany) as told:
            send(database, friend_id, now, settings, phone)
        with pytest.raises(Invalid) as wrong_told:
            prove(database, friend_id, code, wrong(code, settings), now, settings)
        with database.read() as db:
            row = db.get(OneTimeCode, code.id)
            sms = db.scalars(select(Sms).where(Sms.code_id == code.id)).one()
            shape = (row.tries, row.sent_at, row.expires_at, sms.language, sms.due_at, sms.state)
        seen[phone] = (told.value.values, wrong_told.value.values, shape)
    assert seen[PHONE] == seen[OTHER]
    source = inspect.getsource(members.codes)
    assert "Member" not in source.split('"""', 2)[2], "codes must not look at members at all"


def test_without_a_sender_no_code_is_promised(database, make_settings, now, friend_id):
    with pytest.raises(NotAllowed):
        send(database, friend_id, now, make_settings(sms_sender="none"))
