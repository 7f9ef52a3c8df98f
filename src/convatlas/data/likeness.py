"""Pictures that are the same, or nearly: found by a code of 128 bits.

The code is a difference hash: the picture as 9×9 grey values, each bit says whether a
value is smaller than its neighbour to the right (64 bits) or below (64 bits). It stays
when a picture is scaled, saved again or made a little brighter.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

SIDE = 9
NEAR_BITS = 3  # of 128 that may differ; each of four parts of 32 bits then can't
FLAT = 24  # grey levels between darkest and lightest value; less says nothing


def code(picture: Tensor) -> bytes | None:
    """The 16 bytes that stand for a picture; None if it is too even to tell.

    Args:
        picture: 1 H W, uint8, scaled to 9×9.
    """
    grey = picture[0].numpy().astype(np.int16)
    if grey.max() - grey.min() < FLAT:
        return None
    right = grey[:-1, 1:] > grey[:-1, :-1]
    below = grey[1:, :-1] > grey[:-1, :-1]
    return bytes(np.packbits([right, below]))


def near_pairs(codes: Sequence[bytes | None]) -> list[tuple[int, int]]:
    """Positions of pictures whose codes differ in three bits or fewer, sorted.

    With three differing bits at least one of four parts of 32 bits is the same, so only
    those that share a part are compared.
    """
    positions = np.array([at for at, value in enumerate(codes) if value is not None])
    if len(positions) < 2:
        return []
    joined = b"".join(value for value in codes if value is not None)
    parts = np.frombuffer(joined, np.uint32).reshape(-1, 4)
    found: set[tuple[int, int]] = set()
    for part in range(4):
        order = np.argsort(parts[:, part], kind="stable")
        changes = np.flatnonzero(np.diff(parts[order, part])) + 1
        for group in np.split(order, changes):
            if len(group) > 1:
                found |= _close(parts, group)
    return sorted((int(positions[a]), int(positions[b])) for a, b in found)


def _close(parts: NDArray[np.uint32], group: NDArray[np.intp]) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    group = np.sort(group)
    for at, first in enumerate(group[:-1]):
        others = group[at + 1 :]
        bits = np.bitwise_count(parts[others] ^ parts[first]).sum(axis=1)
        pairs |= {(int(first), int(other)) for other in others[bits <= NEAR_BITS]}
    return pairs
