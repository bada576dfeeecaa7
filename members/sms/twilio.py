"""Short messages by Twilio's HTTP API."""

from urllib.parse import urlencode
from uuid import UUID

import urllib3

from core.settings import Settings
from members.sms.sender import SmsUnavailable, check, pool


class Sender:
    def __init__(self, settings: Settings) -> None:
        account, token = settings.twilio_account_sid, settings.twilio_auth_token
        self._url = f"{settings.twilio_api_url}/2010-04-01/Accounts/{account}/Messages.json"
        self._from = settings.twilio_from
        self._headers = urllib3.make_headers(basic_auth=f"{account}:{token.get_secret_value()}") | {
            "Content-Type": "application/x-www-form-urlencoded"
        }
        self._pool = pool()

    def send(self, message_id: UUID, to: str, words: str) -> None:
        """Twilio has no retry key: a message whose answer was lost may arrive twice. It holds
        the same code both times, so that does no harm."""
        sender = "MessagingServiceSid" if self._from.startswith("MG") else "From"
        body = urlencode({"To": to, sender: self._from, "Body": words})
        try:
            answer = self._pool.request("POST", self._url, body=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as e:
            raise SmsUnavailable(type(e).__name__) from e
        check(answer)
