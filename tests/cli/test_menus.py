"""`musubi menus export` and `apply`: files and the staff site's desk are one thing."""

import pytest
from click.testing import CliRunner

from cli import menus
from cli.parts import Parts
from richmenus import desk, drafts, publications
from tests.richmenus.situations import Folder


@pytest.fixture
def folder(tmp_path, settings):
    return Folder(tmp_path / "menus", settings)


@pytest.fixture
def musubi(folder, database, line):
    def musubi(*words, **changed):
        parts = Parts(folder.settings.model_copy(update=changed))
        parts.__dict__.update(database=database, line=line)
        return CliRunner().invoke(menus.command, words, obj=parts)

    return musubi


def test_a_round_trip_changes_nothing(musubi, folder, database, line, tmp_path):
    assert musubi("apply").exit_code == 0
    with database.read() as db:
        first = publications.in_force(db).edition.fingerprint
        saves = desk.saves(db)
    out = tmp_path / "out"
    assert "Wrote 7 files" in musubi("export", str(out)).output
    line.calls.clear()
    said = musubi("apply", menus_dir=out)
    assert "Nothing to do" in said.output, said.output
    assert not {"create_menu", "delete_menu", "set_menu_alias"} & set(line.calls)
    with database.read() as db:
        assert publications.in_force(db).edition.fingerprint == first
        assert desk.saves(db) == saves


def test_apply_lays_the_folder_on_the_desk(musubi, folder, database, now):
    drafts.see_to(database, folder.settings, now)
    folder.paint("gold", "navy")
    musubi("apply")
    with database.read() as db:
        assert not desk.changed(db, folder.settings)
        assert [save.what for save in desk.history(db, "gold")] == ["laid", "laid"]


def test_what_is_in_force_can_be_exported_too(musubi, folder, database, now, tmp_path):
    assert musubi("export", str(tmp_path / "x"), "--published").exit_code == 1
    musubi("apply")
    with database.begin() as db:
        gold = desk.read(db, folder.settings).menu("gold")
        changed = {**gold.definition, "chatBarText": "別の文字"}
        how = {"by": "x", "now": now, "settings": folder.settings}
        drafts.save_menu(db, "gold", changed, gold.pictures, seen=gold.version, **how)
    musubi("export", str(tmp_path / "a"))
    musubi("export", str(tmp_path / "b"), "--published")
    assert "別の文字" in (tmp_path / "a" / "gold" / "menu.yaml").read_text("utf-8")
    assert "別の文字" not in (tmp_path / "b" / "gold" / "menu.yaml").read_text("utf-8")


def test_a_folder_that_holds_something_is_left_alone(musubi, tmp_path):
    (tmp_path / "mine.txt").write_text("keep me", "utf-8")
    said = musubi("export", str(tmp_path))
    assert said.exit_code == 1
    assert "is not empty" in said.output
