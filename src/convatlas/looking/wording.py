"""Sentences in English and Chinese, and numbers in them."""

from math import isfinite
from typing import NamedTuple


class Text(NamedTuple):
    """A line in English and in Chinese."""

    en: str
    zh: str

    @classmethod
    def same(cls, text: str) -> "Text":
        """What is said alike in both."""
        return cls(text, text)


def short(value: float) -> str:
    """Three digits and a real minus sign: ``0.734``, ``−12.1``, ``1.2e−05``."""
    if not isfinite(value):
        return {True: "∞", False: "−∞"}.get(value > 0, "?") if value == value else "?"
    text = f"{value:.3g}"
    return text.replace("-", "−") if float(text) else "0"


def added(value: float) -> str:
    """As a further summand: ``" + 0.1"`` or ``" − 0.1"``."""
    return f" − {short(-value)}" if value < 0 else f" + {short(value)}"
