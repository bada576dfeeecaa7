"""LINE's rate limits, by endpoint, and how far below them we stay.

LINE keeps a token bucket for each method and path of a channel, whatever the parameters.
"""

from core.limits import Limit

SECOND, MINUTE, HOUR = 1, 60, 3600

LINE_SAYS: dict[str, tuple[int, int]] = {
    "POST /v2/bot/channel/webhook/test": (60, HOUR),
    "GET /v2/bot/channel/webhook/endpoint": (1000, MINUTE),
    "PUT /v2/bot/channel/webhook/endpoint": (1000, MINUTE),
    "POST /v2/bot/richmenu": (100, HOUR),
    "DELETE /v2/bot/richmenu/{menu}": (100, HOUR),
    "DELETE /v2/bot/richmenu/alias/{alias}": (100, HOUR),
    "GET /v2/bot/richmenu/progress/batch": (100, HOUR),
    "POST /v2/bot/richmenu/batch": (3, HOUR),
    "GET /v2/bot/richmenu/list": (10, SECOND),
    "GET /v2/bot/insight/richmenu/{menu}/summary": (60, HOUR),
    "POST /v2/bot/chat/loading/start": (100, SECOND),
}
OTHERWISE = (2000, SECOND)


def limit_for(endpoint: str) -> Limit:
    requests, seconds = LINE_SAYS.get(endpoint, OTHERWISE)
    return below(requests, seconds)


def below(requests: int, seconds: int) -> Limit:
    """Where seconds count, no window of that length sees more than 95 in 100 of the figure, since
    requests bunch on their way. By the hour, the bucket may be emptied and fills 5% slower."""
    if seconds == SECOND:
        return Limit(requests * 9 // 10, seconds, max(1, requests // 20))
    return Limit(requests, seconds * 1.05, requests)
