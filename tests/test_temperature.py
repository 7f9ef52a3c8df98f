import pytest
import torch

from convatlas.house_number import encode
from convatlas.temperature import fit_temperature, of_mixture
from convatlas.training.tasks import ColumnsTask, DigitsTask, LengthTask


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_answers_that_are_too_sure_are_cooled_by_as_much(truth: float) -> None:
    """Labels are drawn from the answers at a known temperature, which is found."""
    made = torch.Generator().manual_seed(1)
    logits = torch.randn(4000, 2, 11, generator=made) * 2 * truth
    shares = (logits / truth).softmax(2).flatten(0, 1)
    labels = torch.multinomial(shares, 1, generator=made).reshape(4000, 2)
    # what stands behind an empty place is never read
    labels[labels[:, 0] == 10, 1] = 10
    found = fit_temperature(DigitsTask(), [logits], labels)
    assert found.temperature == pytest.approx(truth, rel=0.06)
    assert found.loss <= found.loss_before and found.count == 4000


def test_every_kind_of_head_can_be_fitted_and_long_numbers_are_left_out() -> None:
    labels = encode(["12", "3", "1234567"], 7)
    for task, shape in (
        (DigitsTask(), (5, 11)),
        (LengthTask(), (7 + 50,)),
        (ColumnsTask(), (6, 11)),
    ):
        given = torch.randn(3, *shape, generator=torch.Generator().manual_seed(2))
        found = fit_temperature(task, [given], labels)
        assert found.count == 2 and found.loss < found.loss_before
        assert 0.1 <= found.temperature <= 10


def test_without_a_number_that_can_be_said_nothing_is_fitted() -> None:
    found = fit_temperature(DigitsTask(), [torch.zeros(1, 2, 11)], encode(["123"], 3))
    assert (found.temperature, found.count) == (1.0, 0)


def test_the_mean_probability_of_whole_numbers_by_trying_temperatures() -> None:
    made = torch.Generator().manual_seed(3)
    looks = [torch.randn(300, 2, 11, generator=made) * 3 for _ in range(2)]
    labels = torch.multinomial(torch.ones(300, 10), 2, generator=made)
    labels[:150, 0] = looks[0][:150, 0, :10].argmax(1)
    labels[:150, 1] = looks[0][:150, 1, :10].argmax(1)

    def loss(temperature: float) -> float:
        chances = []
        for look in looks:
            shares = (look / temperature).softmax(2)
            each = shares.gather(2, labels[:, :, None])[..., 0]
            chances.append(each.prod(dim=1))
        return -float(torch.stack(chances).mean(dim=0).log().mean())

    found = fit_temperature(DigitsTask(), looks, labels, of_mixture)
    assert found.loss == pytest.approx(loss(found.temperature), rel=1e-4)
    assert all(found.loss < loss(found.temperature * by) for by in (0.7, 0.9, 1.1, 1.4))
