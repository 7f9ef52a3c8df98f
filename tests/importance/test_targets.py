import pytest
import torch
from torch import Tensor, nn

from convatlas.errors import NetworkError, UsageError
from convatlas.importance.targets import Target, answers_of, target_of
from convatlas.networks import build
from convatlas.training.tasks import LengthTask


def test_a_class_is_one_logit() -> None:
    answers = torch.tensor([1.0, 4.0, 2.0])
    assert target_of(answers) == Target(((1,),), "class 1", 1)
    assert target_of(answers, asked=2).units == ((2,),)
    assert target_of(answers, asked=2).score(answers[None]).tolist() == [2.0]


@pytest.mark.parametrize("kind", ["digits", "attention"])
def test_a_digit_is_the_logit_of_its_place(kind: str) -> None:
    answers = torch.zeros(5, 11)
    answers[1, 7] = answers[3, 10] = 3
    found = target_of(answers, kind, digit=1)  # type: ignore[arg-type]
    assert found == Target(((1, 7),), "digit 1 = 7", 7)
    found = target_of(answers, kind, digit=3)  # type: ignore[arg-type]
    assert found.name == "digit 3 = none" and found.units == ((3, 10),)
    found = target_of(answers, kind, 4, digit=1)  # type: ignore[arg-type]
    assert found.units == ((1, 4),)


def test_a_length_head_is_asked_for_a_digit_or_the_length() -> None:
    answers = torch.zeros(1, 57)
    length, digits = LengthTask(5).parts(answers)  # views of it
    length[0, 3] = 2
    answers[0, 7 + 10 * 2 + 8] = 5  # the third digit is an eight
    assert LengthTask(5).parts(answers)[1][0, 2, 8] == 5
    found = target_of(answers[0], "length", digit=2)
    assert found.asked == 8 and found.score(answers).tolist() == [5.0]
    assert found.name == "digit 2 = 8"
    found = target_of(answers[0], "length", digit="length")
    assert found.name == "length 3" and found.score(answers).tolist() == [2.0]
    assert target_of(answers[0], "length", 6, "length").name == "longer than 5"


def test_a_digit_of_columns_is_the_columns_that_spell_it() -> None:
    answers = torch.zeros(9, 11)
    path = [10, 4, 4, 10, 4, 7, 7, 7, 10]  # 4, 4, 7
    answers[range(9), path] = 1
    assert target_of(answers, "columns", digit=0).units == ((1, 4), (2, 4))
    assert target_of(answers, "columns", digit=1).units == ((4, 4),)
    found = target_of(answers, "columns", digit=2)
    assert found.name == "digit 2 = 7" and found.score(answers[None]).item() == 3
    assert target_of(answers, "columns", 9, digit=1).units == ((4, 9),)
    with pytest.raises(UsageError, match="digit 3: the places 0 to 2 were read"):
        target_of(answers, "columns", digit=3)
    answers[:, 10] = 9
    with pytest.raises(UsageError, match="no digit was read"):
        target_of(answers, "columns")


def test_a_finder_is_asked_where_digits_are() -> None:
    answers = torch.full((6, 3, 4), -1.0)
    answers[0, 1, 2] = answers[0, 2, 3] = 2
    assert target_of(answers, "box").units == ((0, 1, 2), (0, 2, 3))
    answers[0] = -5
    answers[0, 0, 1] = -4
    assert target_of(answers, "box").units == ((0, 0, 1),)


def test_what_an_answer_does_not_have_is_said() -> None:
    with pytest.raises(UsageError, match="target 3: a class from 0 to 2 can be"):
        target_of(torch.zeros(3), asked=3)
    with pytest.raises(UsageError, match="digit 5: the places 0 to 4 can be asked"):
        target_of(torch.zeros(5, 11), "digits", digit=5)
    with pytest.raises(UsageError, match="digit length: this network tells no length"):
        target_of(torch.zeros(5, 11), "digits", digit="length")
    with pytest.raises(UsageError, match="5×11 numbers, which are not the logits of"):
        target_of(torch.zeros(5, 11))


def test_answers_are_those_of_evaluation_mode() -> None:
    network = build("resnet20").train()
    shown = torch.rand(3, 32, 32)
    given = answers_of(network, shown)
    assert network.training and not given.requires_grad
    expected = network.eval()(shown[None])[0].detach()
    assert torch.allclose(given, expected, atol=1e-6)


def test_a_network_that_answers_with_a_pair_is_refused() -> None:
    class Pair(nn.Module):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            return images, images

    with pytest.raises(NetworkError, match="Pair answers with tuple; one tensor"):
        answers_of(Pair(), torch.zeros(1, 2, 2))
