"""Finding people as staff type, and leafing through all of them without losing one."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from core.errors import NotFound
from members import friendship, leafing, linking, persons, profile, searching
from members.leafing import Place, Sort, Wanted
from members.persons import Kind, Who
from models import How
from tests.members.situations import a_friend, a_member


@pytest.fixture
def people(database, now, settings):
    """Sakura is linked; Ken is a member alone; Rin is a friend alone; Taro is linked and gone."""
    with database.begin() as db:
        made = {
            "sakura": a_member(
                db, now, number="M1001", name="結城 さくら", kana="ユウキ サクラ",
                phone="+819011112222", email="sakura@example.jp",
            ),
            "ken": a_member(
                db, now + timedelta(minutes=1), number="M1002", name="Tanaka\u3000Ken",
                kana="タナカ ケン", phone="+819033334444",
            ),
            "taro": a_member(
                db, now + timedelta(minutes=2), number="X9", name="林 太郎", kana="ハヤシ タロウ"
            ),
        }  # fmt: skip
        sakura = a_friend(db, now, display_name="さくちゃん")
        a_friend(db, now + timedelta(minutes=3), display_name="Rin 🌸")
        taro = a_friend(db, now, display_name="太郎", following=False)
        link(db, sakura, made["sakura"], now, settings)
        link(db, taro, made["taro"], now + timedelta(hours=1), settings)
        profile.retag(db, made["ken"].id, now, add=["coffee"])
        friendship.tag(db, sakura.id, "coffee", now)
    return made


def link(db, friend, member, now, settings):
    linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)


def look(database, said="", tag="", who=Who.ALL, sort=Sort.NEW, place=None, size=50):
    with database.read() as db:
        return leafing.leaf(db, Wanted(said, tag, who, sort), place, region="JP", size=size)


def names(leaf):
    return [each.name for each in leaf.people]


SAKURA, KEN, RIN, TARO = "結城 さくら", "Tanaka\u3000Ken", "Rin 🌸", "林 太郎"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("結城", [SAKURA]), ("結城さくら", [SAKURA]), ("結城　さくら", [SAKURA]), ("結", [SAKURA]),
        ("ゆうき", [SAKURA]), ("ユウキサク", [SAKURA]), ("ﾕｳｷ", [SAKURA]), ("さくちゃん", [SAKURA]),
        ("林太郎", [TARO]), ("太郎", [TARO]), ("tanaka", [KEN]), ("TANAKA KEN", [KEN]),
        ("m100", [KEN, SAKURA]), ("Ｍ１００１", [SAKURA]), ("x9", [TARO]),
        ("090-1111-2222", [SAKURA]), ("+81 90 1111 2222", [SAKURA]), ("０９０１１１１２２２２", [SAKURA]),
        ("sakura@example.jp", [SAKURA]), ("SAKURA@example.jp", [SAKURA]),
        ("rin", [RIN]), ("Rin 🌸", [RIN]),
        ("さくら", []), ("0901111", []), ("1001", []), ("%", []), ("_", []), ("結城%", []), ("' OR 1=1", []),
    ],
)  # fmt: skip
def test_finds_by_what_staff_type(database, people, said, found):
    assert names(look(database, said)) == found


def test_finds_by_a_line_user_id(database, people, now):
    with database.begin() as db:
        friend = a_friend(db, now, display_name="Somebody")
    assert names(look(database, friend.line_user_id)) == ["Somebody"]


def test_finds_by_tag_of_the_member_or_of_the_friend(database, people):
    assert names(look(database, tag="coffee")) == [KEN, SAKURA]
    assert names(look(database, "ユウキ", tag="coffee")) == [SAKURA]
    assert names(look(database, "さくちゃん", tag="coffee")) == [SAKURA]
    assert names(look(database, "林", tag="coffee")) == []
    assert names(look(database, tag="coff")) == []


@pytest.mark.parametrize(
    ("who", "found"),
    [(Who.ALL, [RIN, TARO, KEN, SAKURA]), (Who.LINKED, [TARO, SAKURA]), (Who.UNLINKED, [RIN, KEN]),
     (Who.BLOCKED, [TARO])],
)  # fmt: skip
def test_those_of_a_sort(database, people, who, found):
    assert names(look(database, who=who)) == found
    assert sorted(names(look(database, who=who, sort=Sort.KANA))) == sorted(found)
    assert sorted(names(look(database, who=who, sort=Sort.NUMBER))) == sorted(found)
    searched = names(look(database, "m100", who=who))
    assert searched == [each for each in found if each in (KEN, SAKURA)]


def test_in_an_order(database, people):
    assert names(look(database, sort=Sort.KANA)) == [KEN, TARO, SAKURA, RIN]
    assert names(look(database, sort=Sort.NUMBER)) == [SAKURA, KEN, TARO, RIN]
    assert names(look(database, "m100", sort=Sort.NUMBER)) == [SAKURA, KEN]
    assert names(look(database, tag="coffee", sort=Sort.KANA)) == [KEN, SAKURA]


def through(database, **wanted):
    """Every page there and back: what was seen on the way there, and on the way back."""
    there, back, leaf = [], [], look(database, **wanted)
    assert leaf.ahead is None
    while True:
        there.append(names(leaf))
        if leaf.behind is None:
            break
        leaf = look(database, place=leaf.behind, **wanted)
    while True:
        back.append(names(leaf))
        if leaf.ahead is None:
            break
        leaf = look(database, place=leaf.ahead, **wanted)
    return there, back[::-1]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("who", Who)
def test_leafs_there_and_back_without_losing_anybody(database, now, settings, who, sort):
    with database.begin() as db:
        for n in range(23):
            # several of one moment, and several without kana
            at = now + timedelta(minutes=n // 4)
            member = a_member(db, at, name=f"member {n}", kana="" if n % 3 else f"カナ{n:02}")
            gone = {"following": False} if n % 5 == 0 else {}
            friend = a_friend(db, at, display_name=f"friend {n % 7}", **gone)
            if n % 2:
                link(db, friend, member, at, settings)
    everybody = names(look(database, who=who, sort=sort))
    there, back = through(database, who=who, sort=sort, size=4)
    assert [name for page in there for name in page] == everybody
    assert [len(page) for page in there[:-1]] == [4] * (len(there) - 1)
    assert back == there
    expected = {Who.ALL: 35, Who.LINKED: 11, Who.UNLINKED: 24, Who.BLOCKED: 5}
    assert len(everybody) == expected[who]


def test_leafs_through_what_a_search_found(database, now):
    with database.begin() as db:
        for n in range(11):
            a_member(db, now + timedelta(minutes=n), name=f"佐藤 {n}")
    there, back = through(database, said="佐藤", size=4)
    assert [len(page) for page in there] == [4, 4, 3]
    assert back == there
    assert look(database, "佐藤").total == 11


def test_a_place_that_is_gone_is_the_first_page(database, people):
    nowhere = Place(Kind.MEMBER, people["ken"].id)
    assert names(look(database, who=Who.LINKED, place=nowhere)) == [TARO, SAKURA]


def test_a_search_that_finds_too_many_says_so(database, now, monkeypatch):
    monkeypatch.setattr(searching, "MOST", 3)
    with database.begin() as db:
        for n in range(5):
            a_member(db, now, name=f"佐藤 {n}")
    found = look(database, "佐藤")
    assert (found.capped, found.total) == (True, 3)


def test_somebody_else_is_not_found(database, people):
    with database.read() as db, pytest.raises(NotFound):
        persons.get(db, Kind.FRIEND, people["ken"].id)


class Counted:
    def __init__(self, engine):
        self.engine, self.said = engine, []

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.said

    def __exit__(self, *_):
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_):
        if "SAVEPOINT" not in statement:
            self.said.append(statement)


@pytest.mark.parametrize("said", ["", "佐藤"])
def test_asks_as_few_questions_however_many_people_there_are(database, now, said):
    counts = []
    for many in (10, 300):
        with database.begin() as db:
            for n in range(many):
                a_member(db, now, name=f"佐藤 {n}")
        with Counted(database.engine) as asked:
            look(database, said)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 3
