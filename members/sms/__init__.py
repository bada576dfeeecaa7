"""Short messages that are owed: each carries a code, made again from its id as it is sent."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from core import owed
from core.clock import Clock
from core.database import Database
from core.settings import Settings
from members.digits import digits
from members.rules import next_try
from members.sms import none, twilio, webhook
from members.sms.sender import SmsError, SmsRefused, SmsSender, SmsUnavailable
from models import OneTimeCode, Sms
from texts import speak, text

__all__ = ["SmsError", "SmsRefused", "SmsSender", "SmsUnavailable", "available", "sender", "work"]

SENDERS: dict[str, Callable[[Settings], SmsSender]] = {
    "none": none.Sender,
    "webhook": webhook.Sender,
    "twilio": twilio.Sender,
}
"""One file each, by what SMS_SENDER says."""

_HANDFUL = 10

log = structlog.get_logger()


def available(settings: Settings) -> bool:
    """Whether codes can be sent at all; if not, the phone door says so."""
    return settings.sms_sender != "none"


def sender(settings: Settings) -> SmsSender:
    return SENDERS[settings.sms_sender](settings)


def work(database: Database, sender: SmsSender, clock: Clock, settings: Settings) -> int:
    """Send every message that is due. How many rows were dealt with."""
    dealt = 0
    while rows := _take(database, clock()):
        for row in rows:
            _send(database, sender, row, clock, settings)
        dealt += len(rows)
    return dealt


def _take(database: Database, now: datetime) -> list[Sms]:
    with database.begin() as db:
        return owed.take(db, Sms, now, limit=_HANDFUL)


def _send(
    database: Database, sender: SmsSender, row: Sms, clock: Clock, settings: Settings
) -> None:
    with database.read() as db:
        code = db.get(OneTimeCode, row.code_id)
    if code is None or code.used_at or code.expires_at <= clock():
        _settle(database, row, clock(), SmsRefused("the code is of no use any more"))
        return
    failure: SmsError | None = None
    try:
        sender.send(row.id, code.phone, words(code, row.language, settings))
    except SmsError as e:
        failure = e
    _settle(database, row, clock(), failure)


def _settle(database: Database, row: Sms, now: datetime, failure: SmsError | None) -> None:
    with database.begin() as db:
        if failure is None:
            owed.done(db, row, now)
        elif isinstance(failure, SmsUnavailable):
            owed.again(db, row, next_try(row.attempts, now), str(failure))
        else:
            owed.failed(db, row, now, str(failure))
    if failure is not None:
        log.warning("sms_not_sent", sms=str(row.id), attempt=row.attempts, why=str(failure))


def words(code: OneTimeCode, language: str, settings: Settings) -> str:
    """The last line is what lets phones fill the code in, on our page and on no other."""
    said = text(
        "members.sms", speak(language, settings.default_language),
        brand=settings.brand_name, code=digits(code.id, settings),
    )  # fmt: skip
    host = urlsplit(settings.public_url).hostname
    return f"{said}\n\n@{host} #{digits(code.id, settings)}"
