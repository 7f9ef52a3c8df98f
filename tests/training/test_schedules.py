import pytest
import torch

from convatlas.recipe import Recipe
from convatlas.training.schedules import learning_rate


@pytest.mark.parametrize(("warmup", "steps"), [(0.3, 100), (0.1, 333), (0.5, 10)])
def test_one_cycle_is_that_of_torch(warmup: float, steps: int) -> None:
    recipe = Recipe(schedule="one-cycle", lr=0.4, warmup=warmup)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.4, steps, pct_start=warmup, cycle_momentum=False
    )
    for step in range(steps):
        assert learning_rate(recipe, step, steps) == pytest.approx(
            theirs.get_last_lr()[0]
        )
        optimizer.step()
        if step + 1 < steps:
            theirs.step()


def test_one_cycle_without_a_warmup_rises_over_three_tenths() -> None:
    recipe = Recipe(schedule="one-cycle", lr=1)
    rates = [learning_rate(recipe, step, 100) for step in range(100)]
    assert rates.index(max(rates)) == 29


def test_cosine_is_that_of_torch() -> None:
    recipe = Recipe(schedule="cosine", lr=0.2)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50)
    for step in range(50):
        rate = learning_rate(recipe, step, 50)
        assert rate == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_steps_fall_at_their_epochs() -> None:
    recipe = Recipe(schedule="step", lr=1, epochs=6, step_every=2, step_factor=0.1)
    rates = [learning_rate(recipe, step, 60) for step in (0, 19, 20, 39, 40, 59)]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_warmup_rises_to_the_peak(schedule: str) -> None:
    recipe = Recipe.checked({"schedule": schedule, "lr": 1.0, "warmup": 0.1})
    rates = [learning_rate(recipe, step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert max(rates) == rates[9]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_very_short_trainings_have_a_rate(schedule: str, steps: int) -> None:
    recipe = Recipe.checked({"schedule": schedule, "lr": 1.0})
    for step in range(steps):
        assert 0 <= learning_rate(recipe, step, steps) <= 1
