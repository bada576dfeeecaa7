"""A browser by a name that people know: what it says of itself means nothing to them."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Line/", "LINE"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What to look for, in this order, and the name: most say that they are several."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def called(agent: str) -> str:
    """`Chrome (Windows)`; the beginning of what it says when it is none of the usual ones."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    if browser and system:
        return f"{browser} ({system})"
    return browser or system or agent[:40] or "–"
