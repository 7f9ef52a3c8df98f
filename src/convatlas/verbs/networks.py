"""Listing the networks of the atlas."""

from dataclasses import dataclass

import torch

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError, UnknownName
from convatlas.networks import Variant, build, variants
from convatlas.networks.tables import printed_table


@dataclass(frozen=True)
class Listed:
    """A variant with its figures at one input.

    Attributes:
        variant: the entry of the atlas.
        input: (channels, height, width) that the figures are for.
        parameters: trainable ones.
        macs: multiply-accumulates for one picture.
    """

    variant: Variant
    input: tuple[int, int, int]
    parameters: int
    macs: int


def list_networks(
    *,
    family: str | None = None,
    max_params: int | None = None,
    input_size: tuple[int, int] | None = None,
) -> list[Listed]:
    """The networks that meet every condition, family by family, the oldest first.

    Args:
        family: only this one.
        max_params: most parameters that a network may have.
        input_size: (height, width) that a network must take; the figures are then for
            this size, else for the published one.

    Raises:
        UnknownName: no such family.
    """
    families = list(dict.fromkeys(variant.family for variant in variants()))
    wanted = None if family is None else family.replace("-", "_")
    if wanted is not None and wanted not in families:
        known = f"there are {', '.join(families)}"
        raise UnknownName("family", wanted, families, known)
    chosen = (v for v in variants() if wanted in (None, v.family))
    listed = (_listed(variant, input_size, max_params) for variant in chosen)
    return [one for one in listed if one is not None]


def _listed(
    variant: Variant, size: tuple[int, int] | None, most: int | None
) -> Listed | None:
    """Its figures; None where the size does not fit or the parameters are too many."""
    channels, height, width = variant.input
    printed = printed_table(variant)
    if printed is not None and size in (None, (height, width)):
        if most is not None and printed.parameters > most:
            return None
        return Listed(variant, printed.input, printed.parameters, printed.macs)
    height, width = size or (height, width)
    try:
        with torch.device("meta"):
            network = build(variant.name, input_size=(height, width))
    except InputSizeError:
        return None
    if most is not None and sum(p.numel() for p in network.parameters()) > most:
        return None
    table = trace(network, (channels, height, width))
    return Listed(variant, (channels, height, width), table.parameters, table.macs)
