"""A number out of a network's answers, place by place, without torch.

Says what ``convatlas.readings`` says of heads that answer N × places × 11; its tests
compare the two.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convatlas.spec import NONE, Reading

Floats = NDArray[np.floating[Any]]
Combine = Literal["mean", "surest", "mixture"]
Lengths = tuple[int, int]  # fewest and most digits


def read_looks(
    looks: Floats,
    *,
    temperature: float = 1.0,
    combine: Combine = "mean",
    lengths: Lengths | None = None,
) -> tuple[Reading, int]:
    """What several looks at one picture say together.

    Args:
        looks: logits, looks × places × 11.
        temperature: that they are divided by before they become probabilities.
        combine: ``"mean"`` averages the log-probabilities of each place; ``"surest"``
            takes the look that is the surest of its number; ``"mixture"`` averages the
            probabilities that whole numbers have in each look, and takes the likeliest
            of those that one look finds the likeliest. Looks that see different things
            do not mix their digits then.
        lengths: how many digits the number may have, the likeliest such number is
            taken; None reads up to the first empty place.

    Returns:
        The number, and which look finds it the likeliest.
    """
    logs = _log_probabilities(looks.astype(np.float64) / temperature)
    if combine == "mean":
        together = logs[:1]
        if len(logs) > 1:
            together = _log_probabilities(logs.mean(axis=0, keepdims=True))
        said = _reading(together[0], lengths)
    else:
        each = [_reading(look, lengths) for look in logs]
        if combine == "mixture":
            each = [_in_all(logs, reading.number) for reading in each]
        said = max(each, key=lambda reading: reading.confidence)
    sure = [_probability(look, said.number) for look in logs]
    return said, int(np.argmax(sure))


def _reading(logs: Floats, lengths: Lengths | None) -> Reading:
    """Of the log-probabilities of one picture, places × 11."""
    digits = logs[:, :NONE].argmax(axis=1)
    best = logs[:, :NONE].max(axis=1)
    # that the number has 0, 1, ... places digits; after all of them it always ends
    whole = np.append(0, best.cumsum()) + np.append(logs[:, NONE], 0)
    if lengths is None:
        is_digit = best >= logs[:, NONE]
        length = int(is_digit.cumprod().sum())
    else:
        fewest, most = lengths
        length = fewest + int(whole[fewest : most + 1].argmax())
    return Reading(
        "".join(map(str, digits[:length])),
        float(np.exp(whole[length])),
        tuple(float(share) for share in np.exp(best[:length])),
    )


def _in_all(logs: Floats, number: str) -> Reading:
    """A number with its mean probability over the looks, looks × places × 11."""
    whole = np.mean([np.exp(_probability(look, number)) for look in logs])
    shares = np.exp(logs).mean(axis=0)
    digits = tuple(float(shares[i, int(digit)]) for i, digit in enumerate(number))
    return Reading(number, float(whole), digits)


def _probability(logs: Floats, number: str) -> float:
    """Logarithm of the probability of a number, places × 11."""
    end = logs[len(number), NONE] if len(number) < len(logs) else 0.0
    return float(sum(logs[i, int(d)] for i, d in enumerate(number)) + end)


def _log_probabilities(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs
