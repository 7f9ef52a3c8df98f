"""What a network is asked, as the loss of its answers and their score."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, ctc_loss, pad

from convatlas.spec import NONE


@dataclass(frozen=True)
class Weighing:
    """How much the classes count in a loss.

    Attributes:
        smoothing: share of a target that is spread over all classes.
        classes: weight of each class; None where all weigh the same.
        teachers: share of the loss that is against what teachers told, where there are
            any.
    """

    smoothing: float = 0.0
    classes: Tensor | None = None
    teachers: float = 0.0


EVEN = Weighing()


class Task(Protocol):
    """How answers are compared with the labels (or boxes) of their pictures.

    ``batch`` is an ``Examples`` of as many pictures as there are answers.
    """

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        """Mean over the pictures, a scalar with gradient.

        Args:
            answers: of the network, float32.
            batch: the pictures' labels.
            weighing: of classes.
        """

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        """Cross-entropy against the teachers' mean probabilities, in the loss' scale.

        Args:
            answers: of the network, float32.
            told: teachers × N × ..., of the teachers.
        """

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        """N: 1 for a right answer, 0 for a wrong one (boxes: what they share)."""


@dataclass(frozen=True)
class ClassTask:
    """One label a picture: cross-entropy of N × classes logits."""

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        return soft_cross_entropy(answers, told)

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        return cross_entropy(
            answers,
            batch.labels,
            weight=weighing.classes,
            label_smoothing=weighing.smoothing,
        )

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        right: Tensor = answers.argmax(1) == batch.labels
        return right


CLASSES = ClassTask()


@dataclass(frozen=True)
class DigitsTask:
    """A number whose places are read side by side, N × places × 11 logits.

    The loss is the sum over the places, as the tutorials have it. A number longer than
    the network has places counts as wrong.
    """

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        return soft_cross_entropy(answers, told)

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        places = answers.shape[1]
        digits = cross_entropy(
            answers.flatten(0, 1),
            fitted(batch.labels, places).flatten(),
            weight=weighing.classes,
            label_smoothing=weighing.smoothing,
        )
        return digits * places

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        return same_number(answers.argmax(2), batch.labels)


@dataclass(frozen=True)
class LengthTask:
    """The length, then each digit given that it is there (Goodfellow et al. 2013).

    Logits are N × (lengths + 10 · places): those of the lengths 0, 1, ... places and of
    'longer', then ten of each place. Digits beyond the length are not asked for.
    """

    places: int = 5

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        length, digits = self.parts(answers)
        lengths, theirs = zip(*(self.parts(one) for one in told), strict=True)
        return soft_cross_entropy(length, torch.stack(lengths)) + soft_cross_entropy(
            digits, torch.stack(theirs)
        )

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        length, digits = self.parts(answers)
        true = fitted(batch.labels, self.places)
        known = true != NONE
        counts = (batch.labels != NONE).sum(1).clamp_max(self.places + 1)
        smoothing = weighing.smoothing
        of_length = cross_entropy(length, counts, label_smoothing=smoothing)
        if not known.any():
            return of_length
        of_digits = cross_entropy(
            digits[known], true[known], label_smoothing=smoothing, reduction="sum"
        )
        return of_length + of_digits / len(answers)

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        length, digits = self.parts(answers)
        return same_number(cut(digits.argmax(2), length.argmax(1)), batch.labels) & (
            length.argmax(1) <= self.places
        )

    def parts(self, answers: Tensor) -> tuple[Tensor, Tensor]:
        """N × lengths and N × places × 10."""
        length = answers[:, : self.places + 2]
        return length, answers[:, self.places + 2 :].reshape(-1, self.places, 10)


@dataclass(frozen=True)
class ColumnsTask:
    """Connectionist temporal classification over columns (Graves et al. 2006).

    Logits are N × columns × 11; class 10 is the blank.
    """

    def imitation(self, answers: Tensor, told: Tensor) -> Tensor:
        return soft_cross_entropy(answers, told)

    def loss(self, answers: Tensor, batch: Any, weighing: Weighing = EVEN) -> Tensor:
        lengths = (batch.labels != NONE).sum(1)
        columns = torch.full_like(lengths, answers.shape[1])
        log_probabilities = answers.log_softmax(2)
        loss = ctc_loss(
            log_probabilities.transpose(0, 1),
            batch.labels.clamp_max(9),
            columns,
            lengths,
            blank=NONE,
            reduction="sum",
            zero_infinity=True,
        ) / len(answers)
        smoothing = weighing.smoothing
        if smoothing:
            loss = (1 - smoothing) * loss - smoothing * log_probabilities.mean()
        return loss

    def score(self, answers: Tensor, batch: Any) -> Tensor:
        return same_number(collapsed(answers.argmax(2)), batch.labels)


def soft_cross_entropy(answers: Tensor, told: Tensor) -> Tensor:
    """Against the mean probabilities of several: a scalar, the mean over N.

    Args:
        answers: N × ... × classes logits; what lies between is summed over.
        told: teachers × N × ... × classes logits.
    """
    wanted = told.softmax(-1).mean(0)
    return -(wanted * answers.log_softmax(-1)).sum() / len(answers)


def fitted(labels: Tensor, places: int) -> Tensor:
    """N × places: digits beyond are cut off, missing places have none."""
    more = places - labels.shape[1]
    return pad(labels, (0, more), value=NONE) if more > 0 else labels[:, :places]


def same_number(read: Tensor, labels: Tensor) -> Tensor:
    """N, bool: whether all digits agree, up to the first place without one.

    Args:
        read: N × places, classes 0 ... 10.
        labels: N × digits.
    """
    places = max(read.shape[1], labels.shape[1])
    ended = (read == NONE).cummax(1).values
    read = read.where(~ended, NONE)
    return (fitted(read, places) == fitted(labels, places)).all(1)


def cut(digits: Tensor, lengths: Tensor) -> Tensor:
    """N × places: no digits from the length of each number on."""
    place = torch.arange(digits.shape[1], device=digits.device)
    return digits.where(place < lengths[:, None], NONE)


def collapsed(path: Tensor) -> Tensor:
    """N × columns: repeats and blanks of a path removed, the rest moved to the left."""
    before = pad(path[:, :-1], (1, 0), value=-1)
    kept = (path != before) & (path != NONE)
    order = torch.sort((~kept).int(), dim=1, stable=True).indices
    return path.where(kept, NONE).gather(1, order)
