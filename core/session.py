"""An open transaction, by the name surfaces pass it on by, and how a database can fail them."""

from sqlalchemy import exc, orm

Session = orm.Session
"""What `Database.begin()` gives. Only features ask it anything."""

DOWN = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""The database cannot be had just now."""

TROUBLE = exc.SQLAlchemyError
"""Anything the database may object to."""
