"""Shapes of a picture on the command line: ``28``, ``64x128`` or ``3x64x128``."""

import re

from convatlas.errors import UsageError


def parse_shape(text: str | None) -> tuple[int, ...] | None:
    """One to three numbers from ``"28"``, ``"64x128"``, ``"3x64x128"`` (also with ×).

    Raises:
        UsageError: anything else.
    """
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,4}([x×,][1-9]\d{0,4}){0,2}", text.strip().lower()):
        raise UsageError(
            f"--input {text}: must be channels×height×width (3x64x128), height×width "
            "(64x128) or a side in pixels (28)"
        )
    return tuple(int(number) for number in re.findall(r"\d+", text))
