"""Pictures that are counted when they are fetched."""

from collections.abc import Sequence

import torch
from torch import Tensor

from convatlas.importance.pictures import Pictures


def of(images: Tensor, labels: Sequence[str] = ()) -> tuple[Pictures, list[int]]:
    """Pictures of uint8 images, as shares of 255, and the sizes of all fetches."""
    fetched: list[int] = []

    def seen(rows: Tensor) -> Tensor:
        fetched.append(len(rows))
        return images[rows]

    def normalise(pixels: Tensor) -> Tensor:
        return pixels.float() / 255

    return Pictures("some", len(images), seen, normalise, tuple(labels)), fetched


def random(count: int, *shape: int, seed: int = 0) -> Tensor:
    """N C H W, uint8."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, *shape), generator=generator).to(torch.uint8)
