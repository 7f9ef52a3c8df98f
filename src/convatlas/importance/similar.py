"""What a network finds most similar: pictures by the angle of their features."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from convatlas.anatomy import trace
from convatlas.errors import UsageError
from convatlas.importance.features import as_vectors, last_layer
from convatlas.importance.pictures import Pictures
from convatlas.importance.watching import watched
from convatlas.progress import Progress, silent


@dataclass(frozen=True)
class Similar:
    """A picture that looks alike to the network.

    Attributes:
        picture: its row in the pictures.
        similarity: cosine of the angle between the features, 1 for the same direction.
        label: empty where nobody has told it.
    """

    picture: int
    similarity: float
    label: str


def nearest(
    network: nn.Module,
    queries: Sequence[Tensor],
    pictures: Pictures,
    count: int = 8,
    progress: Progress = silent,
) -> tuple[tuple[Similar, ...], ...]:
    """For each query, the most similar pictures, best first.

    Args:
        network: left as it was.
        queries: C H W each, as the network takes them.
        pictures: among which to look.
        count: pictures a query.
        progress: told how many were looked at.

    Raises:
        UsageError: no layer with weights, no pictures, or a count below 1.
    """
    if count < 1 or not pictures.count:
        raise UsageError(f"{count} similar of {pictures.count} pictures: at least 1")
    layer = last_layer(trace(network, tuple(pictures.one(0).shape)))
    asked = torch.stack([query.detach().cpu() for query in queries])
    own = Pictures("", len(asked), lambda rows: asked[rows], lambda images: images)
    directions = _directions(network, layer, own)
    best = torch.empty(len(asked), 0)
    rows = torch.empty(len(asked), 0, dtype=torch.int64)
    found = watched(network, layer, pictures, side="input", progress=progress)
    for part, values in found:
        cosines = directions @ normalize(as_vectors(values), dim=1).T
        together = torch.cat([best, cosines], dim=1)
        all_rows = torch.cat([rows, part.expand(len(asked), -1)], dim=1)
        best, order = together.topk(min(count, together.shape[1]), dim=1)
        rows = all_rows.gather(1, order)
    return tuple(
        tuple(
            Similar(row, cosine, pictures.label(row))
            for row, cosine in zip(line_rows, line, strict=True)
        )
        for line_rows, line in zip(rows.tolist(), best.tolist(), strict=True)
    )


def _directions(network: nn.Module, layer: str, pictures: Pictures) -> Tensor:
    found = watched(network, layer, pictures, side="input")
    return normalize(torch.cat([as_vectors(values) for _, values in found]), dim=1)
