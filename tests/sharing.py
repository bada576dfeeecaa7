"""Who of pytest's workers does what: whole files, so that what they set up is set up once.

The groups of xdist itself (3.8) are dissolved by pytest 9.2 without a word, and every worker
started every deployment.
"""

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST = ["scaled", "journeys", "attacks", "staff", "simulator", "liff", "richmenus"]
"""Folders whose files take long: they come first, lest one worker be busy when others have done."""

SHOP = {"test_staff_menus.py", "test_staff_pages.py", "test_taps.py"}
"""Journeys in the shop, which is a deployment of its own."""
ALONE = {"test_demo.py", "test_processes.py"}
"""Journeys that start what they need themselves. All others share one deployment."""


def share(nodeid: str) -> str:
    """The name of what is done by one worker, of which this test is a part."""
    path = PurePosixPath(nodeid.partition("::")[0])
    if path.name == "test_chaos.py":
        return nodeid  # each for itself takes longer than most files
    if path.parent.name != "journeys" or path.name in ALONE:
        return str(path)
    return "the shop" if path.name in SHOP else "the journeys"


class Sharing(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)


def turn(item: pytest.Item) -> tuple[int, bool]:
    """Longest folders first; what looks at all that was sent comes when all has been sent."""
    path = PurePosixPath(item.nodeid.partition("::")[0])
    folder = path.parts[1] if len(path.parts) > 1 else ""
    rank = LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
    return rank, path.name == "test_openapi.py"
