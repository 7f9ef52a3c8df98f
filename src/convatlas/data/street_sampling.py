"""Cuts a window out of each of many whole pictures: one affine map, one sampling.

Where a window shrinks the picture, it is sampled from one that was halved by means
before, so fine detail becomes grey and not noise (each axis for itself). On a processor
some pictures are worked on at a time, so that they stay in its cache.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

SHRINKS = 1.5  # pixels of the source for one of the result; from here on it is halved
MOST_HALVINGS = 4
BITE = 16  # pictures at a time on a processor


def halvings_for(
    theta: Tensor, canvas: tuple[int, int], size: tuple[int, int]
) -> Tensor:
    """How often to halve height and width of each picture before it is sampled.

    Args:
        theta: N × 2 × 3, from the result to the picture, see ``to_canvas``.
        canvas: height and width of the pictures.
        size: height and width of the result.

    Returns:
        N × 2, int64; never so often that a side would not come out even.
    """
    pixels = theta.new_tensor(canvas).flip(0)
    # how far one pixel of the result goes along each axis of the picture
    steps = theta[:, :, :2] * pixels[:, None] / theta.new_tensor(size).flip(0)
    shrinking = steps.norm(dim=2).flip(1)
    times = (torch.floor(torch.log2(shrinking / SHRINKS)) + 1).clamp(min=0)
    return torch.minimum(times.to(torch.int64), _possible(canvas, theta.device))


def _possible(canvas: tuple[int, int], device: torch.device) -> Tensor:
    """How often height and width can be halved and come out even."""
    times = [min((side & -side).bit_length() - 1, MOST_HALVINGS) for side in canvas]
    return torch.tensor(times, device=device)


def halved_more(halvings: Tensor, chosen: Tensor, canvas: tuple[int, int]) -> Tensor:
    """The same with one halving more of both axes in the chosen pictures.

    Args:
        halvings: N × 2.
        chosen: N, bool.
        canvas: height and width of the pictures.
    """
    more = halvings + chosen[:, None].to(torch.int64)
    return torch.minimum(more, _possible(canvas, halvings.device))


@dataclass(frozen=True)
class Bite:
    """Pictures that are worked on together.

    Attributes:
        rows: which of the batch.
        place: where they are among those of all bites.
        halvings: how often their height and their width are halved first.
        apart: whether they are those to be kept apart from the others.
        corners: left and top of the part that is needed of each picture.
        extent: height and width of these parts; all of the picture on a GPU.
    """

    rows: Tensor
    place: slice
    halvings: tuple[int, int]
    apart: bool
    corners: list[tuple[int, int]]
    extent: tuple[int, int]


class Bites(NamedTuple):
    """A batch in bites.

    Attributes:
        parts: one after the other.
        order: N, the rows of all of them.
        theta: N × 2 × 3, in that order, from the result to the parts of the pictures.
    """

    parts: list[Bite]
    order: Tensor
    theta: Tensor


def bites(
    theta: Tensor, halvings: Tensor, apart: Tensor, canvas: tuple[int, int]
) -> Bites:
    """Groups the pictures by how they are worked on, and by what the cache holds.

    Args:
        theta: N × 2 × 3, from the result to the picture, see ``to_canvas``.
        halvings: N × 2, see ``halvings_for``.
        apart: N, bool: pictures that are not grouped with the others.
        canvas: height and width of the pictures.
    """
    on_cpu = theta.device.type == "cpu"
    base = MOST_HALVINGS + 1
    kinds = (apart * base + halvings[:, 0]) * base + halvings[:, 1]
    order = theta[:, 1, :2].abs().sum(dim=1).argsort()  # like heights together
    order = order[kinds[order].argsort(stable=True)]
    theta = theta[order]
    needed = torch.tensor([0, 0, canvas[1], canvas[0]]).repeat(len(theta), 1)
    if on_cpu:
        needed = _needed(theta, halvings[order], canvas)
    found: list[Bite] = []
    names, counts = torch.unique_consecutive(kinds[order], return_counts=True)
    start = 0
    for kind, count in zip(names.tolist(), counts.tolist(), strict=True):
        stop = start + count
        for first in range(start, stop, BITE if on_cpu else count):
            place = slice(first, min(first + BITE, stop) if on_cpu else stop)
            near = needed[place].tolist()
            width = max(right - left for left, _, right, _ in near)
            height = max(bottom - top for _, top, _, bottom in near)
            # an edge of the part is within the picture, or the picture's own
            corners = [
                (min(left, canvas[1] - width), min(top, canvas[0] - height))
                for left, top, _, _ in near
            ]
            times = (kind // base % base, kind % base)
            kept_apart, extent = kind >= base * base, (height, width)
            found.append(Bite(order[place], place, times, kept_apart, corners, extent))
        start = stop
    return Bites(found, order, _relative(theta, found, canvas) if on_cpu else theta)


def sampled(
    canvases: Tensor, bite: Bite, theta: Tensor, points: Tensor, size: tuple[int, int]
) -> Tensor:
    """The windows of some pictures, bilinear; beyond a picture its edge goes on.

    Args:
        canvases: N C H W, uint8.
        bite: which of them.
        theta: of all bites, see ``Bites``.
        points: of the result, see ``points_of``.
        size: height and width of the result.

    Returns:
        M C height width, 0 ... 255, float32.
    """
    if canvases.device.type == "cpu":
        source = _gathered(canvases, bite)
    else:
        source = canvases.index_select(0, bite.rows)
    grid = theta[bite.place].reshape(-1, 3) @ points
    return F.grid_sample(
        halved(source, *bite.halvings),
        grid.reshape(-1, 2, *size).permute(0, 2, 3, 1),
        padding_mode="border",
        align_corners=False,
    )


def _gathered(canvases: Tensor, bite: Bite) -> Tensor:
    """The parts of its pictures; bytes where ``halved`` wants them, else float32."""
    height, width = bite.extent
    if bite.extent == canvases.shape[2:] and bite.halvings[1]:
        return canvases.index_select(0, bite.rows)
    made = canvases.new_empty(
        (len(bite.rows), canvases.shape[1], height, width),
        dtype=torch.uint8 if bite.halvings[1] else torch.float32,
    )
    for part, row, (left, top) in zip(
        made, bite.rows.tolist(), bite.corners, strict=True
    ):
        part.copy_(canvases[row, :, top : top + height, left : left + width])
    return made


def put_back(images: Tensor, bite: Bite, part: Tensor) -> None:
    """Writes what was made of a bite into its rows, cut to 0 ... 255.

    Args:
        images: N C height width.
        bite: which of them.
        part: M C height width; on a GPU it is changed.
    """
    if images.device.type != "cpu":
        images.index_copy_(0, bite.rows, part.clamp_(0, 255))
        return
    for row, made in zip(bite.rows.tolist(), part, strict=True):
        torch.clamp(made, 0, 255, out=images[row])


def points_of(size: tuple[int, int], device: torch.device) -> Tensor:
    """3 × (H·W): x, y (-1 ... 1) and 1 of every pixel's middle."""
    height, width = size
    y = (torch.arange(height, device=device) * 2 + 1) / height - 1
    x = (torch.arange(width, device=device) * 2 + 1) / width - 1
    ones = torch.ones(height * width, device=device)
    return torch.stack([x.repeat(height), y.repeat_interleave(width), ones])


def _needed(theta: Tensor, halvings: Tensor, canvas: tuple[int, int]) -> Tensor:
    """N × 4, int64: left, top, right, bottom of what each window needs, in pixels."""
    step = (2**halvings).flip(1)
    sides = theta.new_tensor(canvas).flip(0)
    middle, reach = theta[:, :, 2] + 1, theta[:, :, :2].abs().sum(dim=2)
    # bilinear weights reach one pixel further, of the halved picture
    first = torch.floor((middle - reach) / 2 * sides / step - 2) * step
    last = torch.ceil((middle + reach) / 2 * sides / step + 2) * step
    first = torch.minimum(first.clamp(min=0), sides - step)
    last = torch.maximum(torch.minimum(last, sides), first + step)
    return torch.cat([first, last], dim=1).to(torch.int64)


def _relative(theta: Tensor, found: list[Bite], canvas: tuple[int, int]) -> Tensor:
    """The maps to parts of the pictures instead of to the pictures."""
    starts = [corner for bite in found for corner in bite.corners]
    lengths = [bite.extent[::-1] for bite in found for _ in bite.corners]
    corners = torch.tensor(starts, dtype=torch.float32).reshape(-1, 2)
    extents = torch.tensor(lengths, dtype=torch.float32).reshape(-1, 2)
    sides = torch.tensor(canvas, dtype=torch.float32).flip(0)
    moved = ((theta[:, :, 2] + 1) * sides - 2 * corners) / extents - 1
    scaled = theta[:, :, :2] * (sides / extents)[:, :, None]
    return torch.cat([scaled, moved[:, :, None]], dim=2)


def halved(canvases: Tensor, down: int, across: int) -> Tensor:
    """Pictures with their sides halved some times, each pixel a mean, as float32.

    Args:
        canvases: N C H W, uint8, changed; where the width is not halved, float32 will
            do.
        down: how often the height is halved; it has to come out even.
        across: how often the width is.
    """
    if across:  # both pixels of a pair lie in one 16-bit word: no strides needed
        pairs = canvases.contiguous().view(torch.int16)
        sums = (pairs >> 8).bitwise_and_(255).add_(pairs.bitwise_and_(255))
    else:
        sums = canvases.to(torch.float32)
    for _ in range(down):
        sums = sums[..., ::2, :] + sums[..., 1::2, :]
    for _ in range(across - 1):
        sums = sums[..., ::2] + sums[..., 1::2]
    sums = sums.to(torch.float32)
    return sums.mul_(0.5 ** (down + across)) if down or across else sums
