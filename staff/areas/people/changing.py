"""What staff may change about one person: their tags, their link, their menu once more."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict, Invalid, NotFound
from core.session import Session
from members import fields, friendship, linking, persons, profile
from members.persons import Kind, Person
from models import Ended, How, Role
from staff.access import me, needs
from staff.areas.people.shared import RULE, back, by_staff, note, plain, told
from staff.parts import Parts, at
from staff.saying import Undo, say
from web.language import t


def install(pages: Blueprint, parts: Parts) -> None:
    _tags(pages, parts)
    _link(pages, parts)


def _tags(pages: Blueprint, parts: Parts) -> None:
    @pages.post(f"{RULE}/tag")
    @needs(Role.EDITOR)
    def person_tag(kind: str, person_id: UUID) -> ResponseReturnValue:
        try:
            asked = _typed_tags()
        except Invalid as e:
            return told(kind, person_id, e)
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            of_member = who.member is not None and request.form.get("of") != "friend"
            added = [each for each in asked if _change(db, parts, who, each, of_member, add=True)]
            if added:
                note(db, "tagged", who, after={"tags": added})
        _say_tags("added", added, kind, person_id, of_member=of_member)
        parts.ring("menus")
        return back(kind, person_id)

    @pages.post(f"{RULE}/untag")
    @needs(Role.EDITOR)
    def person_untag(kind: str, person_id: UUID) -> ResponseReturnValue:
        asked = _typed_tags()
        of_member = request.form.get("of") == "member"
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            gone = [each for each in asked if _change(db, parts, who, each, of_member, add=False)]
            if gone:
                note(db, "untagged", who, before={"tags": gone})
        _say_tags("removed", gone, kind, person_id, of_member=of_member)
        parts.ring("menus")
        return back(kind, person_id)


def _typed_tags() -> tuple[str, ...]:
    asked = fields.tags(plain(request.form.get("tag", "")))
    if not asked:
        raise Invalid("staff_people.tags.missing")
    return asked


def _change(
    db: Session, parts: Parts, who: Person, word: str, of_member: bool, *, add: bool
) -> bool:
    now = parts.now()
    if of_member and who.member:
        given, taken = ([word], []) if add else ([], [word])
        return profile.retag(db, who.member.id, now, add=given, remove=taken)
    if not of_member and who.friend:
        change = friendship.tag if add else friendship.untag
        return change(db, who.friend.id, word, now)
    return False


def _say_tags(did: str, tags: list[str], kind: str, person_id: UUID, *, of_member: bool) -> None:
    if not tags:
        say("staff_people.tags.unchanged", kind="info")
        return
    back = at("person_untag" if did == "added" else "person_tag", kind=kind, person_id=person_id)
    fields_ = {"tag": ",".join(tags), "of": "member" if of_member else "friend"}
    say(f"staff_people.tags.{did}", Undo(back, fields_), tag=t("staff.comma").join(tags))


def _link(pages: Blueprint, parts: Parts) -> None:
    @pages.post(f"{RULE}/unlink")
    @needs(Role.EDITOR)
    def person_unlink(kind: str, person_id: UUID) -> ResponseReturnValue:
        try:
            with parts.database.begin() as db:
                who = persons.get(db, Kind(kind), person_id)
                how = _unlink(db, parts, who)
                note(db, "unlinked", who, before={"linked": t(f"staff_people.how.{how}")})
        except (Conflict, NotFound) as e:
            return told(kind, person_id, e)
        for work in ("outgoing", "menus"):
            parts.ring(work)
        say("staff_people.unlink.said")
        return back(kind, person_id)

    @pages.post(f"{RULE}/menu")
    @needs(Role.EDITOR)
    def person_menu(kind: str, person_id: UUID) -> ResponseReturnValue:
        with parts.database.begin() as db:
            who = persons.get(db, Kind(kind), person_id)
            if who.friend is None:
                raise NotFound("members.not_linked")
            friendship.mark_menu_stale(db, [who.friend.id], parts.now())
            note(db, "menu_again", who)
        parts.ring("menus")
        say("staff_people.menu.again_said")
        return back(kind, person_id)


def _unlink(db: Session, parts: Parts, who: Person) -> How:
    """How they had been linked."""
    friend_id = who.friend.id if who.friend else who.id
    ended = linking.unlink(
        db, friend_id, parts.now(), settings=parts.settings,
        why=Ended.STAFF, by=by_staff(me().account_id),
    )  # fmt: skip
    if who.member is None or ended.member_id != who.member.id:
        raise Conflict("members.linked_elsewhere_just_now")  # while we looked
    return ended.how
