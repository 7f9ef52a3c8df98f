"""GoogLeNet of 2014 against table 1 and against torchvision's skeleton."""

import re
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn
from torchvision.models.googlenet import GoogLeNet, InceptionAux
from torchvision.models.googlenet import Inception as TorchvisionInception

from convatlas.anatomy import Table, trace
from convatlas.errors import InputSizeError
from convatlas.networks import Network, build

# Table 1: output size, then #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj, and
# the operations in millions. 5a's are left out: its widths make 51, the paper has 54.
TABLE_1 = {
    "3a": (256, 28, (64, 96, 128, 16, 32, 32), 128),
    "3b": (480, 28, (128, 128, 192, 32, 96, 64), 304),
    "4a": (512, 14, (192, 96, 208, 16, 48, 64), 73),
    "4b": (512, 14, (160, 112, 224, 24, 64, 64), 88),
    "4c": (512, 14, (128, 128, 256, 24, 64, 64), 100),
    "4d": (528, 14, (112, 144, 288, 32, 64, 64), 119),
    "4e": (832, 14, (256, 160, 320, 32, 128, 128), 170),
    "5a": (832, 7, (256, 160, 320, 32, 128, 128), None),
    "5b": (1024, 7, (384, 192, 384, 48, 128, 128), 71),
}
COLUMNS = {
    "branch1x1": 1,
    "branch3x3.unit1": 1,
    "branch3x3.unit2": 3,
    "branch5x5.unit1": 1,
    "branch5x5.unit2": 5,
    "branch_pool.unit2": 1,
}


@pytest.fixture(scope="module")
def network() -> Network:
    with torch.device("meta"):
        return build("googlenet")


@pytest.fixture(scope="module")
def table(network: Network) -> Table:
    return trace(network, (3, 224, 224))


@pytest.mark.parametrize("name", TABLE_1)
def test_row_of_table_1(name: str, network: Network, table: Table) -> None:
    channels, size, widths, millions = TABLE_1[name]
    row = table.row(f"features.inception{name}")
    assert row.output == (channels, size, size)
    block = network.get_submodule(f"features.inception{name}")
    for (path, kernel), width in zip(COLUMNS.items(), widths, strict=True):
        conv = block.get_submodule(f"{path}.conv")
        assert isinstance(conv, nn.Conv2d)
        assert (conv.out_channels, conv.kernel_size) == (width, (kernel, kernel))
    if millions is not None:
        assert abs(row.total_macs / 1e6 - millions) < 1


def test_rows_of_table_1_outside_the_blocks(table: Table) -> None:
    outputs = {
        "features.conv1": (64, 112, 112),
        "features.pool1": (64, 56, 56),
        "features.conv2": (192, 56, 56),
        "features.pool2": (192, 28, 28),
        "features.pool3": (480, 14, 14),
        "features.pool4": (832, 7, 7),
        "head.pool": (1024, 1, 1),
        "head.fc": (1000,),
    }
    for name, output in outputs.items():
        assert table.row(name).output == output, name
    pair = (table.row("features.reduce2"), table.row("features.conv2"))
    assert abs(sum(row.total_macs for row in pair) / 1e6 - 360) < 1


class ConvReLU(nn.Module):
    """In the place of torchvision's unit: biases, no norm."""

    def __init__(self, inputs: int, outputs: int, **geometry: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, **geometry)

    def forward(self, images: Tensor) -> Tensor:
        return torch.relu(self.conv(images))


class Inception(TorchvisionInception):
    """torchvision's block with a true 5×5."""

    def __init__(self, inputs: int, *widths: int, **options: object) -> None:
        super().__init__(inputs, *widths, conv_block=ConvReLU)
        _, _, _, reduced, wide, _ = widths
        self.branch3[1] = ConvReLU(reduced, wide, kernel_size=5, padding=2)


class Auxiliary(InceptionAux):
    """torchvision's with the paper's pooling; the adaptive one then has no effect."""

    def forward(self, maps: Tensor) -> Tensor:
        logits: Tensor = super().forward(nn.functional.avg_pool2d(maps, 5, 3))
        return logits


def oracle() -> nn.Module:
    """The paper's network put together from torchvision's parts."""
    with torch.device("meta"):
        network = GoogLeNet(init_weights=False, blocks=[ConvReLU, Inception, Auxiliary])
        norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)
        network.maxpool1 = nn.Sequential(network.maxpool1, norm)
        network.maxpool2 = nn.Sequential(norm, network.maxpool2)
        network.maxpool4 = nn.MaxPool2d(3, 2, ceil_mode=True)
        for name, channels in (("aux1", 512), ("aux2", 528)):
            getattr(network, name).conv = ConvReLU(channels, 128, kernel_size=1)
    return network


def names(network: Network) -> Mapping[str, str]:
    found = {
        "conv1.conv": "features.conv1.conv",
        "conv2.conv": "features.reduce2.conv",
        "conv3.conv": "features.conv2.conv",
        "fc": "head.fc",
    }
    for theirs, own in (("aux1", "inception4a"), ("aux2", "inception4d")):
        for layer in ("conv.conv", "fc1", "fc2"):
            found[f"{theirs}.{layer}"] = f"auxiliaries.{own}.{layer}"
    branches = {
        "1x1": "branch1",
        "3x3": "branch2",
        "5x5": "branch3",
        "_pool": "branch4",
    }
    pattern = r"features\.(inception..)\.branch(1x1|3x3|5x5|_pool)(?:\.unit(\d))?\.conv"
    for path, _ in network.named_modules():
        if match := re.fullmatch(pattern, path):
            index = f".{int(match[3]) - 1}" if match[3] else ""
            found[f"{match[1]}.{branches[match[2]]}{index}.conv"] = path
    return found


def test_same_logits_as_the_parts_of_torchvision(
    pair: Callable[..., tuple[Network, nn.Module]],
) -> None:
    images = torch.randn(2, 3, 224, 224)
    network, other = pair("googlenet", oracle(), names, images)
    other.train()  # torchvision gives the auxiliary logits in this mode only
    for module in other.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    with torch.no_grad():
        expected = other(images)
        got = network.logits_with_auxiliaries(images)
        alone = network(images)
    assert torch.equal(got[0], alone)
    for ours, theirs in zip(got, (expected[0], expected[2], expected[1]), strict=True):
        assert theirs.std() > 0.01
        assert (ours - theirs).abs().max() < 1e-5


def test_auxiliaries_weigh_three_tenths_and_drop_seven() -> None:
    with torch.device("meta"):
        network = build("googlenet")
    assert network.auxiliary_weights == (0.3, 0.3)
    for name in ("inception4a", "inception4d"):
        dropout = network.get_submodule(f"auxiliaries.{name}.dropout")
        assert dropout.p == 0.7
    assert network.get_submodule("head.dropout").p == 0.4


def test_auxiliary_maps_of_section_5() -> None:
    with torch.device("meta"):
        network = build("googlenet")
        for name, channels in (("inception4a", 512), ("inception4d", 528)):
            classifier = network.get_submodule(f"auxiliaries.{name}")
            assert isinstance(classifier, nn.Sequential)
            pooled = classifier[0](torch.empty(1, channels, 14, 14))
            assert pooled.shape == (1, channels, 4, 4)


def test_small_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError) as caught:
        build("googlenet", input_size=(64, 128))
    assert str(caught.value) == (
        "input 64×128: a map of 4×8 arrives at auxiliaries.inception4a.pool, whose "
        "window of 5×5 does not fit; the input needs at least 79×79"
    )


def test_least_size_and_other_shapes_fit() -> None:
    for size in ((79, 79), (96, 160)):
        with torch.device("meta"):
            network = build("googlenet", classes=7, in_channels=1, input_size=size)
            logits = network.logits_with_auxiliaries(torch.empty(2, 1, *size))
        assert [tuple(one.shape) for one in logits] == [(2, 7)] * 3
