"""The web process with SQLite told to wait for the disk at each commit, to be compared."""

import sqlite3
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app import create_app as plain


def create_app() -> Flask:
    @event.listens_for(Engine, "checkout")
    def _wait_for_the_disk(connection: Any, _entry: object, _proxy: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=FULL")

    return plain()
