"""One secret key, many purposes: each gets a key of its own, so that none can stand for another."""

import hashlib
import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.settings import Settings


def derive(settings: Settings, purpose: str) -> bytes:
    """32 bytes that only this purpose has."""
    return _derive(settings.secret_key.get_secret_value(), purpose)


@lru_cache(maxsize=64)
def _derive(secret: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"musubi {purpose}".encode())
    return kdf.derive(secret.encode())


def digest(settings: Settings, purpose: str, value: str) -> str:
    """What stands for a value where it may be counted but not read; 64 hex digits."""
    return hmac.new(derive(settings, purpose), value.encode(), hashlib.sha256).hexdigest()
