"""The models and the migrations agree, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core import migrations
from core.database import connect
from models import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path, make_postgresql):
    sqlite = f"sqlite:///{tmp_path / 'empty.db'}"
    database = connect(sqlite if request.param == "sqlite" else make_postgresql("migrated"))
    yield database
    database.close()


def test_the_migrations_make_what_the_models_say(empty):
    migrations.upgrade(empty)
    assert migrations.present(empty) == migrations.wanted()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(empty):
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    assert migrations.present(empty) == migrations.wanted()


def test_there_is_a_way_back(empty):
    migrations.upgrade(empty)
    migrations.downgrade(empty)
    assert migrations.present(empty) is None


def test_a_database_that_the_next_release_has_upgraded_is_used(empty):
    """Its migrations go first, while this release still runs."""
    migrations.upgrade(empty)
    assert migrations.problem(empty) == ""
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of_the_next'")
    assert migrations.problem(empty) == ""


def test_a_database_that_is_behind_is_not(empty):
    assert "musubi db upgrade" in migrations.problem(empty)
