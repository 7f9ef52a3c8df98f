"""Receptive fields against gradients: which pixels change a unit, one by one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from convatlas.anatomy import trace
from convatlas.anatomy.axis import (
    BLIND,
    EVERYTHING,
    Axis,
    pixels,
    united,
    windowed,
)


class Shifted(nn.Module):
    """Slices away rows and columns."""

    def __init__(self, start: int, step: int) -> None:
        super().__init__()
        self.start, self.step = start, step

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, self.start :, :: self.step]


class Branches(nn.Module):
    """Two paths of different fields, added or concatenated."""

    def __init__(self, kernel: int, join: bool) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(1, 1, 1)
        self.wide = nn.Conv2d(1, 1, kernel, padding=kernel // 2)
        self.merge = nn.Conv2d(2, 1, 1)
        self.join = join

    def forward(self, x: Tensor) -> Tensor:
        narrow, wide = self.narrow(x), self.wide(x)
        if self.join:
            return self.merge(torch.cat([narrow, wide], 1))
        return narrow + wide


class Tokens(nn.Module):
    """To a list of places and back, as transformers do."""

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        tokens = x.flatten(2).transpose(1, 2) * 2
        return tokens.transpose(1, 2).reshape(n, c, h, w)


class Shuffled(nn.Module):
    """Channels to places, written out with views."""

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        x = x.expand(n, 4, h, w).reshape(n, 1, 2, 2, h, w)
        return x.permute(0, 1, 4, 2, 5, 3).reshape(n, 1, 2 * h, 2 * w)


layers = st.one_of(
    st.builds(
        lambda k, s, p, d: nn.Conv2d(1, 1, k, s, min(p, d * (k - 1)), d),
        *(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2)),
    ),
    st.builds(
        lambda k, s: nn.Conv2d(1, 1, k, s, padding=(0, 1)),
        *(st.tuples(st.integers(1, 3), st.integers(2, 4)), st.integers(1, 2)),
    ),
    st.builds(
        lambda k, s, d: nn.ConvTranspose2d(1, 1, k, s, padding=0, dilation=d),
        *(st.integers(2, 4), st.integers(1, 2), st.integers(1, 2)),
    ),
    st.builds(lambda k, s: nn.AvgPool2d(k, s), st.integers(1, 3), st.integers(1, 3)),
    st.builds(nn.AdaptiveAvgPool2d, st.integers(2, 5)),
    st.builds(lambda f: nn.Upsample(scale_factor=f), st.sampled_from([2, 3])),
    st.just(nn.Upsample(scale_factor=2, mode="bilinear")),
    st.builds(Branches, st.sampled_from([3, 5]), st.booleans()),
    st.builds(Shifted, st.just(0), st.integers(1, 2)),
    st.builds(nn.ZeroPad2d, st.integers(0, 2)),
    st.builds(lambda: nn.PixelShuffle(1)),
    st.builds(Tokens),
    st.builds(Shuffled),
)


def seen(network: nn.Module, size: int) -> Tensor:
    """Which pixels change which unit of a linear network: units × pixels, bool."""
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.5)
    one_lit = torch.eye(size * size, dtype=torch.float64).view(-1, 1, size, size)
    with torch.no_grad():
        output = network.double()(torch.cat([one_lit, torch.zeros_like(one_lit[:1])]))
    changed = (output[:-1] - output[-1:]).abs()[:, 0] > 1e-12
    height, width = changed.shape[1:]
    return changed.permute(1, 2, 0).reshape(height, width, size, size)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(layers, min_size=1, max_size=4))
def test_every_unit_sees_what_gradients_say(chain: list[nn.Module]) -> None:
    size = 13
    network = nn.Sequential(*chain).eval()
    try:
        pictures = seen(network, size)
    except RuntimeError:
        return  # some chains leave nothing of 13 pixels
    row = [r for r in trace(network, (1, size, size)).leaves if r.called][-1]
    assert row.output == (1, *pictures.shape[:2])
    for y in range(pictures.shape[0]):
        for x in range(pictures.shape[1]):
            rows, columns = pictures[y, x].any(1), pictures[y, x].any(0)
            patch = row.patch((y, x))
            if patch is None:
                assert row.sees == "all"
                continue
            if not rows.any():
                assert patch[0] > patch[2] or patch[1] > patch[3] or outside(patch)
                continue
            ys, xs = rows.nonzero().flatten(), columns.nonzero().flatten()
            found = (int(ys[0]), int(xs[0]), int(ys[-1]), int(xs[-1]))
            if outside(patch):  # holes of a dilation may be all that is inside
                assert found[0] >= patch[0] and found[1] >= patch[1]
                assert found[2] <= patch[2] and found[3] <= patch[3]
            else:
                assert found == patch, (y, x)


def outside(patch: tuple[int, int, int, int]) -> bool:
    return min(patch[:2]) < 0 or max(patch[2:]) >= 13


def test_a_slice_moves_the_patches() -> None:
    row = trace(nn.Sequential(Shifted(2, 3), nn.AvgPool2d(2)), (1, 13, 13)).leaves[-1]
    assert (row.patch((0, 0)), row.patch((1, 1))) == ((2, 0, 3, 3), (4, 6, 5, 9))


def test_a_window_over_pixels() -> None:
    axis = windowed(pixels(2), 2, lambda q: range(2 * q - 1, 2 * q + 2), 1, 2)
    assert (axis.size, axis.rate, axis.span(0), axis.span(3)) == (3, 2, (-1, 1), (5, 7))


def test_other_dimensions_are_left_alone() -> None:
    assert windowed(pixels(2), 3, lambda q: range(q, q + 3)) == pixels(2)


def test_the_union_is_the_largest_over_all_paths() -> None:
    wide = windowed(pixels(2), 2, lambda q: range(q - 2, q + 3))
    assert united(pixels(2), wide, lambda d: 9) == wide
    assert united(pixels(2), BLIND, lambda d: 9) == pixels(2)
    assert united(pixels(2), EVERYTHING, lambda d: 9) == EVERYTHING


def test_paths_of_different_strides_are_told_apart_unit_by_unit() -> None:
    fast = Axis(frozenset({2}), (0,), (0,), 2)
    union = united(pixels(2), fast, lambda d: 5)
    assert [union.span(p) for p in range(5)] == [(p, 2 * p) for p in range(5)]


@pytest.mark.parametrize("pattern", [Axis(frozenset({2}), (0, 0), (0, 0), 1)])
def test_up_sampling_halves_the_rate(pattern: Axis) -> None:
    assert windowed(pixels(2), 2, lambda q: range(q // 2, q // 2 + 1), 2) == pattern
    assert float(pattern.rate) == 0.5
