"""The studio's pages: the list, the editor as a plain form, pictures, two editors at once."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from models import DeskSave, MenuDraft, Role, StaffAudit
from richmenus import desk, drafts
from tests.staff.conftest import Site, page


def sent(size: tuple[int, int] = (2500, 1686), kind: str = "PNG", **how: Any) -> bytes:
    kept = BytesIO()
    Image.new(how.pop("mode", "RGB"), size, how.pop("color", "teal")).save(kept, kind, **how)
    return kept.getvalue()


def fields(client: FlaskClient, site: Site, key: str = "gold") -> dict[str, str]:
    """The editor's form, as a browser would send it untouched."""
    found = page(site.get(client, f"/staff/menus/key/{key}/edit"))
    (form,) = [form for form in found.forms if form.id == "menu-form"]
    return dict(form.fields)


@pytest.fixture
def editor(site: Site) -> FlaskClient:
    drafts.see_to(site.database, site.settings, site.clock())
    return site.as_(Role.EDITOR)


def test_look(site: Site, editor: FlaskClient) -> None:
    for path in (
        "/staff/menus",
        "/staff/menus/new",
        "/staff/menus/key/gold",
        "/staff/menus/key/gold/edit",
        "/staff/menus/key/gold/compose",
        "/staff/menus/key/member/edit",
        "/staff/menus/key/gold/history",
        "/staff/menus/key/gold?as=nobody",
    ):
        answer = site.get(editor, path)
        assert answer.status_code == 200, (path, answer.text[:2000])
