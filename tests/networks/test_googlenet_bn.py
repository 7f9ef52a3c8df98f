"""Inception with batch norm against figure 5 of its paper."""

import pytest
import torch
from torch import nn

from convatlas.anatomy import Table, trace
from convatlas.networks import Network, build

# Figure 5: output, then #1×1, #3×3 reduce, #3×3, double #3×3 reduce, double #3×3, what
# pools, and its projection (None: passed through). In 4c and 4d the figure prints a
# projection of 128, with which its own output column (576) does not add up; 96 does.
FIGURE_5 = {
    "3a": (256, 28, 64, 64, 64, 64, 96, nn.AvgPool2d, 32),
    "3b": (320, 28, 64, 64, 96, 64, 96, nn.AvgPool2d, 64),
    "3c": (576, 14, 0, 128, 160, 64, 96, nn.MaxPool2d, None),
    "4a": (576, 14, 224, 64, 96, 96, 128, nn.AvgPool2d, 128),
    "4b": (576, 14, 192, 96, 128, 96, 128, nn.AvgPool2d, 128),
    "4c": (576, 14, 160, 128, 160, 128, 160, nn.AvgPool2d, 96),
    "4d": (576, 14, 96, 128, 192, 160, 192, nn.AvgPool2d, 96),
    "4e": (1024, 7, 0, 128, 192, 192, 256, nn.MaxPool2d, None),
    "5a": (1024, 7, 352, 192, 320, 160, 224, nn.AvgPool2d, 128),
    "5b": (1024, 7, 352, 192, 320, 192, 224, nn.MaxPool2d, 128),
}


@pytest.fixture(scope="module")
def network() -> Network:
    with torch.device("meta"):
        return build("googlenet-bn")


@pytest.fixture(scope="module")
def table(network: Network) -> Table:
    return trace(network, (3, 224, 224))


@pytest.mark.parametrize("name", FIGURE_5)
def test_row_of_figure_5(name: str, network: Network, table: Table) -> None:
    channels, size, *widths, pool, project = FIGURE_5[name]
    row = table.row(f"features.inception{name}")
    assert row.output == (channels, size, size)
    block = network.get_submodule(f"features.inception{name}")
    units = dict(block.named_modules())

    def width(path: str) -> int:
        conv = units.get(f"{path}.conv")
        return conv.out_channels if isinstance(conv, nn.Conv2d) else 0

    assert widths == [
        width("branch1x1"),
        width("branch3x3.unit1"),
        width("branch3x3.unit2"),
        width("branch_double.unit1"),
        width("branch_double.unit2"),
    ]
    assert width("branch_double.unit3") == width("branch_double.unit2")
    if project is None:
        assert isinstance(units["pool"], pool)
    else:
        assert isinstance(units["branch_pool.unit1"], pool)
        assert width("branch_pool.unit2") == project


def test_rows_of_figure_5_outside_the_blocks(table: Table) -> None:
    for name, output in {
        "features.conv1": (64, 112, 112),
        "features.pool1": (64, 56, 56),
        "features.reduce2": (64, 56, 56),
        "features.conv2": (192, 56, 56),
        "features.pool2": (192, 28, 28),
        "head.pool": (1024, 1, 1),
    }.items():
        assert table.row(name).output == output, name


def test_two_billion_operations(table: Table) -> None:
    # Szegedy et al. 2015 (arXiv:1512.00567), table 3, gives 2.0 for BN-Inception
    assert table.macs / 1e9 == pytest.approx(2.0, abs=0.1)


def test_first_layer_is_separable_with_depth_multiplier_8(network: Network) -> None:
    first = network.get_submodule("features.conv1.depthwise")
    assert isinstance(first, nn.Conv2d)
    assert (first.groups, first.out_channels, first.kernel_size) == (3, 24, (7, 7))


def test_norm_before_every_activation_and_no_dropout(network: Network) -> None:
    kinds = [type(m) for m in network.modules()]
    assert kinds.count(nn.BatchNorm2d) == kinds.count(nn.ReLU) == 69
    assert nn.Dropout not in kinds
    assert not [
        m for m in network.modules() if isinstance(m, nn.Conv2d) and m.bias is not None
    ]


@pytest.mark.parametrize("size", [(28, 28), (33, 47), (224, 224)])
def test_odd_sizes_fit(size: tuple[int, int]) -> None:
    with torch.device("meta"):
        network = build("googlenet-bn", input_size=size, in_channels=1, classes=10)
        assert network(torch.empty(2, 1, *size)).shape == (2, 10)
