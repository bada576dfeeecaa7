"""Which settings take this program for LINE: for whoever starts a product against it."""

from simulator.settings import Settings


def channels(played: Settings, line: str) -> dict[str, str]:
    """The channels played here, and where LINE's API is."""
    return {
        "LINE_CHANNEL_ID": played.channel_id,
        "LINE_CHANNEL_SECRET": played.channel_secret,
        "LINE_LOGIN_CHANNEL_ID": played.login_channel_id,
        "LINE_LOGIN_CHANNEL_SECRET": played.login_channel_secret,
        "LIFF_ID": played.liff_id,
        "LINE_API_URL": line,
        "LINE_DATA_URL": line,
    }


def browsers(line: str) -> dict[str, str]:
    """Where browsers find LIFF and its SDK."""
    return {"LINE_LIFF_URL": line, "LINE_LIFF_SDK_URL": f"{line}/liff/edge/2/sdk.js"}


def phone(line: str) -> dict[str, str]:
    """Whose phone may show the pages over its chat."""
    return {"FRAME_ANCESTORS": line}


def short_messages(played: Settings, line: str) -> dict[str, str]:
    """SMS by the generic webhook, into the inboxes here."""
    return {
        "SMS_SENDER": "webhook",
        "SMS_WEBHOOK_URL": f"{line}/sms",
        "SMS_WEBHOOK_SECRET": played.sms_secret,
    }


def everything(played: Settings, line: str) -> dict[str, str]:
    return channels(played, line) | browsers(line) | phone(line) | short_messages(played, line)
