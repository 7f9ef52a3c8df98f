import math

import pytest
import torch

from convatlas.number_box import (
    DISTANCES,
    MAPS,
    box_of,
    covered,
    enlarged,
    overlap,
    union,
)

NAN = math.nan
TWO_DIGITS = torch.tensor(
    [[[0.1, 0.2, 0.3, 0.6], [0.3, 0.1, 0.5, 0.5], [NAN] * 4], [[NAN] * 4] * 3]
)


def test_union_spans_all_digits_or_the_whole_picture() -> None:
    expected = torch.tensor([[0.1, 0.1, 0.5, 0.6], [0.0, 0.0, 1.0, 1.0]])
    torch.testing.assert_close(union(TWO_DIGITS), expected)


def test_margins_are_shares_of_the_box() -> None:
    box = torch.tensor([[0.4, 0.4, 0.6, 0.5]])
    expected = torch.tensor([[0.3, 0.35, 0.7, 0.55]])
    torch.testing.assert_close(enlarged(box, 0.5), expected)


def test_overlap() -> None:
    box = torch.tensor([[0.0, 0.0, 0.4, 0.4]]).expand(3, 4)
    others = torch.tensor(
        [[0.0, 0.0, 0.4, 0.4], [0.2, 0.0, 0.6, 0.4], [0.6, 0.0, 1.0, 0.4]]
    )
    iou, generalised = overlap(box, others)
    assert iou.tolist() == pytest.approx([1, 1 / 3, 0], abs=1e-5)
    # apart: two areas of .16 in a hull of .4
    assert generalised.tolist() == pytest.approx([1, 1 / 3, -0.2], abs=1e-5)


def test_the_trusted_position_tells_the_box() -> None:
    maps = torch.zeros(1, MAPS, 4, 8)
    maps[0, 1, 2, 3] = 50  # middle at x = 3.5 / 8, y = 2.5 / 4
    wanted = torch.tensor([0.1, 0.2, 0.3, 0.15])  # distances, shares of the picture
    maps[0, DISTANCES, 2, 3] = torch.log(torch.expm1(wanted / 0.2))
    x, y = 3.5 / 8, 2.5 / 4
    expected = [x - 0.1, y - 0.2, x + 0.3, y + 0.15]
    assert box_of(maps)[0].tolist() == pytest.approx(expected, abs=1e-5)


def test_positions_inside_digits() -> None:
    inside = covered(TWO_DIGITS, torch.zeros(2, 1, 10, 10))
    assert inside.shape == (2, TWO_DIGITS.shape[1], 10, 10)
    within = inside.any(1)
    assert within[0].nonzero()[:, 1].unique().tolist() == [1, 2, 3, 4]
    assert within[0, 5].nonzero().flatten().tolist() == [1, 2]
    assert not within[1].any()
