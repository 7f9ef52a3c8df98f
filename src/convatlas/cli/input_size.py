"""Sizes on the command line: ``28`` or ``64x128``."""

import re

from convatlas.errors import UsageError


def parse_size(text: str | None, flag: str = "--input") -> tuple[int, int] | None:
    """(height, width) from ``"28"`` or ``"64x128"`` (also with ×); None from None.

    Raises:
        UsageError: anything else.
    """
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,4})(?:[x×]([1-9]\d{0,4}))?", text.strip().lower())
    if not found:
        raise UsageError(
            f"{flag} {text}: must be a side in pixels (28) or height×width (64x128)"
        )
    height, width = found.groups()
    return int(height), int(width or height)
