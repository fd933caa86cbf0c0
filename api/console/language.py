"""Chinese unless this browser asked for English."""

from fastapi import Request

LANGUAGE = "livecrew_lang"


def is_english(request: Request) -> bool:
    return request.cookies.get(LANGUAGE) == "en"
