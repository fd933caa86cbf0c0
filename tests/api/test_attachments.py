"""Pictures: what is kept of a file from outside, who reads it, and how many there may be."""

import io
import struct
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from agents.conversations.attachments import MAX_ATTACHMENTS
from agents.conversations.pictures import MAX_BYTES, MAX_EDGE, cleaned
from knowledge.kit.errors import InvalidInputError
from tests.api.conftest import Talk, open_talk

_ORIENTATION, _GPS, _MAKER = 0x0112, 0x8825, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: Any) -> bytes:
    """The left half is red, the right half blue."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.convert(mode).save(written, kind, **more)
    return written.getvalue()


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


async def _upload(talk: Talk, content: bytes, name: str = "a.jpg", media_type: str = "image/jpeg") -> httpx.Response:
    files = {"file": (name, content, media_type)}
    return await talk.client.post(f"{talk.path}/attachments", files=files, headers=talk.headers)


async def _uploaded(talk: Talk, content: bytes) -> str:
    answer = await _upload(talk, content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["attachment_id"])


# what is kept ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_nothing_but_pixels_is_kept(kind: str) -> None:
    exif = Image.Exif()
    exif[_MAKER] = "密语相机 secret-maker"
    exif.get_ifd(_GPS)[2] = (30.0, 15.0, 12.0)
    more: dict[str, Any] = {"exif": exif, "icc_profile": b"secret-profile" * 20, "xmp": b"<x>secret-xmp</x>"}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "secret-note")
        notes.add_itxt("XML:com.adobe.xmp", "secret-xmp")
        more = {"exif": exif, "icc_profile": more["icc_profile"], "pnginfo": notes}
    if kind == "JPEG":
        more["comment"] = b"secret-note"
    dirty = picture(kind, **more) + b"secret-tail"
    assert b"secret" in dirty
    kept = await cleaned(dirty)
    assert b"secret" not in kept.content
    again = _opened(kept.content)
    assert (again.format, kept.media_type) == (kind, f"image/{kind.lower()}")
    assert not again.getexif()
    assert not {"icc_profile", "comment", "xmp", "exif", "XML:com.adobe.xmp", "Comment"} & set(again.info)


async def test_a_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # the camera was held upright: what was stored on the left belongs at the top
    kept = await cleaned(picture(exif=exif))
    again = _opened(kept.content).convert("RGB")
    assert (kept.width, kept.height) == again.size == (20, 40)
    top, bottom = again.getpixel((10, 3)), again.getpixel((10, 36))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]


async def test_a_large_picture_is_made_smaller_in_proportion() -> None:
    kept = await cleaned(picture(size=(5000, 1000)))
    assert (kept.width, kept.height) == (MAX_EDGE, 410)
    small = await cleaned(picture("PNG", size=(30, 10)))
    assert (small.width, small.height) == (30, 10)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1")]
)
async def test_every_kind_of_pixel_is_understood(kind: str, mode: str) -> None:
    kept = await cleaned(picture(kind, mode=mode))
    assert _opened(kept.content).size == (40, 20)


async def test_a_moving_picture_stands_still() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    assert getattr(_opened((await cleaned(written.getvalue())).content), "n_frames", 1) == 1


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        _SVG,
        b"<html><script>alert(1)</script></html>",
        picture("GIF", mode="P"),
        picture("BMP"),
        picture("TIFF"),
        picture("PDF"),
        picture()[:-200],
        picture("PNG")[:60],
        b"\xff\xd8\xff\xe0" + b"\0" * 400,
        _bomb(100_000, 100_000),
        _bomb(9000, 9000),
        b"x" * (MAX_BYTES + 1),
    ],
    ids=range(14),
)
async def test_what_is_no_whole_picture_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await cleaned(content)
    assert raised.value.data["field"] == "file"


# who reads it ---------------------------------------------------------------------------------------------------------


async def test_a_picture_goes_with_a_message_and_is_read_back(talk: Talk) -> None:
    first, second = await _uploaded(talk, picture()), await _uploaded(talk, picture("PNG"))
    posted = await talk.post("", attachment_ids=[second, first], client_key="k")
    assert posted.status_code == 202
    (message, *_) = (await talk.read())["messages"]
    assert message["text"] == ""
    assert [(one["attachment_id"], one["media_type"]) for one in message["attachments"]] == [
        (second, "image/png"),
        (first, "image/jpeg"),
    ]
    assert message["attachments"][0] == {"attachment_id": second, "media_type": "image/png", "width": 40, "height": 20}
    answer = await talk.client.get(f"{talk.path}/attachments/{first}", headers=talk.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert _opened(answer.content).size == (40, 20)


async def test_the_type_is_told_by_the_content(talk: Talk) -> None:
    answer = await _upload(talk, picture("PNG"), name="evil.html", media_type="text/html")
    assert answer.json()["media_type"] == "image/png"
    assert (await _upload(talk, _SVG, name="a.png", media_type="image/png")).status_code == 422


async def test_a_picture_is_read_with_its_conversation_s_token_only(talk: Talk, api_shop: str) -> None:
    attachment_id = await _uploaded(talk, picture())
    other = await open_talk(talk.client, api_shop)
    for path in (talk.path, other.path):
        for headers in ({}, other.headers):
            answer = await talk.client.get(f"{path}/attachments/{attachment_id}", headers=headers)
            assert answer.status_code in (401, 404)
    assert (await other.post("看", attachment_ids=[attachment_id])).status_code == 422
    stolen = await talk.client.post(
        f"{talk.path}/attachments", files={"file": ("a.jpg", picture())}, headers=other.headers
    )
    assert stolen.status_code == 401


# how many there may be ------------------------------------------------------------------------------------------------


async def test_the_same_upload_again_is_the_picture_already_there(talk: Talk) -> None:
    first, again = await _uploaded(talk, picture()), await _uploaded(talk, picture())
    assert first == again
    await talk.post("看", attachment_ids=[first])
    assert await _uploaded(talk, picture()) != first


@pytest.mark.parametrize("ids", [["att_no"], ["{0}", "{0}"], ["{0}", "att_no"]])
async def test_a_message_carries_pictures_that_are_there_once(talk: Talk, ids: list[str]) -> None:
    held = await _uploaded(talk, picture())
    answer = await talk.post("看", attachment_ids=[one.format(held) for one in ids])
    assert (answer.status_code, answer.json()["data"]["field"]) == (422, "attachment_ids")
    assert (await talk.read())["messages"] == []


async def test_a_picture_is_sent_once_and_a_retry_is_no_second_time(talk: Talk) -> None:
    held = await _uploaded(talk, picture())
    answers = [await talk.post("看", attachment_ids=[held], client_key="k") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await talk.post("看", attachment_ids=[held])).status_code == 422
    assert (await talk.post("看", client_key="k")).status_code == 422  # the key was used for a message with a picture


async def test_a_conversation_holds_so_many_pictures(talk: Talk) -> None:
    for n in range(MAX_ATTACHMENTS):
        await _uploaded(talk, picture(size=(20 + n, 10)))
    answer = await _upload(talk, picture(size=(99, 10)))
    assert (answer.status_code, answer.json()["data"]["limit"]) == (409, MAX_ATTACHMENTS)
    await _uploaded(talk, picture(size=(20, 10)))  # one of those already there
