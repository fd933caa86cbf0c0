"""A picture from outside becomes one of ours: decoded, turned upright, made smaller, encoded anew. Nothing of the file
that came in is kept but its pixels, so neither the place it was taken at nor anything hidden in it is stored."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageOps

from knowledge.kit.errors import InvalidInputError

MAX_BYTES = 8 * 1024 * 1024
MAX_EDGE = 2048
MAX_PIXELS = 50_000_000  # a 48-megapixel phone's photo; decoded it fills about 150 MB
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY = 88
_DECODERS = ThreadPoolExecutor(2, thread_name_prefix="picture")  # as many large pictures in memory at once


@dataclass(frozen=True)
class Picture:
    media_type: str
    width: int
    height: int
    content: bytes


async def cleaned(content: bytes) -> Picture:
    """The type is told by the content, never by the file's name. Raises: InvalidInputError."""
    if len(content) > MAX_BYTES:
        raise _refused("The picture is too large.", f"at most {MAX_BYTES} bytes")
    return await asyncio.get_running_loop().run_in_executor(_DECODERS, _cleaned, content)


def _refused(detail: str, rule: str) -> InvalidInputError:
    return InvalidInputError(detail, field="file", rule=rule)


def _cleaned(content: bytes) -> Picture:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as opened:
            return _encoded(_pixels(opened), opened.format or "")
    except InvalidInputError:
        raise
    except Exception as error:  # decoders fail in many ways on files made to break them
        raise _refused("This is no picture we can read.", "a whole JPEG, PNG or WebP picture") from error


def _pixels(opened: Image.Image) -> Image.Image:
    """Pixels alone: what the file said beside them stays behind in the picture it came in."""
    if opened.width * opened.height > MAX_PIXELS:
        raise _refused("The picture has too many pixels.", f"at most {MAX_PIXELS} pixels")
    opened.draft("RGB", (MAX_EDGE, MAX_EDGE))  # JPEG only: decodes a large photo at half its size or less
    upright = ImageOps.exif_transpose(opened)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    plain.thumbnail((MAX_EDGE, MAX_EDGE), Image.Resampling.LANCZOS)
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _encoded(clean: Image.Image, kind: str) -> Picture:
    written = io.BytesIO()
    if kind == "PNG":
        clean.save(written, "PNG", optimize=True)
    else:
        clean.save(written, kind, quality=_QUALITY)
    return Picture(_FORMATS[kind], clean.width, clean.height, written.getvalue())
