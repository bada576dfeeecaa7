"""Which shape the database has, and which it should have."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from core.database import Database

FOLDER = Path(__file__).parent.parent / "models" / "migrations"


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    return made


def wanted() -> str:
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise LookupError(f"there are no migrations in {FOLDER}")
    return head


def known() -> set[str]:
    """Every shape that this release has heard of."""
    return {each.revision for each in ScriptDirectory.from_config(config()).walk_revisions()}


def present(database: Database) -> str | None:
    """The revision a database is at; None for an empty one."""
    with database.read() as db:  # anybody may ask for this: no writer waits for it, nor it for one
        return MigrationContext.configure(db.connection()).get_current_revision()


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the database to the newest shape; nothing happens when it is there."""
    made = config()
    with database.engine.begin() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, to)


def downgrade(database: Database, to: str = "base") -> None:
    made = config()
    with database.engine.begin() as connection:
        made.attributes["connection"] = connection
        command.downgrade(made, to)


def problem(database: Database) -> str:
    """What keeps the database from being used, and what to do; empty when nothing does.

    A shape that we do not know is that of the next release: its migrations go first, and this
    release works on with them until it is replaced.
    """
    try:
        at = present(database)
    except DBAPIError as e:
        return f"cannot be reached ({type(e.orig).__name__})"
    if at == wanted() or (at and at not in known()):
        return ""
    return f"is at {at}, should be at {wanted()}: run musubi db upgrade"
