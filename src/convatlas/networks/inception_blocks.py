"""What all Inception networks are made of: branches side by side."""

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Concat
from convatlas.networks.conv_units import ConvNormReLU


class Branches(nn.Module):
    """Several ways for one map; what they give is stacked along the channels.

    Args:
        branches: by name, in the order of the channels.
    """

    def __init__(self, branches: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.names = tuple(branches)
        for name, branch in branches.items():
            self.add_module(name, branch)
        self.concat = Concat()

    def forward(self, images: Tensor) -> Tensor:
        maps = [self.get_submodule(name)(images) for name in self.names]
        stacked: Tensor = self.concat(*maps)
        return stacked


def row(*units: nn.Module) -> nn.Sequential:
    """Modules one after the other: ``unit1``, ``unit2`` …"""
    return nn.Sequential(
        OrderedDict((f"unit{i}", unit) for i, unit in enumerate(units, start=1))
    )


def fork(in_channels: int, out_channels: int) -> Branches:
    """1×3 and 3×1 side by side."""
    return Branches(
        {
            "a": ConvNormReLU(in_channels, out_channels, (1, 3), 1, (0, 1)),
            "b": ConvNormReLU(in_channels, out_channels, (3, 1), 1, (1, 0)),
        }
    )


def first_path(module: nn.Module, name: str = "features") -> sizes.Steps:
    """The layers that change height or width, through the first of all branches.

    Branches end in maps of one size, so any of them tells it.

    Args:
        module: made of modules that call their children in order, and ``Branches``.
        name: of the module in the network.
    """
    if isinstance(module, sizes.Window):
        return [(name, module)]
    children = list(module.named_children())
    if isinstance(module, Branches):
        children = children[:1]
    return [
        step for own, child in children for step in first_path(child, f"{name}.{own}")
    ]
