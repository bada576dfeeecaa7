"""A brand's file of members: read as it is, written where it differs, told where it is broken."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.errors import Invalid
from members import linking, profile
from members.importing import file as importing
from members.importing.columns import fields_of
from members.importing.file import Options, import_file
from members.importing.ids import rising
from members.importing.reading import encoding_of
from members.passwords import hash_password
from models import Friend, How, Member
from tests.members.situations import a_friend, a_member

HEADER = "会員番号,電話番号,氏名,フリガナ,生年月日,ランク,ポイント,メール,店舗,性別,入会日,タグ"
SAKURA = 'A001,090-1234-5678,結城 さくら,ﾕｳｷ ｻｸﾗ,1990/4/1,gold,"1,200",Sakura@Example.com,銀座,女性,2020年4月1日,vip、coffee'
MINUTE = timedelta(minutes=1)


@pytest.fixture
def bring(database, settings, now, tmp_path):
    """Import these lines; what came of it."""

    def bring(*lines, encoding="utf-8", at=now, options=None, **given):
        path = tmp_path / "members.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return import_file(database, path, options or Options(**given), at, settings)

    return bring


def counts(report):
    return (report.new, report.changed, report.unchanged, report.broken)


def member(database, number):
    with database.read() as db:
        return db.scalars(select(Member).where(Member.number == number)).one()


def tags(database, number):
    with database.read() as db:
        return profile.tags_of(db, profile.of_number(db, number).id)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_japanese_file_is_read_whatever_it_is_written_in(database, bring, encoding):
    assert counts(bring(HEADER, SAKURA, encoding=encoding)) == (1, 0, 0, 0)
    got = member(database, "A001")
    assert (got.phone, got.name, got.kana, got.birthday) == (
        "+819012345678", "結城 さくら", "ユウキ サクラ", date(1990, 4, 1),
    )  # fmt: skip
    assert (got.rank, got.points, got.email, got.store) == (
        "gold", 1200, "sakura@example.com", "銀座",
    )  # fmt: skip
    assert (got.gender, got.joined_on, got.status) == ("female", date(2020, 4, 1), "active")
    assert tags(database, "A001") == ["coffee", "vip"]


def test_our_own_names_are_headers_too(database, bring):
    header = "number,phone,email,name,kana,birthday,gender,rank,points,store,status,joined_on"
    row = "B1,08011112222,b@example.com,Ben,,2000-01-02,male,silver,5,Osaka,withdrawn,2021-05-06"
    assert counts(bring(header, row)) == (1, 0, 0, 0)
    got = member(database, "B1")
    assert (got.status, got.rank, got.joined_on) == ("withdrawn", "silver", date(2021, 5, 6))


def test_a_file_with_tabs(database, bring):
    assert counts(bring("会員番号\t氏名", "A1\tさくら, 結城")) == (1, 0, 0, 0)
    assert member(database, "A1").name == "さくら, 結城"


def test_a_quoted_cell_with_lines_and_the_line_numbers_after_it(bring):
    report = bring("会員番号,氏名", 'A1,"さくら\n結城"', 'A2,"a\nb\nc"', ",誰か")
    assert [each.line for each in report.problems] == [2, 4, 7]


def test_importing_again_changes_nothing(database, bring, now):
    bring(HEADER, SAKURA)
    assert counts(bring(HEADER, SAKURA, at=now + MINUTE)) == (0, 0, 1, 0)
    assert member(database, "A001").updated_at == now


def test_only_what_differs_is_written(database, bring, now):
    bring("会員番号,氏名,ポイント", "A1,さくら,1", "A2,もみじ,2")
    report = bring("会員番号,ポイント", "A1,1", "A2,3", "A3,4", at=now + MINUTE)
    assert counts(report) == (1, 1, 1, 0)
    assert (member(database, "A1").updated_at, member(database, "A2").updated_at) == (
        now, now + MINUTE,
    )  # fmt: skip
    assert member(database, "A2").name == "もみじ", "the second file did not speak of names"


def test_an_empty_cell_keeps_or_clears(database, bring):
    bring(HEADER, SAKURA)
    assert counts(bring(HEADER, "A001" + "," * 11)) == (0, 0, 1, 0)
    assert counts(bring(HEADER, "A001" + "," * 11, empty_clears=True)) == (0, 1, 0, 0)
    got = member(database, "A001")
    assert (got.phone, got.email, got.name, got.birthday) == (None, None, "", None)
    assert (got.rank, got.points, got.store, got.gender) == ("regular", 0, "", "")
    assert (got.joined_on, tags(database, "A001")) == (date(2020, 4, 1), [])


def test_a_withdrawn_member_does_not_come_back_by_a_gap(database, bring):
    bring("会員番号,会員状態", "A1,退会")
    bring("会員番号,会員状態", "A1,", empty_clears=True)
    assert member(database, "A1").status == "withdrawn"


def test_tags_become_what_the_file_says(database, bring):
    bring("会員番号,タグ", 'A1,"a, b"')
    assert counts(bring("会員番号,タグ", "A1,b;c")) == (0, 1, 0, 0)
    assert tags(database, "A1") == ["b", "c"]
    assert counts(bring("会員番号,タグ", "A1,c;b")) == (0, 0, 1, 0)


def test_unknown_columns_are_told_or_kept(database, bring):
    report = bring("会員番号,好きな色,メモ", "A1,桜色,x")
    assert report.left_out == ["好きな色", "メモ"]
    assert member(database, "A1").extra == {}
    assert counts(bring("会員番号,好きな色,メモ", "A1,桜色,", keep_extra=True)) == (0, 1, 0, 0)
    assert member(database, "A1").extra == {"好きな色": "桜色"}
    bring("会員番号,メモ", "A1,常連", keep_extra=True)
    assert member(database, "A1").extra == {"好きな色": "桜色", "メモ": "常連"}
    bring("会員番号,メモ", "A1,", keep_extra=True, empty_clears=True)
    assert member(database, "A1").extra == {"好きな色": "桜色"}


def test_mapping_goes_before_what_headers_mean(database, bring):
    mapping = {"コード": "number", "電話番号": "-", "お呼び名": "name", "色": "extra.好きな-色"}
    report = bring("コード,電話番号,お呼び名,色", "A1,09012345678,さくら,桜", mapping=mapping)
    assert counts(report) == (1, 0, 0, 0)
    got = member(database, "A1")
    assert (got.phone, got.name, got.extra) == (None, "さくら", {"好きな-色": "桜"})
    assert report.left_out == ["電話番号"]


@pytest.mark.parametrize(
    ("header", "mapping", "key"),
    [
        ("氏名,電話番号", {}, "members.import_no_number"),
        ("会員番号,氏名,お名前", {}, "members.import_twice"),
        ("会員番号,氏名", {"名": "name"}, "members.import_no_column"),
        ("会員番号,氏名", {"氏名": "nickname"}, "members.no_such_field"),
        ("会員番号,氏名", {"氏名": "password"}, "members.no_such_field"),
        ("", {}, "members.import_no_number"),
    ],
)
def test_a_header_that_cannot_be_used_says_why(bring, header, mapping, key):
    with pytest.raises(Invalid, match=key.replace(".", r"\.")):
        bring(header, "A1,x", mapping=mapping)


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("会員No.", "number"), ("会員ＩＤ", "number"), ("ﾌﾘｶﾞﾅ", "kana"), ("お名前", "name"),
        ("メールアドレス", "email"), ("E-Mail", "email"), ("Joined_On", "joined_on"),
        ("生 年 月 日", "birthday"), ("携帯電話番号", "phone"),
    ],
)  # fmt: skip
def test_headers_as_people_write_them(header, meant):
    fields = fields_of([header, *(["会員番号"] if meant != "number" else [])], {})
    assert fields[0] == meant


@pytest.mark.parametrize(
    ("column", "cell", "key"),
    [
        ("会員番号", "", "members.number_missing"),
        ("会員番号", "x" * 65, "members.number_invalid"),
        ("会員番号", "A 1", "members.number_invalid"),
        ("電話番号", "12", "members.phone_invalid"),
        ("メール", "sakura@", "members.email_invalid"),
        ("生年月日", "1990/13/1", "members.date_invalid"),
        ("生年月日", "1890/1/1", "members.birthday_invalid"),
        ("生年月日", "2030/1/1", "members.birthday_invalid"),
        ("ポイント", "many", "members.points_invalid"),
        ("ポイント", "99999999999", "members.points_invalid"),
        ("ランク", "x" * 33, "members.too_long"),
        ("氏名", "a\x07b", "members.not_printable"),
        ("password_hash", "hunter2", "members.hash_invalid"),
        ("password_hash", "$2b$12$abcdefghijklmnopqrstuv", "members.hash_invalid"),
    ],
)
def test_a_broken_cell_is_told_with_line_column_and_reason(database, bring, column, cell, key):
    header = [*HEADER.split(","), "password_hash"]
    good, bad = (["G1"] + [""] * (len(header) - 1), ["B1"] + [""] * (len(header) - 1))
    bad[header.index("店舗")], bad[header.index(column)] = "銀座", cell
    text = io.StringIO()
    csv.writer(text).writerows([header, bad, good])
    report = bring(*text.getvalue().splitlines())
    (problem,) = report.problems
    assert (problem.line, problem.column, problem.why.key) == (2, column, key)
    assert counts(report) == (1, 0, 0, 1)
    with database.read() as db:
        assert db.scalars(select(Member.number)).all() == ["G1"], "the neighbour is not harmed"


def test_rows_with_too_few_or_too_many_cells(bring):
    report = bring("会員番号,氏名", "A1", "A2,b,c", "A3,b,,", "A4,b")
    assert counts(report) == (2, 0, 0, 2)
    assert {each.why.key for each in report.problems} == {"members.import_cells"}


def test_a_number_twice_in_one_file_the_first_counts(database, bring):
    others = [f"B{n},x" for n in range(importing.ROWS)]
    report = bring("会員番号,氏名", "A1,first", "A1,second", *others, "A1,in another chunk")
    assert counts(report) == (1 + len(others), 0, 0, 2)
    assert [(each.line, each.why.values["first"]) for each in report.problems] == [
        (3, 2), (len(others) + 4, 2),
    ]  # fmt: skip
    assert member(database, "A1").name == "first"


def test_a_broken_row_does_not_make_a_good_one_a_double(database, bring):
    report = bring("会員番号,ポイント", "A1,x", "A1,7")
    assert counts(report) == (1, 0, 0, 1)
    assert member(database, "A1").points == 7


def test_a_dry_run_counts_the_same_and_writes_nothing(database, bring):
    bring("会員番号,ポイント", "A1,1", "A2,2")
    lines = ("会員番号,ポイント,タグ", "A1,1,", "A2,3,", "A3,4,vip", "A4,x,", "A1,5,")
    assert counts(bring(*lines, dry_run=True)) == (1, 1, 1, 2)
    with database.read() as db:
        assert sorted(db.scalars(select(Member.points))) == [1, 2]
    assert counts(bring(*lines)) == (1, 1, 1, 2)


def test_hashes_are_taken_and_told_from_passwords(database, bring):
    known = hash_password("桜")
    bring("会員番号,password_hash", f'A1,"{known}"')
    assert member(database, "A1").password_hash == known


def test_menus_of_changed_members_go_stale_and_no_others(database, bring, settings, now):
    with database.begin() as db:
        friends = {}
        for number in ("SAME", "POINTS", "TAGS"):
            friend, one = a_friend(db, now), a_member(db, now, number=number)
            linking.link(db, friend.id, one.id, How.PHONE, now, settings=settings)
            friend.menu_stale_at = None
            friends[number] = friend.id
    bring("会員番号,ポイント,タグ", "SAME,0,", "POINTS,9,", "TAGS,,vip", at=now + MINUTE)
    with database.read() as db:
        stale = {
            number: db.scalar(select(Friend.menu_stale_at).where(Friend.id == friend_id))
            for number, friend_id in friends.items()
        }
    assert stale == {"SAME": None, "POINTS": now + MINUTE, "TAGS": now + MINUTE}


def test_a_file_that_is_no_text(bring, tmp_path, database, settings, now):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x81\xff\xfd\xa0\xa0")
    with pytest.raises(Invalid, match="import_encoding"):
        import_file(database, path, Options(), now, settings)


def test_a_quotation_mark_that_is_never_closed(bring):
    lines = [f"A{n},さくら{n}" for n in range(20_000)]
    with pytest.raises(Invalid, match="import_unreadable"):
        bring("会員番号,氏名", 'A,"open', *lines)


def test_shift_jis_is_not_taken_for_utf_8(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("会員番号,氏名\n1,﨑\n", encoding="cp932")
    assert encoding_of(path) == "cp932"
    path.write_text("number\n1\n", encoding="ascii")
    assert encoding_of(path) == "utf-8"


def test_new_ids_rise_and_are_unlike_those_of_another_run(now):
    one, other = (list(islice(rising(now), 5_000)) for _ in range(2))
    assert one == sorted(one)
    assert len({*one, *other}) == 10_000
    assert {UUID(each).version for each in one} == {7}


def test_many_rows_in_many_chunks(database, settings, now, tmp_path):
    rows, path, heard = 9_001, tmp_path / "m.csv", []
    path.write_text(
        "会員番号,電話番号,ポイント\n" + "".join(f"{n:07d},0901234{n % 10_000:04d},{n}\n" for n in range(rows)),
        encoding="utf-8",
    )  # fmt: skip
    report = import_file(database, path, Options(), now, settings, progress=heard.append)
    assert counts(report) == (rows, 0, 0, 0)
    assert heard == sorted(heard)
    assert heard[-1] == path.stat().st_size
    with database.read() as db:
        assert db.scalar(select(func.sum(Member.points))) == rows * (rows - 1) // 2
    assert counts(import_file(database, path, Options(), now, settings)) == (0, 0, rows, 0)


def test_importing_while_people_link_and_unlink_locks_nobody_out(
    fresh_database, settings, now, tmp_path
):
    paths, names = [], [f"{n:04d}" for n in range(300)]
    for turn in range(4):
        paths.append(tmp_path / f"{turn}.csv")
        paths[-1].write_text(
            "会員番号,ポイント,タグ\n" + "".join(f"{n},{turn},t{turn}\n" for n in names),
            encoding="utf-8",
        )
    import_file(fresh_database, paths[0], Options(), now, settings)
    with fresh_database.begin() as db:
        members = dict(db.execute(select(Member.number, Member.id)).all())
        friends = {name: a_friend(db, now).id for name in names[::3]}

    def bring(path):
        return counts(import_file(fresh_database, path, Options(), now, settings))

    def come_and_go(name):
        with fresh_database.begin() as db:
            linking.link(db, friends[name], members[name], How.PHONE, now, settings=settings)
        with fresh_database.begin() as db:
            linking.unlink(db, friends[name], now, settings=settings)

    with ThreadPoolExecutor(6) as threads:
        visits = [threads.submit(come_and_go, name) for name in friends]
        brought = list(threads.map(bring, paths[1:]))
        for visit in visits:
            visit.result()
    assert all(new == broken == 0 for new, _, _, broken in brought)


def test_killed_in_the_middle_it_goes_on_where_it_was(fresh_database, settings, now, tmp_path):
    """A chunk is there whole or not at all; running it again finishes."""
    path = tmp_path / "m.csv"
    path.write_text(
        "会員番号,ポイント\n" + "".join(f"{n},{n}\n" for n in range(2 * importing.ROWS + 1_000)),
        encoding="utf-8",
    )

    class Killed(BaseException):
        pass

    def die(read):
        raise Killed

    with pytest.raises(Killed):
        import_file(fresh_database, path, Options(), now, settings, progress=die)
    with fresh_database.read() as db:
        assert db.scalar(select(func.count()).select_from(Member)) == importing.ROWS
    report = import_file(fresh_database, path, Options(), now, settings)
    assert counts(report) == (importing.ROWS + 1_000, 0, importing.ROWS, 0)
