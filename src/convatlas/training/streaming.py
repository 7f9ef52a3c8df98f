"""Pictures that stay in the machine's memory while a device trains on them."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from convatlas.training.examples import Examples

Place = Literal["auto", "device", "host"]

FREE_SHARE = 0.5  # of a device's free memory that pictures may take; steps want some


@dataclass(frozen=True)
class Streamed(Examples):
    """Examples whose pictures are sent batch by batch; all else is on the device.

    On CUDA batches go through page-locked memory and a stream of their own, so that a
    batch travels while the one before is computed: steps are queued faster than the
    device makes them.

    Attributes:
        device: where batches are sent.
    """

    device: torch.device = torch.device("cpu")

    def taken(self, rows: Tensor | slice) -> Examples:
        """Some of them, all on the device.

        Args:
            rows: best in the machine's memory, where nothing has to be waited for.
        """
        if isinstance(rows, slice):
            images = self.images[rows]
        else:
            images = _gathered(self.images, rows.cpu(), self.device)
            rows = rows.to(self.device, non_blocking=True)
        return Examples(
            images=_sent(images, self.device),
            labels=self.labels[rows],
            classes=self.classes,
            task=self.task,
            boxes=None if self.boxes is None else self.boxes[rows],
            sizes=None if self.sizes is None else self.sizes[rows],
        )


def placed(examples: Examples, device: torch.device, where: Place = "auto") -> Examples:
    """Examples for a training on ``device``, which gets all but perhaps the pictures.

    Args:
        examples: in the machine's memory.
        device: that trains.
        where: the pictures lie; ``"auto"`` is the device if they fit into half of its
            free memory.
    """
    images = examples.images
    known = replace(
        examples,
        labels=examples.labels.to(device),
        boxes=None if examples.boxes is None else examples.boxes.to(device),
        sizes=None if examples.sizes is None else examples.sizes.to(device),
    )
    fits = images.nbytes <= FREE_SHARE * free_bytes(device)
    if where == "device" or (where == "auto" and fits):
        return replace(known, images=images.to(device))
    return Streamed(**vars(known), device=device)


def free_bytes(device: torch.device) -> float:
    """Of a device's memory; infinite where the pictures lie in it already."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        most = torch.mps.recommended_max_memory()
        return float(most - torch.mps.driver_allocated_memory())
    return float("inf")


def _gathered(images: Tensor, rows: Tensor, device: torch.device) -> Tensor:
    pinned = device.type == "cuda"
    shape = len(rows), *images.shape[1:]
    batch = torch.empty(shape, dtype=images.dtype, pin_memory=pinned)
    return torch.index_select(images, 0, rows, out=batch)


def _sent(images: Tensor, device: torch.device) -> Tensor:
    if device.type != "cuda":
        return images.to(device)
    stream = _stream(device)
    with torch.cuda.stream(stream):
        sent = images.to(device, non_blocking=True)
    computing = torch.cuda.current_stream(device)
    computing.wait_stream(stream)
    sent.record_stream(computing)
    return sent


@lru_cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
