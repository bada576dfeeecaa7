"""One rule: its menu, its condition, its period; built step by step, also without JavaScript."""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict, NotFound
from models import Role
from richmenus import desk, rule_list, rule_steps, rulebook
from richmenus.desk import Desk
from richmenus.editions import digest
from richmenus.problems import BadMenus, Problem
from richmenus.reach import Reach
from segments import EVERYONE, builder, parse, suggesting
from segments.builder import Place
from staff.access import needs
from staff.areas.rules import form as forms
from staff.areas.rules.form import RuleForm
from staff.areas.rules.saving import odd_at, odd_words, save, tell_if_idle
from staff.parts import Parts, go
from web.language import current, t

NEW = -1


@dataclass
class Editing:
    """The page of one rule, as it is being made."""

    n: int
    form: RuleForm
    lying: Desk
    seen: int
    conflict: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)
    """By the name of the field; conditions by their place."""
    at_places: dict[Place, list[str]] = field(default_factory=dict)
    reach: Reach | None = None
    words: str = ""
    odd: str = ""
    focus: str = ""

    @property
    def last(self) -> bool:
        return self.n != NEW and rule_steps.is_last(self.lying.rules.rules, self.n)

    @property
    def before(self) -> Any:
        rules = self.lying.rules.rules
        return rules[self.n] if 0 <= self.n < len(rules) else None

    def candidate(self, **instead: str) -> list[Any]:
        """The rules as they would be; `instead` of what is still missing."""
        rule = instead | {k: v for k, v in self.form.rule(self.before).items() if v or k == "when"}
        rules = self.lying.rules.rules
        if self.n == NEW:
            return rule_steps.added(rules, rule)
        return rule_steps.replaced(rules, self.n, rule)

    @property
    def place(self) -> int:
        """Where the rule stands among the candidates."""
        return max(len(self.lying.rules.rules) - 1, 0) if self.n == NEW else self.n


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/rules/new", methods=["GET", "POST"])
    @needs(Role.EDITOR)
    def new_rule() -> ResponseReturnValue:
        return _page(parts, NEW)

    @pages.route("/rules/<int:n>", methods=["GET", "POST"], endpoint="rule")
    @needs(Role.EDITOR)
    def one(n: int) -> ResponseReturnValue:
        return _page(parts, n)


def _page(parts: Parts, n: int) -> ResponseReturnValue:
    with parts.database.read() as db:
        lying = desk.read(db, parts.settings)
    if not lying.rules.rules:
        return go("rules")
    if request.method == "GET":
        return _shown(parts, _begun(lying, n))
    editing = _posted(lying, n)
    what, _ = forms.step_of(request.form)
    if what in forms.STEPS:
        editing.form = forms.stepped(editing.form, request.form)
        editing.focus = _focus(editing)
        return _shown(parts, editing)
    if what == "count":
        _check(parts, editing)
        if request.headers.get("X-Piece") == "count":
            return _counted(parts, editing)
        return _shown(parts, editing)
    return _saved(parts, editing)


def _begun(lying: Desk, n: int) -> Editing:
    rules = lying.rules.rules
    if n >= len(rules):
        raise NotFound("staff_publish.no_such_rule")
    shown = RuleForm(menu=request.args.get("menu", "")) if n == NEW else forms.of_rule(rules[n])
    return Editing(n, shown, lying, lying.rules.version)


def _posted(lying: Desk, n: int) -> Editing:
    """Others may have saved since the page was opened: the rule is found again by what it was.
    Only when it is another now, or gone, there is something to be told."""
    rules, was = lying.rules.rules, request.form.get("was", "")
    form = forms.of_fields(request.form)
    editing = Editing(n, form, lying, lying.rules.version)
    if n != NEW:
        there = [each for each, rule in enumerate(rules) if digest(rule) == was]
        editing.conflict = not there
        alike = [each for each, rule in enumerate(rules) if rule["because"] == form.because]
        editing.n = n if n in there else next(iter(there or alike), NEW)
    if editing.last:
        none = forms.Period()
        editing.form = replace(form, when=builder.Group(), starts=none, ends=none)
    return editing


def _focus(editing: Editing) -> str:
    """Where whoever took a step goes on: at what was added, or moved."""
    what, name = forms.step_of(request.form)
    place = builder.place_of(name)
    nodes = dict(builder.every(editing.form.when))
    if what in ("ask", "group"):
        node = nodes.get(place)
        parts = len(node.parts) if isinstance(node, builder.Group) else 1
        return builder.named((*place, parts - 1))
    if what in ("up", "down"):
        n = max(0, place[-1] + (1 if what == "down" else -1)) if place else 0
        return builder.named((*place[:-1], n))
    return builder.named(place[:-1])


def _check(parts: Parts, editing: Editing) -> None:
    """What is wrong stands at its field; what is right is counted."""
    editing.at_places = builder.problems(editing.form.when, current())
    if editing.at_places:
        return
    try:
        with parts.database.read() as db:
            rules = editing.candidate(menu=editing.lying.rules.rules[-1]["menu"], because="–")
            found = rule_list.reached(db, parts.settings, rules, parts.now())
        editing.reach, read = found
        editing.words = read[editing.place].when.words(current())
        odd = odd_at(read, editing.place, parts)
        editing.odd = odd_words(odd, read) if odd else ""
    except rulebook.BadRules as e:
        for wrong in e.problems:
            if wrong.path[:1] in ((editing.place,), ()):
                name = str(wrong.path[1]) if len(wrong.path) > 1 else "when"
                editing.errors.setdefault(name, []).append(wrong.said(current()))


def _look_at_the_rest(parts: Parts, editing: Editing) -> None:
    """What is wrong besides the condition is told with it."""
    everyone = replace(editing.form, when=builder.Group())
    rules = replace(editing, form=everyone).candidate()
    keys = [each.key for each in editing.lying.menus]
    try:
        rulebook.rules(rules, keys, parts.settings.zone)
    except rulebook.BadRules as e:
        for wrong in e.problems:
            if wrong.path[:1] == (editing.place,) and len(wrong.path) > 1:
                editing.errors.setdefault(str(wrong.path[1]), []).append(wrong.said(current()))


def _saved(parts: Parts, editing: Editing) -> ResponseReturnValue:
    editing.at_places = builder.problems(editing.form.when, current())
    if editing.at_places:
        _look_at_the_rest(parts, editing)
    if editing.at_places or editing.conflict:
        return _shown(parts, editing)
    rule = editing.form.rule(editing.before)
    act = "rules.added" if editing.n == NEW else "rules.changed"
    try:
        rules = editing.candidate()
        version = save(
            parts, rules, editing.seen, act,
            name=rule["because"], before=editing.before, after=rule,
        )  # fmt: skip
    except Conflict:
        with parts.database.read() as db:
            editing.lying = desk.read(db, parts.settings)
        editing.conflict = True
        return _shown(parts, editing)
    except BadMenus as e:
        _blame(editing, e.problems)
        return _shown(parts, editing)
    tell_if_idle(parts, rules, editing.place, version)
    return go("rules")


def _blame(editing: Editing, problems: list[Problem]) -> None:
    for problem in problems:
        path = problem.wrong.path if problem.wrong else ()
        name = str(path[1]) if len(path) > 1 else "when"
        editing.errors.setdefault(name, []).append(problem.said(current()))


def _shown(parts: Parts, editing: Editing) -> ResponseReturnValue:
    if "menu" in editing.errors:
        editing.errors["menu"] = [t("staff_menus.problem.pick_menu")]
    with parts.database.read() as db:
        known = suggesting.known(db)
    wrong = bool(editing.errors or editing.at_places or editing.conflict)
    menus = rule_list.menus_of(editing.lying)
    return render_template(
        "staff/rules/edit.html", editing=editing, form=editing.form, menus=menus.values(),
        builder=builder, subjects=builder.subjects(), known=known,
        digest=digest, condition=_words,
    ), 422 if wrong else 200  # fmt: skip


def _counted(parts: Parts, editing: Editing) -> ResponseReturnValue:
    return render_template("staff/rules/count.html", editing=editing), 200


def _words(rule: Any) -> str:
    """The condition of a rule that lies on the desk, and so can be read."""
    return (parse(rule["when"]) if rule.get("when") else EVERYONE).words(current())
