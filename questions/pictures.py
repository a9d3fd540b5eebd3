"""Images of questions: which are taken, within which bounds, and as what they are kept. Of Django only its errors.

An SVG is refused: it can hold scripts and load other files, and no well-kept library takes just these out.
"""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePath

from django.core.exceptions import ValidationError

MAX_BYTES = 2_000_000
MAX_SIDE = 4_000
MAX_PIXELS = 8_000_000  # decoded they take 32 MB
MOST = 6  # of one question
LONGEST_NAME = 80
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\.(?:png|jpg|webp)")
OPTIONS = {"PNG": {}, "JPEG": {"quality": 90}, "WEBP": {"quality": 90}}
NO_IMAGE = "This is no image that can be read: PNG, JPEG or WebP."
TOO_LARGE = f"An image may have {MAX_BYTES // 1_000_000} MB at most."


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def looked_at(content: bytes) -> Picture:
    """As it is, for what we trust: a file of the catalog, or what `encoded` has made.

    Raises ValidationError for what is no image, or out of bounds.
    """
    image = _opened(content)
    try:
        image.verify()
    except Exception:  # whatever a decoder may raise
        raise ValidationError(NO_IMAGE) from None
    return Picture(content, CONTENT_TYPES[image.format], *image.size)


def encoded(content: bytes) -> Picture:
    """What somebody uploads, drawn anew: without its metadata and whatever else hides in a file, upright, one frame.

    Raises ValidationError for what is no image, or out of bounds.
    """
    from PIL import ImageOps  # slow to import: only where it is needed

    image = _opened(content)
    try:
        upright = ImageOps.exif_transpose(image)
        out = io.BytesIO()
        _plain(upright, image.format).save(out, image.format, **OPTIONS[image.format])
    except Exception:
        raise ValidationError(NO_IMAGE) from None
    if len(out.getvalue()) > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    return Picture(out.getvalue(), CONTENT_TYPES[image.format], *upright.size)


def name_of(file_name: str) -> str:
    """The name that a text refers to such a file by, such as roc-curve.png.

    Raises ValidationError for a file that no image of ours is named like.
    """
    ending = PurePath(file_name).suffix.lower().replace(".jpeg", ".jpg")
    if ending == ".svg":
        raise ValidationError("An SVG can hold scripts, so it is not taken. Save it as a PNG.")
    if ending not in ENDINGS.values():
        raise ValidationError("Only PNG, JPEG and WebP images are taken.")
    stem = re.sub(r"[^a-z0-9_-]+", "-", PurePath(file_name).stem.lower()).strip("-_")
    return f"{stem[:LONGEST_NAME] or 'image'}{ending}"


def _opened(content: bytes):
    """Its head alone: the size is known before anything is decoded."""
    from PIL import Image

    if len(content) > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        with warnings.catch_warnings(action="ignore"):
            image = Image.open(io.BytesIO(content), formats=list(CONTENT_TYPES))
    except Exception:
        raise ValidationError(NO_IMAGE) from None
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        most = f"{MAX_SIDE:,} on a side and {MAX_PIXELS:,} in all"
        raise ValidationError(f"The image has {width:,} × {height:,} pixels; it may have {most}.")
    return image


def _plain(image, format: str):
    """A copy with nothing but its pixels."""
    from PIL import Image

    has_alpha = format != "JPEG" and ("A" in image.getbands() or "transparency" in image.info)
    pixels = image.convert("RGBA" if has_alpha else "RGB")
    plain = Image.new(pixels.mode, pixels.size)
    plain.paste(pixels)
    return plain
