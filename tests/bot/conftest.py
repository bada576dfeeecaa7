import pytest

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from tests.bot.chat import Chat
from tests.conftest import SettableClock


@pytest.fixture
def chat(settings: Settings, database: Database, line: FakeLine, clock: SettableClock) -> Chat:
    return Chat(settings, database, line, clock)
