"""The six digits of a one-time code: derived from its id under the secret key, kept nowhere."""

import hashlib
import hmac
from uuid import UUID

from core.keys import derive
from core.settings import Settings


def digits(code_id: UUID, settings: Settings) -> str:
    """Whoever reads the database learns nothing of a code; only its sender can make it again."""
    mac = hmac.new(derive(settings, "one-time code"), code_id.bytes, hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:16], 'big') % 1_000_000:06d}"
