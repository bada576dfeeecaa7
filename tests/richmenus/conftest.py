from pathlib import Path

import pytest

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from tests.conftest import SettableClock
from tests.richmenus.situations import Account, Folder


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Folder:
    return Folder(tmp_path / "menus", settings)


@pytest.fixture
def account(database: Database, line: FakeLine, folder: Folder, clock: SettableClock) -> Account:
    return Account(database, line, folder, clock)
