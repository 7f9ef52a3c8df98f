import pytest
import torch
from torch.nn.functional import cross_entropy

from convatlas.training.examples import Examples
from convatlas.training.tasks import (
    ColumnsTask,
    DigitsTask,
    LengthTask,
    collapsed,
    same_number,
)

# 12, 7, and 123456
LABELS = torch.tensor(
    [[1, 2, 10, 10, 10, 10], [7, 10, 10, 10, 10, 10], [1, 2, 3, 4, 5, 6]]
)


def numbers(labels: torch.Tensor = LABELS) -> Examples:
    return Examples(torch.zeros(len(labels), 3, 2, 2), labels, 11)


def sure(classes: torch.Tensor, of: int = 11) -> torch.Tensor:
    return torch.nn.functional.one_hot(classes, of) * 20.0


def test_digits_are_scored_as_whole_numbers() -> None:
    read = LABELS.clone()
    assert DigitsTask().score(sure(read), numbers()).tolist() == [True] * 3
    read[0, 1] = 3
    assert DigitsTask().score(sure(read), numbers()).tolist() == [False, True, True]


def test_what_follows_the_first_empty_place_is_not_read() -> None:
    read = torch.tensor([[1, 2, 10, 5], [7, 10, 3, 10]])
    assert same_number(read, LABELS[:2]).tolist() == [True, True]


def test_a_number_longer_than_the_network_can_say_is_wrong() -> None:
    five = sure(LABELS[:, :5])
    assert DigitsTask().score(five, numbers()).tolist() == [True, True, False]


def test_loss_of_digits_is_the_sum_over_the_places() -> None:
    answers = torch.randn(3, 5, 11)
    expected = sum(cross_entropy(answers[:, i], LABELS[:, i]) for i in range(5))
    torch.testing.assert_close(DigitsTask().loss(answers, numbers()), expected)


def test_digits_beyond_the_length_do_not_count() -> None:
    task, batch = LengthTask(), numbers(LABELS[:2])
    length = sure(torch.tensor([2, 1]), 7)
    digits = sure(torch.tensor([[1, 2, 9, 9, 9], [7, 8, 8, 8, 8]]), 10)
    answers = torch.cat([length, digits.flatten(1)], 1)
    assert task.loss(answers, batch).item() == pytest.approx(0, abs=1e-6)
    assert task.score(answers, batch).tolist() == [True, True]
    shorter = torch.cat([sure(torch.tensor([1, 1]), 7), digits.flatten(1)], 1)
    assert task.score(shorter, batch).tolist() == [False, True]


def test_a_number_called_longer_is_never_right() -> None:
    answers = torch.cat(
        [sure(torch.tensor([6]), 7), sure(LABELS[2:, :5], 10).flatten(1)], 1
    )
    assert LengthTask().score(answers, numbers(LABELS[2:])).tolist() == [False]
    assert LengthTask().loss(answers, numbers(LABELS[2:])).item() < 1e-3


def test_columns_collapse_repeats_then_blanks() -> None:
    path = torch.tensor([[10, 1, 1, 10, 2, 2], [7, 7, 10, 7, 10, 10]])
    assert collapsed(path).tolist() == [[1, 2, *[10] * 4], [7, 7, *[10] * 4]]


def test_columns_learn_a_number() -> None:
    torch.manual_seed(0)
    answers = torch.zeros(2, 8, 11, requires_grad=True)
    batch, task = numbers(LABELS[:2]), ColumnsTask()
    optimizer = torch.optim.Adam([answers], lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        task.loss(answers, batch).backward()
        optimizer.step()
    assert task.loss(answers, batch).item() < 0.1
    assert task.score(answers, batch).tolist() == [True, True]
