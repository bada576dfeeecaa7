"""Any number of friends, half of them members, written by the database itself within seconds."""

import hashlib
import sqlite3

from sqlalchemy import Connection, text

from core.database import Database

AT = {"postgresql": "2026-01-05 00:00:00+00", "sqlite": "2026-01-05 00:00:00.000000"}
EPOCH = 1
"""Everybody has followed once (`Friend.menu_epoch`)."""
SERIES = {
    "postgresql": "generate_series(1, {number}) AS s(n)",
    "sqlite": (
        "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {number})"
        " SELECT n FROM s) AS s"
    ),
}
FRIENDS = """
INSERT INTO friend (id, line_user_id, following, friendship_at, followed_at, display_name,
  language, created_at, menu_epoch)
SELECT {friend}, 'U' || md5('f' || n), TRUE, '{at}', '{at}', 'Friend ' || n, 'ja', '{at}', {epoch}
FROM {series}
"""
MEMBERS = """
INSERT INTO member (id, number, phone, name, kana, birthday, gender, rank, points, store, status,
  joined_on, language, extra, created_at, updated_at)
SELECT {member}, 'B' || n, '+8190' || (10000000 + n), '会員 ' || n, 'カイイン',
  '19' || (50 + n % 50) || '-' || substr('0' || (1 + n % 12), -2, 2) || '-15', 'F',
  CASE WHEN n % 100 = 2 THEN 'platinum' WHEN n % 20 = 4 THEN 'gold' ELSE 'regular' END,
  n % 10000 * 7919 % 10000, CASE n % 3 WHEN 0 THEN '渋谷店' WHEN 1 THEN '横浜店' ELSE '梅田店' END,
  'active', '2025-04-01', 'ja', '{{}}', '{at}', '{at}'
FROM {series} WHERE n % 2 = 0
"""
LINKS = """
INSERT INTO link (id, friend_id, member_id, how, started_at, started_by, ended_by)
SELECT {link}, {friend}, {member}, 'phone', '{at}', 'friend', ''
FROM {series} WHERE n % 2 = 0
"""


def put(database: Database, number: int) -> None:
    """Friends 1 to `number`; those of an even number are linked members."""
    with database.engine.begin() as connection:
        for statement in (FRIENDS, MEMBERS, LINKS):
            connection.execute(text(_for(connection, statement, number).replace(":", "\\:")))
    analyse(database)


def _for(connection: Connection, statement: str, number: int) -> str:
    kind = connection.dialect.name
    ids = {name: f"md5('{name[0]}' || n)" for name in ("friend", "member", "link")}
    if kind == "sqlite":
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.create_function("md5", 1, _md5, deterministic=True)
    else:
        ids = {name: f"{said}::uuid" for name, said in ids.items()}
        statement = (
            statement.replace("-15', 'F'", "-15')::date, 'F'")
            .replace("  '19' ||", "  ('19' ||")
            .replace("substr('0' || (1 + n % 12), -2, 2)", "right('0' || (1 + n % 12), 2)")
        )
    series = SERIES[kind].format(number=number)
    return statement.format(at=AT[kind], epoch=EPOCH, series=series, **ids)


def _md5(words: str) -> str:
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()


def analyse(database: Database) -> None:
    """What a database in use has done by itself: statistics, and old row versions cleared."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        kind = connection.dialect.name
        connection.exec_driver_sql("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")
