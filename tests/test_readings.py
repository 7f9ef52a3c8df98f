"""Numbers out of answers, against sums over everything that could be said."""

from itertools import product

import pytest
import torch
from torch import Tensor

from convatlas.house_number import NONE, decode, encode
from convatlas.readings import log_probability, longest, readings
from convatlas.training.tasks import (
    ClassTask,
    ColumnsTask,
    DigitsTask,
    LengthTask,
    Task,
    same_number,
)

LENGTH = LengthTask(places=2)
KINDS: list[tuple[Task, tuple[int, ...]]] = [
    (DigitsTask(), (3, 11)),
    (LENGTH, (4 + 20,)),
    (ColumnsTask(), (4, 11)),
]
NUMBERS = ["", *(f"{n}" for n in range(10)), *(f"{n:02}" for n in range(100))]


def labels_of(numbers: list[str]) -> Tensor:
    rows = torch.full((len(numbers), 5), NONE)
    for row, number in enumerate(numbers):
        rows[row : row + 1] = encode([number], 5) if number else NONE
    return rows


def answers(shape: tuple[int, ...], count: int = 6, seed: int = 0) -> Tensor:
    made = torch.Generator().manual_seed(seed)
    return torch.randn(count, *shape, generator=made) * 2


@pytest.mark.parametrize(("task", "shape"), KINDS)
def test_what_is_read_is_what_the_score_counts_as_read(task, shape) -> None:
    given = answers(shape, 40)
    found = readings(task, [given])
    labels = labels_of([one.number for one in found])
    counted = task.score(given, type("Batch", (), {"labels": labels}))
    # a length of 'longer' is wrong whatever is read
    sure = torch.ones(40, dtype=torch.bool)
    if task is LENGTH:
        sure = LENGTH.parts(given)[0].argmax(1) <= 2
    assert counted[sure].all() and not counted[~sure].any()
    assert same_number(labels, labels).all()


@pytest.mark.parametrize(("task", "shape"), KINDS)
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_confidence_is_the_probability_of_the_number(
    task, shape, temperature
) -> None:
    looks = [answers(shape)]
    found = readings(task, looks, temperature=temperature)
    labels = labels_of([one.number for one in found])
    logs = log_probability(task, looks, labels, temperature)
    told = torch.tensor([one.confidence for one in found], dtype=torch.float64)
    torch.testing.assert_close(logs.exp(), told)
    assert all(len(one.digits) == len(one.number) for one in found)
    assert all(0 < digit <= 1 for one in found for digit in one.digits)


def test_of_columns_it_is_the_sum_over_all_paths() -> None:
    task, logits = ColumnsTask(), answers((3, 11), 1)
    by_path = logits[0].double().softmax(1)
    sums: dict[str, float] = {}
    for path in product(range(11), repeat=3):
        shorter = [d for at, d in enumerate(path) if at == 0 or path[at - 1] != d]
        number = "".join(str(d) for d in shorter if d != NONE)
        share = float(torch.stack([by_path[at, d] for at, d in enumerate(path)]).prod())
        sums[number] = sums.get(number, 0.0) + share
    assert sum(sums.values()) == pytest.approx(1)
    numbers = ["", "7", "77", "12", "123", "1234"]
    logs = log_probability(task, [logits.expand(6, 3, 11)], labels_of(numbers))
    for number, log in zip(numbers, logs, strict=True):
        assert float(log.exp()) == pytest.approx(sums.get(number, 0.0), rel=1e-6)
    (best,) = readings(task, [logits])
    assert best.confidence == pytest.approx(sums[best.number])
    for place, share in enumerate(best.digits):
        before, after = best.number[:place], best.number[place + 1 :]
        rest = [before + d + after for d in ["", *"0123456789"]]
        whole = sum(sums.get(number, 0.0) for number in rest)
        assert share == pytest.approx(sums[best.number] / whole)


@pytest.mark.parametrize(("task", "shape"), KINDS[:2])
def test_probabilities_of_all_numbers_sum_to_one(task, shape) -> None:
    looks = [answers(shape, 1, seed) for seed in (0, 1)]
    numbers = list(NUMBERS)
    if isinstance(task, DigitsTask):
        numbers += [f"{n:03}" for n in range(1000)]
    many = [look.expand(len(numbers), *shape) for look in looks]
    total = float(log_probability(task, many, labels_of(numbers)).exp().sum())
    if task is LENGTH:  # the rest is that of longer numbers
        longer = torch.stack([LENGTH.parts(o)[0].log_softmax(1) for o in looks])
        total += float(longer.double().mean(0).softmax(1)[0, 3])
    assert total == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(("task", "shape"), KINDS)
def test_the_likeliest_number_has_a_digit_and_none_is_likelier(task, shape) -> None:
    looks = [answers(shape)]
    found = readings(task, looks, rule="likeliest")
    assert all(one.number for one in found)
    most = torch.tensor([one.confidence for one in found], dtype=torch.float64)
    single = isinstance(task, ColumnsTask)
    for number in NUMBERS[1:11] if single else NUMBERS[1:]:
        others = log_probability(task, looks, labels_of([number] * 6)).exp()
        assert (others <= most + 1e-9).all()


def test_empty_columns_are_read_as_nothing_unless_a_number_is_wanted() -> None:
    blank = torch.zeros(1, 5, 11)
    blank[..., NONE] = 8
    blank[0, 2, 4] = 3
    assert readings(ColumnsTask(), [blank])[0].number == ""
    assert readings(ColumnsTask(), [blank], rule="likeliest")[0].number == "4"


@pytest.mark.parametrize(("task", "shape"), KINDS)
def test_looks_are_averaged_and_the_surer_one_wins(task, shape) -> None:
    one, other = answers(shape, seed=3), answers(shape, seed=4) / 100
    alone, both = readings(task, [one]), readings(task, [one, other])
    same = [a.number == b.number for a, b in zip(alone, both, strict=True)]
    assert sum(same) >= 5
    twice = readings(task, [one, one])
    for a, b in zip(alone, twice, strict=True):
        assert a.number == b.number and a.confidence == pytest.approx(b.confidence)


def test_numbers_that_cannot_be_said_have_no_probability() -> None:
    labels = labels_of(["1234"])
    for task, shape in KINDS[:2]:
        given = answers(shape, 1)
        assert log_probability(task, [given], labels).tolist() == [-torch.inf]
        assert longest(task, given) == (2 if task is LENGTH else 3)
    # the same digit twice needs a blank between
    twice = labels_of(["111", "12"])
    logs = log_probability(ColumnsTask(), [answers((4, 11), 2)], twice)
    assert logs.isfinite().tolist() == [False, True]
    assert decode(twice) == ["111", "12"]


def test_single_classes_are_no_numbers() -> None:
    with pytest.raises(TypeError, match="reads no numbers"):
        readings(ClassTask(), [torch.zeros(1, 10)])
