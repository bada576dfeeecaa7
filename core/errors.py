"""What can go wrong for a person, as a text key and its values; `web/` makes a page of each."""


class MusubiError(Exception):
    """Something a person should be told. `key` is a text of `texts/`, `values` fill its blanks."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class NotFound(MusubiError):
    """There is no such thing, or not for this person."""


class NotAllowed(MusubiError):
    """Whoever asks may not."""


class Conflict(MusubiError):
    """Somebody else was first, or the world has moved on."""


class Invalid(MusubiError):
    """What was given cannot be used; the text says what to do about it."""


class TooMany(MusubiError):
    """Asked too often; `values["seconds"]` says how long to wait."""
