import pytest
import torch

from convatlas.training.metrics import (
    GOAL,
    accuracy_of_surest,
    calibration_error,
    confidence_error,
    confusion_matrix,
    most_at_goal,
    wilson_interval,
)


def test_wilson_interval_of_a_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263 gives .2553 to .3662.
    low, high = wilson_interval(81, 263)
    assert low == pytest.approx(0.2553, abs=5e-5)
    assert high == pytest.approx(0.3662, abs=5e-5)


def test_wilson_interval_at_the_ends() -> None:
    assert wilson_interval(0, 10)[0] == 0
    assert wilson_interval(10, 10)[1] == pytest.approx(1)
    assert wilson_interval(0, 0) == (0, 1)


def test_confusion_has_true_classes_in_rows() -> None:
    labels = torch.tensor([0, 0, 1, 2, 2, 2])
    predicted = torch.tensor([0, 1, 1, 2, 2, 0])
    matrix = confusion_matrix(labels, predicted, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_calibration_error_by_hand() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    labels = torch.tensor([0, 1, 1, 1])
    # bin of .9: accuracy .5, gap .4; bin of .6: accuracy 1, gap .4
    assert calibration_error(probabilities, labels) == pytest.approx(0.4, abs=1e-6)


def test_calibration_error_of_certain_and_right_is_zero() -> None:
    probabilities = torch.eye(3)
    assert calibration_error(probabilities, torch.arange(3)) == 0


def test_the_surest_answers_first_and_equal_ones_together() -> None:
    confidence = torch.tensor([0.2, 0.9, 0.5, 0.9, 0.5])
    correct = torch.tensor([False, True, False, True, True])
    falling, accuracy = accuracy_of_surest(confidence, correct)
    assert falling.tolist() == pytest.approx([0.9, 0.9, 0.5, 0.5, 0.2])
    # both of .9 are right, three of the four of .5 and more, three of all five
    assert accuracy.tolist() == pytest.approx([1, 1, 0.75, 0.75, 0.6])


def test_one_confidence_an_answer_has_the_error_of_whole_probabilities() -> None:
    made = torch.Generator().manual_seed(0)
    probabilities = (torch.randn(500, 7, generator=made) * 2).softmax(1)
    labels = torch.randint(0, 7, (500,), generator=made)
    confidence, predicted = probabilities.max(1)
    assert confidence_error(confidence, predicted == labels) == pytest.approx(
        calibration_error(probabilities, labels)
    )
    assert confidence_error(torch.full((10,), 0.5), torch.arange(10) < 5) < 1e-6


def test_how_many_answers_reach_the_goal() -> None:
    # the last of several places where 98 % are right counts
    assert most_at_goal(torch.tensor([1.0, 0.5, 0.99, GOAL, 0.9])) == 4
    assert most_at_goal(torch.tensor([0.5, 0.9])) == 0
