"""A house number as a network's target, and a network's answer as a house number.

A number of at most ``digits`` digits is a row of ``digits`` classes: 0 to 9 are the
digits, 10 means that there is no digit at this place. Only the end of a row may be
empty: ``"19"`` with five places is ``1 9 10 10 10``.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from convatlas.errors import DataError
from convatlas.spec import NONE as NONE
from convatlas.spec import LabelSpec, Reading, Rule

CLASSES = 11
PLACES = 5  # as the tutorials' networks have; longer numbers are rare


def label_spec(digits: int = PLACES) -> LabelSpec:
    """The classes of numbers that have at most ``digits`` digits."""
    return LabelSpec((*map(str, range(10)), ""), digits)


def encode(numbers: Sequence[str], digits: int = PLACES) -> Tensor:
    """Numbers as targets: N × digits, int64.

    Raises:
        DataError: a number that is empty, too long or not made of the digits 0 to 9.
    """
    labels = torch.full((len(numbers), digits), NONE, dtype=torch.int64)
    for row, number in enumerate(numbers):
        if not is_number(number):
            raise DataError(f"{number!r} is no house number; allowed are digits 0 to 9")
        if len(number) > digits:
            raise DataError(
                f"the number {number} has {len(number)} digits; there are places for "
                f"{digits}"
            )
        labels[row, : len(number)] = torch.tensor([int(digit) for digit in number])
    return labels


def decode(labels: Tensor) -> list[str]:
    """Rows of classes as numbers, each up to its first empty place.

    Args:
        labels: N × digits, 0 to 10. What stands behind an empty place is not read:
            ``1 10 3`` is ``"1"``, never ``"13"``.
    """
    return [_until_empty(row) for row in labels.tolist()]


def read(log_probabilities: Tensor, rule: Rule = "blank") -> list[Reading]:
    """What a network's answers say.

    Args:
        log_probabilities: N × digits × 11, as ``log_softmax`` gives them; a mean of
            several looks need not sum to one.
        rule: ``"blank"`` takes the likeliest class of each place up to the first empty
            one; ``"likeliest"`` takes the number, of one digit at least, that is the
            likeliest as a whole (Goodfellow et al. 2013, appendix A).
    """
    logs = log_probabilities.detach().to("cpu", torch.float64)
    empty = logs[:, :, NONE]
    best, digits = logs[:, :, :NONE].max(dim=2)
    # that the number ends after L digits; after all of them it always does
    ends = torch.cat([empty, torch.zeros(len(logs), 1)], dim=1)
    if rule == "likeliest":
        lengths = likeliest_length(best, ends)
    else:
        is_digit = (best >= empty).to(torch.int64)
        lengths = is_digit.cumprod(dim=1).sum(dim=1)
    return of_lengths(digits, best, ends, lengths)


def likeliest_length(best: Tensor, ends: Tensor) -> Tensor:
    """N: how many digits, at least one, make the likeliest number as a whole.

    Args:
        best: log-probability of the best digit of each place, N × places.
        ends: log-probability that the number has 0, 1, ... places digits.
    """
    return (best.cumsum(dim=1) + ends[:, 1:]).argmax(dim=1) + 1


def of_lengths(
    digits: Tensor, best: Tensor, ends: Tensor, lengths: Tensor
) -> list[Reading]:
    """The readings of the first digits of each row.

    Args:
        digits: the best of each place, N × places.
        best: its log-probability, N × places.
        ends: log-probability that the number has 0, 1, ... places digits.
        lengths: N, how many of the digits to take.
    """
    none = torch.zeros(len(best), 1, dtype=best.dtype)
    whole = torch.cat([none, best.cumsum(dim=1)], dim=1) + ends
    return [
        Reading(
            "".join(map(str, digits[row, :length].tolist())),
            float(whole[row, length].exp()),
            tuple(best[row, :length].exp().tolist()),
        )
        for row, length in enumerate(lengths.tolist())
    ]


def is_number(text: str) -> bool:
    """Whether a text is one digit 0 to 9 or more (``str.isdigit`` takes ``"²"``)."""
    return bool(text) and text.isascii() and text.isdecimal()


def _until_empty(row: Sequence[int]) -> str:
    digits = list(row)
    stop = digits.index(NONE) if NONE in digits else len(digits)
    return "".join(map(str, digits[:stop]))
