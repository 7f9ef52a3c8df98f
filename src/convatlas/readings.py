"""The numbers that a network's answers say, whatever kind of head gave them.

A whole number's probability is that of its digits and of its end. Where the digits
stand side by side it is a product; where a class stands in every column it is the sum
over all paths that spell the number (Graves et al. 2006, section 3.2).

Several looks at the same pictures are averaged in log-probabilities: of each place, or,
since the columns of two looks show different things, of whole numbers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import ctc_loss, pad

from convatlas.house_number import (
    NONE,
    decode,
    likeliest_length,
    of_lengths,
    read,
)
from convatlas.spec import Reading, Rule
from convatlas.training.tasks import (
    ColumnsTask,
    DigitsTask,
    LengthTask,
    Task,
    collapsed,
    fitted,
)

NEVER = -torch.inf  # log-probability of what cannot be said


def readings(
    task: Task,
    looks: Sequence[Tensor],
    *,
    temperature: float = 1.0,
    rule: Rule = "blank",
) -> list[Reading]:
    """What was read in each picture.

    Args:
        task: of the network.
        looks: its answers to the same pictures, once for each way of showing them.
        temperature: that the answers are divided by before they become probabilities.
        rule: ``"blank"`` reads up to the first empty place, or as many digits as the
            length says; ``"likeliest"`` takes the likeliest whole number, of one digit
            at least. Of columns both take the best path's number; ``"likeliest"``
            weighs it against all numbers of one digit.
    """
    if isinstance(task, DigitsTask):
        return read(_places(looks, temperature), rule)
    if isinstance(task, LengthTask):
        ends, digits = _lengths(task, looks, temperature)
        best, which = digits.max(dim=2)
        told = ends.argmax(dim=1) if rule == "blank" else likeliest_length(best, ends)
        return of_lengths(which, best, ends, told)
    return _along_columns(_columns(task, looks, temperature), rule)


def log_probability(
    task: Task, looks: Sequence[Tensor], labels: Tensor, temperature: float = 1.0
) -> Tensor:
    """N, float64: how probable the network finds these numbers, as a logarithm.

    Minus infinity for a number that has more digits than the network can say.

    Args:
        task: of the network.
        looks: as for ``readings``.
        labels: the numbers, N × digits.
        temperature: as for ``readings``.
    """
    labels = labels.cpu()
    if isinstance(task, ColumnsTask):
        return _of_numbers(_columns(task, looks, temperature), labels)
    if isinstance(task, LengthTask):
        ends, digits = _lengths(task, looks, temperature)
    else:
        logs = _places(looks, temperature)
        digits = logs[:, :, :NONE]
        ends = pad(logs[:, :, NONE], (0, 1))
    places = digits.shape[1]
    counts = (labels != NONE).sum(dim=1)
    true = fitted(labels, places)
    each = digits.gather(2, true.clamp_max(9)[:, :, None])[..., 0]
    end = ends.gather(1, counts.clamp_max(places)[:, None])[:, 0]
    whole = each.where(true != NONE, 0.0).sum(dim=1) + end
    return whole.where(counts <= places, NEVER)


def longest(task: Task, answers: Tensor) -> int:
    """How many digits a number may have to be said in such answers."""
    return task.places if isinstance(task, LengthTask) else answers.shape[1]


def _places(looks: Sequence[Tensor], temperature: float) -> Tensor:
    """N × places × 11: log-probabilities of each place."""
    return _averaged([_scaled(look, temperature).log_softmax(dim=2) for look in looks])


def _lengths(
    task: LengthTask, looks: Sequence[Tensor], temperature: float
) -> tuple[Tensor, Tensor]:
    """Log-probabilities of 0, 1, ... places digits, and N × places × 10 of the digits.

    'Longer' keeps its share of the probability and is never told.
    """
    parts = [task.parts(_scaled(look, temperature)) for look in looks]
    lengths = _averaged([length.log_softmax(dim=1) for length, _ in parts])
    digits = _averaged([digit.log_softmax(dim=2) for _, digit in parts])
    return lengths[:, : task.places + 1], digits


def _columns(task: Task, looks: Sequence[Tensor], temperature: float) -> list[Tensor]:
    """N × columns × 11 of each look: log-probabilities of every column."""
    if not isinstance(task, ColumnsTask):
        raise TypeError(f"{task} reads no numbers")
    return [_scaled(look, temperature).log_softmax(dim=2) for look in looks]


def _scaled(answers: Tensor, temperature: float) -> Tensor:
    return answers.detach().to("cpu", torch.float64) / temperature


def _averaged(logs: list[Tensor]) -> Tensor:
    """Their mean, made probabilities again, over the last dimension."""
    if len(logs) == 1:
        return logs[0]
    return torch.stack(logs).mean(dim=0).log_softmax(dim=-1)


def _along_columns(looks: list[Tensor], rule: Rule) -> list[Reading]:
    """Of the best path of each look, the number that all looks find the likeliest."""
    numbers = [collapsed(look.argmax(dim=2)) for look in looks]
    if rule == "likeliest":
        one_digit = torch.arange(10)[:, None].expand(-1, len(numbers[0]))
        numbers += [digits[:, None] for digits in one_digit]
    columns = max(number.shape[1] for number in numbers)
    candidates = torch.stack([fitted(number, columns) for number in numbers])
    logs = torch.stack([_of_numbers(looks, number) for number in candidates])
    if rule == "likeliest":
        logs = logs.where(candidates[:, :, 0] != NONE, NEVER)
    whole, best = logs.max(dim=0)
    chosen = candidates[best, torch.arange(len(best))]
    digits = _digits_of(looks, chosen, whole)
    return [
        Reading(number, float(log.exp()), tuple(shares[: len(number)]))
        for number, log, shares in zip(
            decode(chosen), whole, digits.tolist(), strict=True
        )
    ]


def _of_numbers(looks: list[Tensor], labels: Tensor) -> Tensor:
    """N: mean log-probability of whole numbers, over all paths that spell them."""
    lengths = (labels != NONE).sum(dim=1)
    logs = [
        -ctc_loss(
            look.transpose(0, 1),
            labels.clamp_max(9),
            torch.full_like(lengths, look.shape[1]),
            lengths,
            blank=NONE,
            reduction="none",
        )
        for look in looks
    ]
    return torch.stack(logs).mean(dim=0)


def _digits_of(looks: list[Tensor], labels: Tensor, whole: Tensor) -> Tensor:
    """N × digits: probability of each digit, if the others are right.

    It is compared with the nine other digits in its place, and with none there.
    """
    shares = torch.ones(labels.shape, dtype=torch.float64)
    for place in range(int((labels != NONE).sum(dim=1).max())):
        there = labels[:, place] != NONE
        without = torch.cat([labels[:, :place], labels[:, place + 1 :]], dim=1)
        others = [_of_numbers(looks, without)]
        for digit in range(10):
            changed = labels.clone()
            changed[there, place] = digit
            others.append(_of_numbers(looks, changed))
        # one of the ten is the number itself
        share = (whole - torch.stack(others).logsumexp(dim=0)).exp()
        shares[there, place] = share[there]
    return shares
