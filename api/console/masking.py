"""A shopper's words as an operator may see them: as they were written, save what is personal."""

from agents.support.screen import screen


def masked(text: str) -> str:
    """Words without anything personal stay exactly as they were written; masking folds the rest of a text too."""
    screened = screen(text)
    return screened.masked if screened.pii else text
