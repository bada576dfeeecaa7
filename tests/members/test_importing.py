"""A brand's file of members: read as it is, written where it differs, told where it is broken."""

import copy
import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from core.errors import Invalid
from core.passwords import hash_password
from members import fields, linking, profile
from members.importing import file as importing
from members.importing.columns import fields_of
from members.importing.file import Options, import_file
from members.importing.ids import rising
from members.importing.reading import encoding_of
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
    found = fields_of([header, *(["会員番号"] if meant != "number" else [])], {})
    assert found[0] == meant


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


def test_two_at_once_with_the_same_new_members_in_opposite_order(
    fresh_database, settings, now, tmp_path
):
    numbers = [f"{n:05d}" for n in range(2 * importing.ROWS)]
    paths = [tmp_path / "up.csv", tmp_path / "down.csv"]
    for path, order in zip(paths, (numbers, numbers[::-1]), strict=True):
        path.write_text(
            "会員番号,ポイント\n" + "".join(f"{n},7\n" for n in order), encoding="utf-8"
        )

    def bring(path):
        return import_file(fresh_database, path, Options(), now, settings)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(bring, paths)
    assert one.new + other.new == one.unchanged + other.unchanged == len(numbers)
    assert one.changed == other.changed == 0
    with fresh_database.read() as db:
        assert db.scalar(select(func.sum(Member.points))) == 7 * len(numbers)


def test_who_says_nothing_new_is_waited_for_by_nobody(fresh_database, settings, now, tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("会員番号,ポイント\nA1,1\nA2,2\n", encoding="utf-8")
    import_file(fresh_database, path, Options(), now, settings)
    if fresh_database.engine.dialect.name == "sqlite":
        return  # it has one writer
    path.write_text("会員番号,ポイント\nA1,1\nA2,3\n", encoding="utf-8")
    with fresh_database.begin() as db:
        db.scalars(select(Member).where(Member.number == "A1").with_for_update()).one()
        with ThreadPoolExecutor(1) as thread:
            brought = thread.submit(import_file, fresh_database, path, Options(), now, settings)
            assert counts(brought.result(timeout=20)) == (0, 1, 1, 0)


ODD = ["\\", "\\N", "\\.", "a\\tb", "'", '"', "%s", "{}", "null", "\\x01", "🍜", "NULL", ":x", "?"]


@pytest.mark.parametrize("word", ODD)
def test_whatever_a_cell_says_is_kept_as_it_is(database, bring, tmp_path, word):
    text = io.StringIO()
    csv.writer(text).writerows([["会員番号", "氏名", "メモ", "タグ"], ["A1", word, word, word]])
    for expected in ((1, 0, 0, 0), (0, 0, 1, 0)):
        assert counts(bring(*text.getvalue().splitlines(), keep_extra=True)) == expected
    got = member(database, "A1")
    assert (got.name, got.extra, tags(database, "A1")) == (word, {"メモ": word}, [word])


def test_a_cell_with_lines_and_tabs_is_kept_with_them(database, bring):
    note = "a\tb\nc\\d\re"
    assert counts(bring("会員番号,メモ", f'A1,"{note}"', keep_extra=True))[0] == 1
    kept = member(database, "A1").extra["メモ"]
    assert kept.replace("\r\n", "\n") in (note, note.replace("\r", "\n"))


@pytest.mark.parametrize("column", ["氏名", "メール", "メモ", "タグ", "password_hash"])
def test_what_no_database_keeps_is_a_broken_row(bring, column):
    cells = {
        "メール": "a\0@example.com",
        "password_hash": f"{hash_password('桜')[:-1]}\0",
    }
    cell = cells.get(column, "a\0b")
    report = bring(f"会員番号,{column}", f'A1,"{cell}"', "A2,", keep_extra=True)
    assert (counts(report), report.problems[0].column) == ((1, 0, 0, 1), column)


def test_a_row_that_is_broken_in_several_cells_is_told_once(bring):
    report = bring("会員番号,ポイント,生年月日", "A1,x,y", ",x,y", "A3,1,z")
    assert [(each.line, each.column) for each in report.problems] == [
        (2, "ポイント"), (3, "会員番号"), (4, "生年月日"),
    ]  # fmt: skip


def test_nothing_is_left_behind_by_a_file_that_breaks_off(database, bring, settings, now):
    threads = threading.active_count()
    lines = [f"A{n},さくら" for n in range(importing.ROWS)]
    with pytest.raises(Invalid, match="import_unreadable"):
        bring("会員番号,氏名", *lines, 'B,"open', *(f"C{n},もみじ" for n in range(20_000)))
    assert threading.active_count() == threads
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Member)) == importing.ROWS
    assert counts(bring("会員番号,氏名", "A1,さくら")) == (0, 0, 1, 0)


NUMBERS = st.sampled_from(["A1", "A2", "A3", "A4"])
CELLS = {
    "phone": st.sampled_from(["", "09012345678", "0312345678"]),
    "name": st.sampled_from(["", " ", "さくら", "もみじ"]),
    "points": st.sampled_from(["", "0", "7"]),
    "birthday": st.sampled_from(["", "1990-04-01"]),
    "joined_on": st.sampled_from(["", "2020-02-03"]),
    "status": st.sampled_from(["", "active", "withdrawn"]),
    "色": st.sampled_from(["", "桜", "藤"]),
    "メモ": st.sampled_from(["", "常連"]),
    "tags": st.sampled_from(["", "a", "b", "a;b", ";"]),
}


@st.composite
def files(draw):
    """A header of some of the columns, and rows of different members."""
    columns = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, unique=True))
    numbers = draw(st.lists(NUMBERS, min_size=1, unique=True))
    rows = [{"number": n} | {name: draw(CELLS[name]) for name in columns} for n in numbers]
    return columns, rows, draw(st.booleans())


def as_the_file_says(before, row, today, *, clears):
    """A member after a row, said one by one: what the statements must come to."""
    fresh = {"phone": None, "name": "", "points": 0, "birthday": None, "joined_on": today,
             "status": "active", "extra": {}, "tags": set()}  # fmt: skip
    after = copy.deepcopy(before or fresh)
    read = fields.readers("JP", today)
    for name, cell in row.items():
        if name in ("色", "メモ"):
            if cell:
                after["extra"][name] = cell
            elif clears:
                after["extra"].pop(name, None)
        elif name == "tags":
            if cell or clears:
                after["tags"] = set(fields.tags(cell))
        elif cell.strip() or (clears and name not in ("joined_on", "status")):
            after[name] = read[name](cell if cell.strip() else "")
    return after


def all_members(database):
    names = ("phone", "name", "points", "birthday", "joined_on", "status", "extra")
    with database.read() as db:
        return {
            each.number: {name: getattr(each, name) for name in names}
            | {"tags": set(profile.tags_of(db, each.id))}
            for each in db.scalars(select(Member))
        }


@hypothesis.settings(max_examples=60, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(files(), min_size=1, max_size=4))
def test_any_files_one_after_the_other(database, settings, now, tmp_path, brought):
    """Members are what the files say, row by row, and the report counts who is new or other."""
    with database.begin() as db:
        db.execute(delete(Member))
    expected, today = {}, now.astimezone(settings.zone).date()
    for columns, rows, clears in brought:
        path = tmp_path / "members.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["number", *columns])
            table.writeheader()
            table.writerows(rows)
        new = changed = 0
        for row in rows:
            before = expected.get(row["number"])
            told = {name: cell for name, cell in row.items() if name != "number"}
            after = as_the_file_says(before, told, today, clears=clears)
            new += before is None
            changed += before is not None and before != after
            expected[row["number"]] = after
        come = (new, changed, len(rows) - new - changed, 0)
        for dry in (True, False):
            options = Options(keep_extra=True, empty_clears=clears, dry_run=dry)
            assert counts(import_file(database, path, options, now, settings)) == come
        assert all_members(database) == expected
