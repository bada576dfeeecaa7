"""Every table has its end, and the worker sees to it; what is kept for good says why."""

import re
from datetime import timedelta

from sqlalchemy import event

import worker
from core.owed import State
from models import Base, InboxEvent, MenuPicture, Outgoing
from tests.members.situations import a_friend

FOR_GOOD = {
    "friend": "who the account has met; an erased one keeps only LINE's id",
    "member": "the brand's own records",
    "member_tag": "goes with the member",
    "friend_tag": "goes with the friend",
    "link": "the history of ties; of an erased member only that there was one",
    "menu_assignment": "one for each friend",
    "sms": "goes with its code",
    "daily_figures": "names nobody",
    "funnel_count": "names nobody",
    "menu_draft": "one for each menu that ever lay on the desk",
    "rules_draft": "one row",
    "menu_book": "one row",
    "menu_revision": "an earlier publication can be brought back",
    "publication": "an earlier publication can be brought back",
    "menu_insight": "one for each revision",
    "staff_account": "the audit log can always say who it was",
    "staff_audit": "nobody changes it",
    "staff_line": "goes when it is undone, or with the account",
    "staff_recovery_code": "a new set replaces them",
}


def test_whatever_is_not_kept_for_good_is_forgotten_by_the_worker(database, settings, now):
    with database.begin() as db:  # of these, only when there are some
        db.add(MenuPicture(sha256="0" * 64, content_type="image/png", content=b"", taken_at=now))
        settled = {"state": State.DONE, "due_at": now}
        db.add(InboxEvent(
            webhook_event_id="E", kind="follow", occurred_at=now, received_at=now, raw="{}", **settled
        ))  # fmt: skip
        db.add(Outgoing(
            key="reply:E", friend_id=a_friend(db, now).id, messages=[], created_at=now,
            expires_at=now, **settled,
        ))  # fmt: skip
    forgotten = set()

    def note(_connection, _cursor, statement, *_more):
        forgotten.update(re.findall(r"^DELETE FROM (\w+)", statement))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for keep in worker.KEEPERS:
            keep(database, now + timedelta(days=4_000), settings)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert set(Base.metadata.tables) - forgotten == set(FOR_GOOD)
    assert not forgotten & set(FOR_GOOD)
