"""Connected parts of a mask."""

import numpy as np
from numpy.typing import NDArray

from convatlas.digit_photo.filters import Mask

Run = tuple[int, int, int]  # row, first column, column after the last


def components(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp], Mask]:
    """Numbers the parts of a mask that hang together, diagonals included.

    Args:
        mask: H×W.

    Returns:
        H×W numbers, 0 outside and 1 … n in the parts; then, for each part, its area in
        pixels and whether it touches the edge of the mask.
    """
    runs = _runs(mask)
    heads = _joined(runs)
    numbers = {head: i for i, head in enumerate(sorted(set(heads)), 1)}
    labels = np.zeros(mask.shape, np.intp)
    for (row, start, stop), head in zip(runs, heads, strict=True):
        labels[row, start:stop] = numbers[head]
    count = len(numbers)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    at_edge = np.zeros(count + 1, np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_edge[side] = True
    return labels, areas, at_edge[1:]


def _runs(mask: Mask) -> list[Run]:
    """Neighbouring pixels of a row, row by row."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    _, stops = np.nonzero(change == -1)
    return list(zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True))


def _joined(runs: list[Run]) -> list[int]:
    """For each run, the first run of its part."""
    heads = list(range(len(runs)))

    def head(index: int) -> int:
        while heads[index] != index:
            heads[index] = heads[heads[index]]
            index = heads[index]
        return index

    above = 0  # the first run of the row above that is not yet passed
    for index, (row, start, stop) in enumerate(runs):
        while runs[above][0] < row - 1 or (
            runs[above][0] == row - 1 and runs[above][2] < start
        ):
            above += 1
        other = above
        while runs[other][0] == row - 1 and runs[other][1] <= stop:
            one, two = head(other), head(index)
            heads[max(one, two)] = min(one, two)
            other += 1
    return [head(index) for index in range(len(runs))]
