"""Rich menu images: decoded, not believed."""

import io

from PIL import Image, UnidentifiedImageError

from simulator.errors import LineError
from simulator.state import Json

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
HEAVIEST = 1024 * 1024
WRONG_SIZE = "The image size is not allowed for richmenu"


def check(mimetype: str, image: bytes, size: Json) -> None:
    """A JPEG or PNG that is what it says it is, light enough, and of the menu's own size."""
    if mimetype not in FORMATS:
        raise LineError(415, f"Content-Type '{mimetype}' is not supported")
    if len(image) > HEAVIEST:
        raise LineError(400, "The image file size is too large for richmenu")
    format_found, measured = _decoded(image)
    if format_found != FORMATS[mimetype]:
        raise LineError(400, "The image format does not match the Content-Type")
    width, height = measured
    allowed = 800 <= width <= 2500 and height >= 250 and width / height >= 1.45
    if not allowed or measured != (size["width"], size["height"]):
        raise LineError(400, WRONG_SIZE)


def _decoded(image: bytes) -> tuple[str | None, tuple[int, int]]:
    try:
        with Image.open(io.BytesIO(image)) as opened:
            opened.load()
            return opened.format, opened.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise LineError(400, "The image could not be read") from error
