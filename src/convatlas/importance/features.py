"""Pictures as vectors: what the last layer with weights takes in."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convatlas.anatomy import Table, trace
from convatlas.errors import UsageError
from convatlas.importance.pictures import Pictures
from convatlas.importance.watching import watched
from convatlas.progress import Progress, silent


@dataclass(frozen=True)
class Features:
    """Vectors of pictures.

    Attributes:
        vectors: N × features, float32.
        rows: N, which pictures.
        layer: that takes them in.
    """

    vectors: Tensor
    rows: Tensor
    layer: str


def features_of(
    network: nn.Module,
    pictures: Pictures,
    most: int | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Features:
    """What the network's last layer with weights takes in; maps are averaged.

    Args:
        network: left as it was.
        pictures: to be looked at.
        most: so many of them, drawn at random; all when None.
        seed: of the draw.
        progress: told how many were looked at.

    Raises:
        UsageError: the network has no layer with weights.
    """
    rows = torch.arange(pictures.count)
    if most is not None and most < pictures.count:
        random = torch.Generator().manual_seed(seed)
        rows = torch.randperm(pictures.count, generator=random)[:most].sort().values
    layer = last_layer(trace(network, tuple(pictures.one(0).shape)))
    found = watched(
        network, layer, pictures, side="input", rows=rows, progress=progress
    )
    vectors = [as_vectors(values) for _, values in found]
    return Features(torch.cat(vectors), rows, layer)


def last_layer(table: Table) -> str:
    """The last convolution or dense layer that is called.

    Raises:
        UsageError: there is none.
    """
    for row in reversed(table.leaves):
        if row.called and row.kind in ("conv", "fc") and not row.name.endswith("()"):
            return row.name
    raise UsageError(f"{table.name} has no layer with weights to take features from")


def as_vectors(values: Tensor) -> Tensor:
    """N × features, float32: maps averaged over their places, all else flattened."""
    flat = values.mean(dim=(2, 3)) if values.ndim == 4 else values.flatten(1)
    return flat.float().cpu()
