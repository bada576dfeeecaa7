"""What was published when, and what we remember of LINE: reading it, and putting it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.inserting import insert_all_new
from core.owed import State
from models import MenuBook, MenuMove, MenuRevision, Publication, PublishRun, Revised
from richmenus import book as books
from richmenus import pictures, planning, showing
from richmenus.editions import Edition, Page, Source
from richmenus.planning import AtLine, Difference, Kept, Memory


@dataclass(frozen=True)
class Published:
    """The edition in force, and which publication brought it."""

    publication: Publication
    edition: Edition
    ids: dict[Page, str]
    """LINE's id of each page; empty where LINE has none."""


def in_force(db: Session) -> Published | None:
    book = db.get(MenuBook, books.ONLY)
    if book is None or book.publication_id is None:
        return None
    publication = db.get_one(Publication, book.publication_id)
    revisions = _revisions(db, [publication])
    edition = _edition(publication, revisions)
    at_line = [revisions[UUID(each)].line_menu_id or "" for _, _, each in publication.pages]
    return Published(publication, edition, dict(zip(edition.pages, at_line, strict=True)))


def edition_of(db: Session, row: Publication | PublishRun) -> Edition:
    """What was published, or is to be."""
    return _edition(row, _revisions(db, [row]))


def editions_of(db: Session, rows: Sequence[Publication]) -> dict[int, Edition]:
    """Each one's edition by its number, by one statement for all."""
    revisions = _revisions(db, rows)
    return {row.number: _edition(row, revisions) for row in rows}


def _revisions(
    db: Session, rows: Sequence[Publication | PublishRun]
) -> Mapping[UUID, MenuRevision]:
    ids = {UUID(each) for row in rows for _, _, each in row.pages}
    found = db.scalars(select(MenuRevision).where(MenuRevision.id.in_(ids)))
    return {revision.id: revision for revision in found}


def _edition(row: Publication | PublishRun, revisions: Mapping[UUID, MenuRevision]) -> Edition:
    pages = tuple(_page(revisions[UUID(each)]) for _, _, each in row.pages)
    sources = tuple(Source(**each) for each in row.menus)
    return Edition(pages, tuple(row.rules), sources=sources)


def _page(row: MenuRevision) -> Page:
    return Page(row.key, row.tab, row.body, row.picture, row.content_hash)


def memory(db: Session) -> Memory:
    """What a plan is compared with."""
    kept = tuple(
        Kept(row.key, row.tab, row.content_hash, row.line_menu_id, row.state == Revised.READY)
        for row in db.scalars(select(MenuRevision).where(MenuRevision.line_menu_id.is_not(None)))
        if row.line_menu_id
    )
    now = in_force(db)
    open_moves = db.scalars(select(MenuMove.moves).where(MenuMove.state == State.DUE))
    moving = frozenset(menu for moves in open_moves for move in moves for menu in move)
    people = showing.people(db)
    if now is None:
        return Memory(kept=kept, people=people, moving=moving)
    return Memory(
        kept=kept,
        published=now.edition.fingerprint,
        current=frozenset(menu for menu in now.ids.values() if menu),
        default=now.ids[now.edition.default],
        aliases={each: now.ids[page] for each, page in now.edition.aliases.items()},
        people=people,
        moving=moving,
    )


def drift(db: Session, at_line: AtLine) -> tuple[Difference, ...]:
    """What somebody else has changed at LINE since we left it."""
    return tuple(planning.drift(memory(db), at_line))


def keep(db: Session, edition: Edition) -> None:
    """Remember pages and pictures, before LINE hears of them."""
    pictures.keep(db, edition.pictures.values())
    insert_all_new(
        db,
        MenuRevision,
        [
            {
                "id": uuid4(),
                "key": page.key,
                "tab": page.tab,
                "content_hash": page.content_hash,
                "body": dict(page.body),
                "picture": page.picture,
                "state": Revised.WANTED,
            }
            for page in edition.pages
        ],
    )


def begin(db: Session) -> None:
    """See that there is a book."""
    insert_all_new(db, MenuBook, [{"id": books.ONLY, "marker": ""}])


def revision(db: Session, page: Page) -> MenuRevision:
    return db.scalars(
        select(MenuRevision).where(
            MenuRevision.key == page.key,
            MenuRevision.tab == page.tab,
            MenuRevision.content_hash == page.content_hash,
        )
    ).one()


def publish(
    db: Session, edition: Edition, now: datetime, *, by: str, restores: int | None
) -> Publication:
    """Put an edition in force. LINE must have its menus already."""
    pages = [[page.key, page.tab, str(revision(db, page).id)] for page in edition.pages]
    number = (db.scalar(select(func.max(Publication.number))) or 0) + 1
    publication = Publication(
        id=uuid4(),
        number=number,
        rules=list(edition.rules),
        pages=pages,
        menus=[source.kept() for source in edition.sources],
        fingerprint=edition.fingerprint,
        published_at=now,
        published_by=by,
        restores=restores,
    )
    db.add(publication)
    db.flush()
    db.get_one(MenuBook, books.ONLY).publication_id = publication.id
    return publication


def before(db: Session, publication: Publication) -> Publication | None:
    """What a rollback brings back: what was in force before, and not by a rollback."""
    number = publication.restores or publication.number
    return db.scalar(
        select(Publication)
        .where(Publication.number < number, Publication.restores.is_(None))
        .order_by(Publication.number.desc())
        .limit(1)
    )


def current_number(db: Session) -> int:
    """Of the publication in force; 0: none."""
    number = select(Publication.number).join(MenuBook, MenuBook.publication_id == Publication.id)
    return db.scalar(number) or 0


def listed(db: Session, *, limit: int, offset: int = 0) -> tuple[list[Publication], int]:
    """Newest first, and how many there are in all."""
    newest = select(Publication).order_by(Publication.number.desc()).limit(limit).offset(offset)
    total = db.scalar(select(func.count()).select_from(Publication)) or 0
    return list(db.scalars(newest)), total


def numbered(db: Session, number: int) -> Publication | None:
    return db.scalar(select(Publication).where(Publication.number == number))
