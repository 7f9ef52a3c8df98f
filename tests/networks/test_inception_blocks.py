"""Branches, rows, forks, and the way of a size through them."""

import torch
from torch import nn

from convatlas.networks import sizes
from convatlas.networks.inception_blocks import Branches, first_path, fork, row


def test_branches_stack_in_their_order() -> None:
    block = Branches({"one": nn.Conv2d(3, 2, 1), "two": nn.Conv2d(3, 5, 1)})
    images = torch.randn(2, 3, 4, 4)
    out = block(images)
    assert out.shape == (2, 7, 4, 4)
    assert torch.equal(out[:, :2], block.get_submodule("one")(images))
    assert torch.equal(out[:, 2:], block.get_submodule("two")(images))


def test_row_numbers_its_units() -> None:
    units = row(nn.ReLU(), nn.Tanh())
    assert [name for name, _ in units.named_children()] == ["unit1", "unit2"]


def test_fork_keeps_the_size() -> None:
    out = fork(4, 6).eval()(torch.randn(1, 4, 5, 7))
    assert out.shape == (1, 12, 5, 7)


def test_first_path_counts_one_branch_only() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        Branches(
            {
                "left": row(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, 2)),
                "right": nn.MaxPool2d(3, 2),
            }
        ),
        nn.AvgPool2d(2),
    )
    steps = first_path(network)
    assert [name for name, _ in steps] == [
        "features.0",
        "features.1.left.unit1",
        "features.1.left.unit2",
        "features.2",
    ]
    size = sizes.map_size(steps, (21, 33))
    assert network(torch.zeros(1, 3, 21, 33)).shape[2:] == size
