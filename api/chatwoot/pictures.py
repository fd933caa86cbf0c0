"""Photos a shopper sent there become attachments here."""

from dataclasses import dataclass

from agents.conversations.pictures import MAX_BYTES, Picture, cleaned
from api.chatwoot.client import ChatwootApi
from api.chatwoot.errors import ChatwootError
from api.chatwoot.payload import Theirs
from knowledge.kit.errors import InvalidInputError

_MOST = 5


@dataclass(frozen=True)
class Files:
    """`unread`: how many files there were that the desk cannot show: voice, video, documents, broken pictures."""

    pictures: tuple[Picture, ...]
    unread: int


async def files_of(api: ChatwootApi, message: Theirs) -> Files:
    """Raises: ChatwootError where asking again may get a picture."""
    pictures: list[Picture] = []
    for kind, url in message.files[:_MOST]:
        if kind == "image" and url:
            try:
                pictures.append(await cleaned(await api.file(url, limit=MAX_BYTES)))
            except InvalidInputError:
                continue
            except ChatwootError as error:
                if not error.lasting:
                    raise
    return Files(tuple(pictures), len(message.files) - len(pictures))
