"""Which numbers are drawn: lengths and digits as on real houses.

Shares are those of protocol P's 9,256 training pictures (docs/data.md), rounded.
"""

import numpy as np

LENGTHS = (0.186, 0.640, 0.160, 0.0125, 0.0015)  # of 1, 2, 3, 4 and 5 digits
# of 0 ... 9 as first digit, by length; small ones lead, as Benford says
FIRST = {
    1: (0.004, 0.082, 0.163, 0.117, 0.097, 0.122, 0.115, 0.091, 0.108, 0.101),
    2: (0.001, 0.269, 0.219, 0.132, 0.110, 0.079, 0.061, 0.055, 0.040, 0.034),
    3: (0.001, 0.549, 0.194, 0.101, 0.046, 0.042, 0.020, 0.024, 0.013, 0.010),
    4: (0.001, 0.690, 0.180, 0.040, 0.033, 0.016, 0.010, 0.010, 0.010, 0.010),
}
MIDDLE = (0.163, 0.136, 0.127, 0.106, 0.092, 0.078, 0.082, 0.084, 0.064, 0.068)
LAST = (0.128, 0.098, 0.113, 0.097, 0.105, 0.104, 0.090, 0.099, 0.083, 0.083)


def drawn_number(rng: np.random.Generator) -> str:
    """A number of one to five digits."""
    length = 1 + _choice(rng, LENGTHS)
    found = [_choice(rng, FIRST[min(length, 4)])]
    found += [_choice(rng, MIDDLE) for _ in range(length - 2)]
    if length > 1:
        found.append(_choice(rng, LAST))
    return "".join(map(str, found))


def _choice(rng: np.random.Generator, shares: tuple[float, ...]) -> int:
    """A position, as often as its share says (the last one takes what is left)."""
    bounds = np.cumsum(shares)
    return min(int(np.searchsorted(bounds, rng.random())), len(shares) - 1)
