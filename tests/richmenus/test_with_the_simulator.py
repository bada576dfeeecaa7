"""The sample menus, from the terminal to the phone: the real gateway before the simulator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from cli import main
from cli.parts import Parts
from core.clock import now
from members import friendship
from models import Base, Member
from richmenus import assignment, drafts, trial_runs, trials
from simulator.running import Simulator
from tests.conftest import pointed_at
from tests.richmenus.situations import put_friend, put_link, put_member

SAMPLES = Path(__file__).parent.parent.parent / "richmenus" / "menus"
READS = ("GET",)


@pytest.fixture
def played(simulator: Simulator) -> Iterator[Simulator]:
    simulator.reset()
    yield simulator
    simulator.reset()


@pytest.fixture
def parts(played: Simulator, make_settings: Callable[..., Any], tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(
        make_settings(
            **pointed_at(played),
            database_url=f"sqlite:///{tmp_path / 'menus.db'}",
            menus_dir=SAMPLES,
        )
    )
    Base.metadata.create_all(parts.database.engine)
    yield parts
    parts.line.close()
    parts.database.close()


@dataclass(frozen=True)
class Said:
    output: str
    exit_code: int


@pytest.fixture
def musubi(parts: Parts) -> Callable[..., Said]:
    def run(*words: str) -> Said:
        result = CliRunner().invoke(main, ["menus", *words], obj=parts)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        lines = result.output.splitlines(keepends=True)
        told = "".join(line for line in lines if "line_asked" not in line)  # that is the log
        return Said(told, result.exit_code)

    return run


def last(played: Simulator) -> int:
    """The number of the last request so far."""
    return max((int(each["n"]) for each in played.requests()), default=0)


def asked(played: Simulator, since: int) -> list[str]:
    """What LINE was asked to change."""
    found = played.requests(since)
    return [f"{each['method']} {each['path']}" for each in found if each["method"] not in READS]


def test_the_samples_are_good(musubi: Callable[..., Said]) -> None:
    result = musubi("check")
    assert result.exit_code == 0
    assert result.output == "All is well: 4 menus, 5 pictures, 4 rules.\n"


def test_plan_apply_and_apply_again(musubi: Callable[..., Said], played: Simulator) -> None:
    planned = musubi("plan").output
    assert planned.count("create ") == 5
    assert not played.state()["menus"]
    applied = musubi("apply").output
    assert "create member/home" in applied
    assert "Publication 1 is in force." in applied
    state = played.state()
    assert len(state["menus"]) == 5
    assert len(state["aliases"]) == 2
    before = last(played)
    again = musubi("apply").output
    assert asked(played, before) == []
    assert again == "Nothing to do: LINE has what is wanted.\nPublication 1 is in force.\n"
    assert musubi("plan").output == "Nothing to do: LINE has what is wanted.\n"


def test_a_phone_shows_the_menu_that_fits(
    musubi: Callable[..., Said], played: Simulator, parts: Parts
) -> None:
    musubi("apply")
    user = played.add_person("Hanako", friend=True)
    database, settings = parts.database, parts.settings
    with database.begin() as db:
        friend = put_friend(db, now(), line_user_id=user)
    shown = []

    def work() -> None:
        assignment.work(database, parts.line, now, settings)
        shown.append(played.person(user)["shown"]["name"].split(":")[1])

    work()
    with database.begin() as db:
        member = put_member(db, now(), number="M-1")
        put_link(db, friend.id, member, now())
        friendship.mark_menu_stale(db, [friend.id], now())
    work()
    with database.begin() as db:
        db.execute(update(Member).values(rank="gold"))
        friendship.mark_menu_stale(db, [friend.id], now())
    work()
    assert shown == ["guest", "member", "gold"]

    said = musubi("explain", "M-1").output
    assert "2. gold (ゴールド以上の会員): fits, and decides" in said
    assert "✓ rank is one of “gold”, “platinum”" in said
    assert "1. birthday (お誕生月の会員): does not fit" in said
    assert "LINE itself says: gold/main" in said
    japanese = musubi("--language", "ja", "explain", user).output
    assert "今月が誕生月である" in japanese
    assert str(friend.id) not in japanese
    assert musubi("explain", str(friend.id)).output == said
    assert musubi("explain", "nobody").exit_code == 1

    status = musubi("status").output
    assert "Publication 1 is in force since" in status
    assert "Nothing to do" in status


def test_friends_from_before_our_time_and_visitors_who_are_none(
    musubi: Callable[..., Said], played: Simulator, parts: Parts
) -> None:
    """LINE has told of neither that they follow; it takes a menu for both, and shows it to one."""
    musubi("apply")
    old = played.add_person("Hanako", friend=True)
    visitor = played.add_person("Taro", friend=False)
    for user in (old, visitor):
        with parts.database.begin() as db:
            friend = friendship.friend_for(db, user, now())
            put_link(db, friend.id, put_member(db, now(), rank="gold"), now())
            friendship.mark_menu_stale(db, [friend.id], now())
        assignment.work(parts.database, parts.line, now, parts.settings)

    def shown(user: str) -> str:
        assignment.work(parts.database, parts.line, now, parts.settings)
        found: str = played.person(user)["shown"]["name"].split(":")[1]
        return found

    assert (shown(old), shown(visitor)) == ("gold", "guest")
    played.follow(visitor)
    with parts.database.begin() as db:
        friendship.followed(db, visitor, now(), now())
    assert (shown(old), shown(visitor)) == ("gold", "gold")


def test_many_phones(musubi: Callable[..., Said], played: Simulator, parts: Parts) -> None:
    musubi("apply")
    users = [played.add_person(f"P{n}", friend=True) for n in range(30)]
    with parts.database.begin() as db:
        for user in users:
            friend = put_friend(db, now(), line_user_id=user)
            put_link(db, friend.id, put_member(db, now()), now())
    before = last(played)
    assignment.work(parts.database, parts.line, now, parts.settings)
    assert [each for each in asked(played, before) if "richmenu" in each] == [
        "POST /v2/bot/richmenu/bulk/link"
    ]


def test_rolling_back(musubi: Callable[..., Said], parts: Parts, tmp_path: Path) -> None:
    assert musubi("rollback").exit_code == 1
    musubi("apply")
    assert musubi("rollback").exit_code == 1, "there is nothing before the first"
    copied = tmp_path / "menus"
    for path in SAMPLES.rglob("*.*"):
        target = copied / path.relative_to(SAMPLES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    said = (copied / "guest" / "menu.yaml").read_text("utf-8")
    (copied / "guest" / "menu.yaml").write_text(said.replace("メニュー", "ようこそ"), "utf-8")
    parts.__dict__["settings"] = parts.settings.model_copy(update={"menus_dir": copied})
    assert "Publication 2" in musubi("apply").output
    assert "create guest/main" in musubi("rollback", "--dry-run").output
    assert "Publication 3" in musubi("rollback").output
    assert "It brought publication 1 back." in musubi("status").output


def test_what_is_wrong_is_named(musubi: Callable[..., Said], parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "bad" / "one").mkdir(parents=True)
    (tmp_path / "bad" / "one" / "menu.yaml").write_text("name: x\n", "utf-8")
    parts.__dict__["settings"] = parts.settings.model_copy(update={"menus_dir": tmp_path / "bad"})
    for command in ("check", "plan", "apply"):
        result = musubi(command)
        assert result.exit_code == 1
        assert "one/menu.yaml:1: image is missing" in result.output
        assert "rules.yaml: cannot be read" in result.output


def test_line_out_of_reach(musubi: Callable[..., Said], played: Simulator) -> None:
    played.fail("/v2/bot/richmenu", count=50, status=500)
    result = musubi("apply")
    assert result.exit_code == 1
    assert "Run it again" in result.output


def test_a_draft_on_ones_own_phone_and_the_old_menu_again(
    musubi: Callable[..., Said], played: Simulator, parts: Parts
) -> None:
    musubi("apply")
    database, settings, me = parts.database, parts.settings, uuid4()
    users = [played.add_person(name, friend=True) for name in ("Hanako", "Taro")]
    with database.begin() as db:
        hanako, _ = (put_friend(db, now(), line_user_id=user) for user in users)

    def work() -> list[str]:
        trial_runs.work(database, parts.line, now)
        assignment.work(database, parts.line, now, settings)
        return [str(played.person(user)["shown"]["name"]).split(":")[0] for user in users]

    assert work() == ["musubi", "musubi"]
    before = played.person(users[0])["shown"]["name"]
    drafts.see_to(database, settings, now())
    with database.begin() as db:
        trials.ask(db, "member", me, hanako, now(), settings)
    assert work() == ["musubi-trial", "musubi"]
    assert len(played.state()["menus"]) == 5 + 2
    assert len(played.state()["aliases"]) == 2 + 2
    assert "Nothing to do" in musubi("plan").output
    with database.begin() as db:
        assert trials.stop(db, me, now()) == 1
    assert work() == ["musubi", "musubi"]
    assert played.person(users[0])["shown"]["name"] == before
    assert len(played.state()["menus"]) == 5
    assert len(played.state()["aliases"]) == 2
