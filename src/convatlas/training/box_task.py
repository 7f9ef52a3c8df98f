"""Finding a number: how far a finder's box is from the true one."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from convatlas.number_box import (
    CLASSES,
    DIGIT,
    TRUST,
    box_of,
    boxes_of,
    covered,
    overlap,
    union,
)
from convatlas.training.tasks import EVEN, Weighing

L1_SHARE = 2.0  # of a box's distance; 1 - generalised IoU counts once
TRUST_SHARE = 0.2
CLASS_SHARE = 0.3


@dataclass(frozen=True)
class BoxTask:
    """The box around all digits; answers are N × 16 × H × W (``number_box.boxes_of``).

    The loss adds five parts: the averaged box, the boxes of all positions inside a
    digit, whether a position is inside a digit, whether the trust is put there, and
    which digit it is where each has a box of its own. The score is the intersection
    over union.
    """

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        truth, digits = union(batch.boxes), covered(batch.boxes, answers)
        inside = digits.any(1)
        loss = _distance(box_of(answers), truth)
        loss = loss + binary_cross_entropy_with_logits(
            answers[:, DIGIT], inside.float()
        )
        if not inside.any():
            return loss
        told = boxes_of(answers).permute(0, 2, 3, 1)[inside]
        height, width = inside.shape[1:]
        true = truth[:, None, None].expand(-1, height, width, -1)[inside]
        loss = loss + _distance(told, true)
        trust = answers[:, TRUST].flatten(1).log_softmax(1)
        outside = ~inside.flatten(1) & inside.flatten(1).any(1, keepdim=True)
        there = trust.masked_fill(outside, -torch.inf).logsumexp(1)
        loss = loss - TRUST_SHARE * there.clamp_min(-20).mean()
        if batch.labels.shape[1] != batch.boxes.shape[1]:  # one box for all digits
            return loss
        which = digits.int().argmax(1)  # the first, where two overlap
        true = batch.labels.gather(1, which.flatten(1)).reshape(which.shape)[inside]
        told = answers[:, CLASSES].permute(0, 2, 3, 1)[inside]
        return loss + CLASS_SHARE * cross_entropy(told, true)

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        raise NotImplementedError("preparation.teachers refuses teachers of boxes")

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        return overlap(box_of(answers).clamp(0, 1), union(batch.boxes))[0]


def _distance(boxes: Tensor, truth: Tensor) -> Tensor:
    """Mean over the boxes of 2 · L1 + 1 - generalised IoU."""
    l1 = (boxes - truth).abs().sum(1).mean()
    return L1_SHARE * l1 + (1 - overlap(boxes, truth)[1]).mean()
