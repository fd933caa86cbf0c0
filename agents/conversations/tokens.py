"""The shopper holds a conversation's token; we hold its digest and, once it was replaced, that of the one before."""

import hashlib
import hmac
import secrets

from agents.conversations.models import Conversation


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Tokens are 256 random bits: a plain digest is as safe as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def opens(conversation: Conversation, token: str) -> bool:
    return hmac.compare_digest(conversation.token_hash, token_hash(token))


def opened_before(conversation: Conversation, token: str) -> bool:
    """Whether the token is the one that the present one replaced."""
    previous = conversation.previous_token_hash or ""
    return hmac.compare_digest(previous, token_hash(token))
