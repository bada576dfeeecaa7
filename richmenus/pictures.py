"""The pictures we keep: by what is in them, so that the same one is kept once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.inserting import insert_all_new
from models import MenuPicture
from richmenus import images
from richmenus.checking import Seen
from richmenus.images import Picture


def keep(
    db: Session,
    pictures: Iterable[Picture],
    *,
    now: datetime | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> None:
    """`now`: staff bring them, and what comes to nothing may be forgotten."""
    rows = []
    for each in pictures:
        width, height = images.size_of(each.content) or (None, None)
        row = {"sha256": each.sha256, "content_type": each.content_type, "content": each.content}
        rows.append(row | {"width": width, "height": height, "taken_at": now, "recipe": recipe})
    insert_all_new(db, MenuPicture, rows)
    if now is not None:  # brought again: it waits anew for being used
        mine = MenuPicture.sha256.in_([row["sha256"] for row in rows])
        brought_before = mine & MenuPicture.taken_at.is_not(None)
        db.execute(update(MenuPicture).where(brought_before).values(taken_at=now))
        if recipe is not None:
            db.execute(update(MenuPicture).where(mine).values(recipe=recipe))


@dataclass(frozen=True)
class Size:
    """What a check needs to know of a picture, which was decoded when it was taken."""

    width: int
    height: int


def sizes(db: Session, hashes: Collection[str]) -> dict[str, Size]:
    """Of those that are kept."""
    row = MenuPicture
    found = db.execute(select(row.sha256, row.width, row.height).where(row.sha256.in_(hashes)))
    return {
        sha256: Size(*(size if all(size) else _measured(db, sha256))) for sha256, *size in found
    }


def _measured(db: Session, sha256: str) -> tuple[int, int]:
    """Of a picture that was kept before sizes were noted."""
    content = db.scalars(select(MenuPicture.content).where(MenuPicture.sha256 == sha256)).one()
    return images.size_of(content) or (0, 0)


def kinds(db: Session, hashes: Collection[str]) -> dict[str, str]:
    """`image/png` or `image/jpeg`, of those that are kept."""
    row = MenuPicture
    found = select(row.sha256, row.content_type).where(row.sha256.in_(hashes))
    return dict(db.execute(found).all())


def content(db: Session, sha256: str) -> Picture:
    """Raises NotFound."""
    row = db.get(MenuPicture, sha256)
    if row is None:
        raise NotFound("staff_menus.no_such_picture")
    return Picture(row.content, row.content_type)


def look(sizes: Mapping[str, Size], files: Mapping[str, str], name: str, *said: int) -> Seen | None:
    """A `checking.Look` at kept pictures, without decoding them again."""
    size = sizes.get(files.get(name, ""))
    if size is None:
        return None
    found, wanted = (size.width, size.height), (said[0], said[1])
    faults = [] if found == wanted else [images.other_size(found, wanted)]
    return Seen(files[name], faults)
