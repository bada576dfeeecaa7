"""Which column of a file is which field of a member."""

import unicodedata
from collections.abc import Mapping, Sequence

from core.errors import Invalid

NAMES: dict[str, tuple[str, ...]] = {
    "number": ("会員番号", "会員No", "会員ID", "会員コード", "顧客番号", "顧客コード", "会員証番号",
               "member number", "member id", "member no", "會員編號",
               "หมายเลขสมาชิก"),
    "phone": ("電話番号", "電話", "TEL", "携帯電話", "携帯電話番号", "携帯番号", "携帯",
              "phone number", "mobile", "手機", "電話號碼", "เบอร์โทร", "เบอร์โทรศัพท์"),
    "email": ("メール", "メールアドレス", "Eメール", "mail", "e-mail", "email address",
              "電子郵件", "อีเมล"),
    "name": ("氏名", "名前", "お名前", "会員名", "顧客名", "full name", "姓名", "ชื่อ"),
    "kana": ("フリガナ", "ふりがな", "カナ", "氏名カナ", "カナ氏名", "氏名フリガナ"),
    "birthday": ("生年月日", "誕生日", "date of birth", "birthdate", "生日", "วันเกิด"),
    "gender": ("性別", "sex", "เพศ"),
    "rank": ("ランク", "会員ランク", "ステージ", "等級", "tier", "ระดับ"),
    "points": ("ポイント", "保有ポイント", "ポイント残高", "現在ポイント", "點數", "แต้ม", "point"),
    "store": ("店舗", "店舗名", "登録店舗", "店舗コード", "所属店舗", "門市", "shop", "สาขา"),
    "status": ("会員状態", "状態", "ステータス", "會員狀態", "สถานะ"),
    "joined_on": ("入会日", "登録日", "会員登録日", "入会年月日", "joined", "join date", "入會日",
                  "วันที่สมัคร"),
    "language": ("言語", "語言", "ภาษา", "lang"),
    "password_hash": (),
    "tags": ("タグ", "標籤", "แท็ก", "tag"),
}  # fmt: skip
"""Each field, with the headers that mean it. Case, width, spaces and signs make no difference."""

IGNORE = "-"
EXTRA = "extra."


def _key(header: str) -> str:
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in plain if c not in " _-()[]・./　")


_FIELD_OF = {_key(each): field for field, names in NAMES.items() for each in (field, *names)}


def fields_of(
    header: Sequence[str], mapping: Mapping[str, str], *, keep_extra: bool = False
) -> list[str]:
    """For each column its field, `extra.<header>`, or "" for what is left out. `mapping` goes
    first: header to field, `extra.<name>` or `-`. Raises Invalid with what is wrong."""
    _check(header, mapping)
    fields = [_field(name, mapping, keep_extra=keep_extra) for name in header]
    for field in filter(None, fields):
        if fields.count(field) > 1:
            columns = [name for name, each in zip(header, fields, strict=True) if each == field]
            raise Invalid("members.import_twice", field=field, columns=", ".join(columns))
    if "number" not in fields:
        raise Invalid("members.import_no_number", columns=", ".join(header))
    return fields


def _field(name: str, mapping: Mapping[str, str], *, keep_extra: bool) -> str:
    if name in mapping:
        return "" if mapping[name] == IGNORE else mapping[name]
    known = _FIELD_OF.get(_key(name), "")
    return known or (f"{EXTRA}{name}" if keep_extra and name else "")


def _check(header: Sequence[str], mapping: Mapping[str, str]) -> None:
    for name, field in mapping.items():
        if name not in header:
            raise Invalid("members.import_no_column", column=name, columns=", ".join(header))
        if field not in NAMES and field != IGNORE and not field.startswith(EXTRA):
            raise Invalid("members.no_such_field", field=field, known=", ".join(NAMES))
    if any("\0" in name for name in (*header, *mapping.values())):  # no database keeps it
        raise Invalid("members.not_printable")
