"""Whether a person asks for a page, or a machine that only looks at what is there."""

import re

from flask import request

AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Headers by which browsers and apps say that nobody has tapped yet."""
LOOKERS = re.compile(
    r"line-poker|facebookexternalhit|WhatsApp/|SkypeUriPreview|Iframely|Embedly"
    r"|(google|bing|apple|twitter|slack|discord|telegram|linkedin|petal|yandex|baidu|gpt)bot"
    r"|Google-(Read-Aloud|InspectionTool|Safety)|spider\b|crawler",
    re.IGNORECASE,
)
"""Who draws previews of links or collects pages, and says so. No plain `bot`: a maker of
telephones is called Cubot."""


def by_a_person() -> bool:
    """As far as can be told from what the request says of itself."""
    ahead = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    return (
        request.method == "GET"
        and not any(word in ahead for word in ("prefetch", "preview", "prerender"))
        and not LOOKERS.search(request.user_agent.string)
    )
