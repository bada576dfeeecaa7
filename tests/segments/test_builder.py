"""The form of a condition: every example goes there and back, and nothing written is harmed."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from core.database import Database
from segments import builder, meaning, parse
from segments.builder import Group, Kept, Question
from segments.conditions import kinds
from segments.form import Ask
from segments.kind import Example
from segments.suggesting import known
from tests.segments.people import Person, put
from tests.segments.test_against_python import conditions
from texts import LANGUAGES, text

EXAMPLES = [(kind.name, example) for kind in kinds() for example in kind.examples]


def fields_of(group: Group) -> dict[str, str]:
    """What a browser would post of a form that shows this."""
    found: dict[str, str] = {}
    for place, node in builder.every(group):
        name = builder.named(place)
        if isinstance(node, Kept):
            found[f"{name}.kept"] = builder.packed(node)
            continue
        if node.negated:
            found[f"{name}.not"] = "yes"
        if isinstance(node, Group):
            found[f"{name}.how"] = node.how
        else:
            found |= {f"{name}.{key}": value for key, value in node.answers.items()}
            found[f"{name}.is"] = node.subject
    return found


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_shown_and_said_again(name: str, example: Example) -> None:
    tree = builder.read(example.given)
    assert not any(isinstance(node, Kept) for _, node in builder.every(tree)), "a form shows it"
    posted = builder.from_fields(fields_of(tree))
    assert builder.kept(example.given, posted) == example.given
    assert builder.problems(posted, "ja") == {}


@given(conditions)
def test_whatever_is_written_comes_back_unharmed(written: dict[str, Any]) -> None:
    tree = builder.read(written)
    posted = builder.from_fields(fields_of(tree))
    assert meaning.same(builder.write(posted), written) or builder.write(posted) == written
    assert builder.kept(written, posted) == written


def test_several_comparisons_of_one_field_are_asked_one_by_one() -> None:
    tree = builder.read({"member.points": {"gte": 100, "lt": 500}})
    assert [node.answers["compare"] for node in tree.parts if isinstance(node, Question)] == [
        "gte",
        "lt",
    ]


def test_what_no_form_shows_is_kept_beside_what_it_shows() -> None:
    deep: dict[str, Any] = {"any": [{"all": [{"any": [{"all": [{"tag": "x"}]}]}]}]}
    written = {"all": [{"linked": True}, deep]}
    tree = builder.read(written)
    kept = [node for _, node in builder.every(tree) if isinstance(node, Kept)]
    assert kept
    changed = builder.take_step(tree, "remove", (0,))
    assert builder.write(changed) == deep


@pytest.mark.parametrize(
    ("answers", "written"),
    [
        ({"compare": "is", "value": " gold "}, {"member.rank": {"eq": "gold"}}),
        ({"compare": "is", "value": "a\r\nb\n\n"}, {"member.rank": {"in": ["a", "b"]}}),
        ({"compare": "is_not", "value": "a\nb"}, {"member.rank": {"not_in": ["a", "b"]}}),
        ({"compare": "is_not_set", "value": "a"}, {"member.rank": {"is_set": False}}),
    ],
)
def test_what_is_typed_becomes_a_document(
    answers: Mapping[str, str], written: dict[str, Any]
) -> None:
    assert builder.write(Group("all", (Question("member.rank", answers),))) == written


def test_numbers_may_be_typed_full_width() -> None:
    asked = Question("member.points", {"compare": "gte", "value": "1,000"})
    assert builder.write(Group("all", (asked,))) == {"member.points": {"gte": 1000}}


@pytest.mark.parametrize("subject", [subject for subject, _ in builder.subjects()])
def test_a_question_nobody_has_answered_is_refused_in_words_or_is_whole(subject: str) -> None:
    form = builder.form_of(subject)
    tree = builder.take_step(Group(), "ask", (), subject)
    fields = fields_of(tree) | {
        f"when.0.{field.name}": field.choices[0].value if field.ask == Ask.CHOICE else ""
        for field in form.fields(subject)
    }
    posted = builder.from_fields(fields)
    found = builder.problems(posted, "ja")
    if found:
        assert list(found) == [(0,)]
        assert all(found[(0,)])
    else:
        parse(builder.write(posted))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_can_be_said(language: str) -> None:
    for subject, form in builder.subjects():
        assert form.label(subject, language)
        for field in form.fields(subject):
            assert text(field.label, language)
            assert not field.hint or text(field.hint, language)
            assert all(choice.said(language) for choice in field.choices)


def test_no_field_is_called_as_the_page_calls_its_own() -> None:
    for subject, form in builder.subjects():
        assert not {field.name for field in form.fields(subject)} & {"is", "not", "how", "kept"}


def test_steps_change_what_they_name() -> None:
    tree = Group()
    for subject in ("linked", "tag", "member.rank"):
        tree = builder.take_step(tree, "ask", (), subject)
    tree = builder.take_step(tree, "group", ())
    tree = builder.take_step(tree, "ask", (3,), "birthday_month")
    tree = builder.take_step(tree, "up", (2,))
    tree = builder.take_step(tree, "down", (0,))
    tree = builder.take_step(tree, "up", (0,))
    names = [node.subject for _, node in builder.every(tree) if isinstance(node, Question)]
    assert names == ["member.rank", "linked", "tag", "birthday_month"]
    assert len(builder.take_step(tree, "remove", (3,)).parts) == 3
    assert builder.take_step(tree, "remove", (9, 9)) == tree
    assert builder.take_step(tree, "ask", (), "member.password_hash") == tree


def test_groups_go_only_so_deep_and_questions_only_so_many() -> None:
    tree = Group()
    for n in range(5):
        tree = builder.take_step(tree, "group", (0,) * n)
    assert max(len(place) for place, _ in builder.every(tree)) == builder.DEEPEST - 1
    for _ in range(builder.MOST + 20):
        tree = builder.take_step(tree, "ask", (), "linked")
    assert len(tree.parts) <= builder.MOST + 1


def test_an_empty_group_is_pointed_out_and_left_out() -> None:
    tree = builder.take_step(builder.read({"linked": True}), "group", ())
    assert list(builder.problems(tree, "en")) == [(1,)]
    assert builder.write(tree) == {"linked": True}


def test_a_forged_page_asks_nothing_we_do_not_know() -> None:
    fields = {
        "when.how": "x",
        "when.0.is": "member.password_hash",
        "when.0.value": "x",
        "when.1.kept": "{not json",
        "when.2.how": "any",
    }
    assert builder.from_fields(fields) == Group("all", (Group("any"),))


def test_what_people_have_is_offered_by_one_statement(database: Database) -> None:
    with database.begin() as db:
        put(db, Person(member={"rank": "gold"}, tags=frozenset({"b"}), member_tags=frozenset("a")))
        put(db, Person(member={"rank": "silver", "store": ""}))
        found = known(db)
    assert found["tag"] == ["a", "b"]
    assert found["member.rank"] == ["gold", "silver"]
    assert "member.store" not in found or found["member.store"] == []


ASKED: list[tuple[str, dict[str, str], str]] = [
    ("member.rank", {"compare": "is", "value": ""}, "値を入力するか、選んでください。"),
    ("member.rank", {"compare": "starts_with", "value": "a\nb"}, "値を1つだけ入力してください。"),
    ("member.rank", {"compare": "is", "value": "\n".join(map(str, range(501)))}, "500個まで"),
    ("member.points", {"compare": "gte", "value": "たくさん"}, "「たくさん」は数字として"),
    ("member.points", {"compare": "gte", "value": "1\n2"}, "値を1つだけ入力してください。"),
    ("member.birthday", {"compare": "gte", "value": "昨日"}, "「昨日」は日付として"),
    ("member.birthday", {"compare": "is", "value": ""}, "値を入力するか、選んでください。"),
    ("member.gender", {"compare": "is", "value": ""}, "値を入力するか、選んでください。"),
    ("member.extra.", {"compare": "is", "value": "a", "field": ""}, "項目の名前を入力してください"),
    ("joined_days", {"at_least": "", "at_most": ""}, "日数を入力してください"),
    ("joined_days", {"at_least": "x", "at_most": ""}, "「x」は使えません"),
    ("joined_days", {"at_least": "9", "at_most": "3"}, "当てはまる人がいません"),
    ("tag", {"tags": ""}, "値を入力するか、選んでください。"),
    ("tag", {"tags": "x" * 65}, "64文字以内"),
]


@pytest.mark.parametrize(("subject", "answers", "said"), ASKED)
def test_whoever_filled_in_a_form_is_told_in_plain_words(
    subject: str, answers: Mapping[str, str], said: str
) -> None:
    tree = Group("all", (Question(subject, answers),))
    for language in LANGUAGES:
        [told] = builder.problems(tree, language)[(0,)]
        assert not set(told) & set("[]{}|<>'"), "nothing of how it is kept"
        assert "member." not in told
    [told] = builder.problems(tree, "ja")[(0,)]
    assert said in told


def test_values_of_our_own_are_picked_and_read_as_words() -> None:
    asked = Question("member.gender", {"compare": "is", "value": "female\nother"})
    written = builder.write(Group("all", (asked,)))
    assert written == {"member.gender": {"in": ["female", "other"]}}
    assert parse(written).words("ja") == "性別が「女性」、「その他」のいずれかである"
    assert builder.read(written).parts == (asked,)
    assert parse({"member.status": "withdrawn"}).words("ja") == "会員状態が「退会済み」である"
    assert parse({"member.rank": "female"}).words("ja") == "会員ランクが「female」である"


def test_a_day_is_asked_for_alone() -> None:
    one = builder.read({"member.birthday": {"gte": "2000-01-01"}})
    assert isinstance(one.parts[0], Question)
    several = {"member.birthday": {"in": ["2000-01-01", "2001-01-01"]}}
    assert builder.read(several).parts == (Kept(several),)
    assert parse({"member.birthday": {"gte": "2000-01-01"}}).words("ja") == (
        "誕生日が2000-01-01以降である"
    )
    assert parse({"member.points": {"gte": 100}}).words("ja") == "ポイントが100以上である"
