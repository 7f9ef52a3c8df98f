"""Cuts a window out of each of many whole pictures: one affine map, one sampling.

Where a window shrinks the picture, it is sampled from one that was halved by means
before, so fine detail becomes grey and not noise (each axis for itself). On a processor
some pictures are worked on at a time, so that they stay in its cache.
"""

from collections.abc import Iterator

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


def bites(
    theta: Tensor, halvings: Tensor, apart: Tensor
) -> Iterator[tuple[Tensor, tuple[int, int], bool]]:
    """Groups the pictures by how they are worked on, and by what the cache holds.

    Args:
        theta: N × 2 × 3, see ``to_canvas``; windows of like height come together.
        halvings: N × 2, see ``halvings_for``.
        apart: N, bool: pictures that are not grouped with the others.

    Yields:
        rows of the batch, how often their height and their width are halved, and
        whether they are those apart.
    """
    base = MOST_HALVINGS + 1
    kinds = (apart * base + halvings[:, 0]) * base + halvings[:, 1]
    order = theta[:, 1, :2].abs().sum(dim=1).argsort()
    for kind in torch.unique(kinds).tolist():
        rows = order[kinds[order] == kind]
        limit = BITE if theta.device.type == "cpu" else len(rows)
        for part in torch.split(rows, limit):
            yield part, (kind // base % base, kind % base), kind >= base * base


def sampled(
    canvases: Tensor,
    rows: Tensor,
    theta: Tensor,
    size: tuple[int, int],
    halvings: tuple[int, int],
) -> Tensor:
    """The windows, bilinear; beyond a picture its edge goes on.

    Args:
        canvases: N C H W, uint8.
        rows: which of them, M.
        theta: M × 2 × 3, from the result to the picture, see ``to_canvas``.
        size: height and width of the result.
        halvings: how often height and width are halved first.

    Returns:
        M C height width, 0 ... 255, float32.
    """
    if canvases.device.type == "cpu":
        source, theta = _needed(canvases, rows, theta, halvings)
    else:
        source = canvases.index_select(0, rows)
    grid = theta.reshape(-1, 3) @ _points(size, theta.device)
    return F.grid_sample(
        halved(source, *halvings),
        grid.reshape(-1, 2, *size).permute(0, 2, 3, 1),
        padding_mode="border",
        align_corners=False,
    )


def _needed(
    canvases: Tensor, rows: Tensor, theta: Tensor, halvings: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Cuts from each picture a part that holds its window, all of one size.

    Returns:
        M C h w, uint8, and the maps from the result to these parts.
    """
    step = theta.new_tensor([2 ** halvings[1], 2 ** halvings[0]])
    sides = theta.new_tensor(canvases.shape[2:]).flip(0)
    middle, reach = theta[:, :, 2] + 1, theta[:, :, :2].abs().sum(dim=2)
    # bilinear weights reach one pixel further, of the halved picture
    first = torch.floor((middle - reach) / 2 * sides / step - 2) * step
    last = torch.ceil((middle + reach) / 2 * sides / step + 2) * step
    first = torch.minimum(first.clamp(min=0), sides - step)
    extent = (torch.minimum(last, sides) - first).amax(dim=0)
    extent = torch.maximum(extent, step)
    # an edge of the part is within the picture's, or is that edge
    first = torch.minimum(first, sides - extent)
    width, height = extent.to(torch.int64).tolist()
    parts = [
        canvases[row, :, top : top + height, left : left + width]
        for row, (left, top) in zip(
            rows.tolist(), first.to(torch.int64).tolist(), strict=True
        )
    ]
    moved = (theta[:, :, 2] + 1) * sides - 2 * first
    theta = torch.cat(
        [
            theta[:, :, :2] * (sides / extent)[:, None],
            (moved / extent - 1)[:, :, None],
        ],
        dim=2,
    )
    return torch.stack(parts), theta


def halved(canvases: Tensor, down: int, across: int) -> Tensor:
    """Pictures with their sides halved some times, each pixel a mean, as float32.

    Args:
        canvases: N C H W, uint8.
        down: how often the height is halved; it has to come out even.
        across: how often the width is.
    """
    if across:  # both pixels of a pair lie in one 16-bit word: no strides needed
        pairs = canvases.contiguous().view(torch.int16)
        sums = (pairs >> 8).bitwise_and_(255).add_(pairs & 255)
    else:
        sums = canvases.to(torch.float32)
    for _ in range(down):
        sums = sums[..., ::2, :] + sums[..., 1::2, :]
    for _ in range(across - 1):
        sums = sums[..., ::2] + sums[..., 1::2]
    sums = sums.to(torch.float32)
    return sums.mul_(0.5 ** (down + across)) if down or across else sums


def _points(size: tuple[int, int], device: torch.device) -> Tensor:
    """3 × (H·W): x, y (-1 ... 1) and 1 of every pixel's middle."""
    height, width = size
    y = (torch.arange(height, device=device) * 2 + 1) / height - 1
    x = (torch.arange(width, device=device) * 2 + 1) / width - 1
    ones = torch.ones(height * width, device=device)
    return torch.stack([x.repeat(height), y.repeat_interleave(width), ones])
