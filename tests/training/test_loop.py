import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from convatlas.errors import Diverged
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples, of_images
from convatlas.training.loop import fit, steps_of
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState


def network(classes: int = 3) -> nn.Module:
    """A net with everything that carries state: batch norm, dropout, two ranks."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Flatten(),
        nn.Linear(4 * 6 * 6, classes),
    )


def examples(count: int, seed: int = 0, classes: int = 3) -> Examples:
    """Pictures whose brightest third tells the class, so that they can be learned."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(classes, (count,), generator=generator)
    images = torch.randint(0, 120, (count, 1, 8, 8), generator=generator)
    for index, label in enumerate(labels.tolist()):
        images[index, 0, :, 2 * label : 2 * label + 2] += 100
    return Examples(images.to(torch.uint8), labels, classes)


def scaled(images: Tensor) -> Tensor:
    return images.float() / 255


@of_images
def noise(images: Tensor, generator: torch.Generator) -> Tensor:
    return images.float() + 9 * torch.randn(images.shape, generator=generator)


RECIPE = Recipe(
    epochs=3, batch_size=16, lr=0.05, optimizer="sgd", ema=0.95, weight_decay=1e-3
)


def trained(recipe: Recipe, train: Examples, seed: int = 0) -> TrainingState:
    state = TrainingState.fresh(network(), recipe, seed)
    torch.manual_seed(seed)
    for _ in fit(state, train, examples(30, 9), scaled, noise):
        pass
    return state


def weights(state: TrainingState) -> list[Tensor]:
    averages = [] if state.average is None else list(state.average.parameters())
    return [*state.network.state_dict().values(), *averages]


def equal(one: TrainingState, other: TrainingState) -> bool:
    return all(map(torch.equal, weights(one), weights(other)))


def test_same_seed_same_weights_and_another_seed_others() -> None:
    train = examples(70)
    assert equal(trained(RECIPE, train), trained(RECIPE, train))
    assert not equal(trained(RECIPE, train), trained(RECIPE, train, seed=1))


@pytest.mark.parametrize("leave_after", [1, 3, 5, 7, 8, 15])
def test_leaving_and_resuming_changes_no_bit(leave_after: int, tmp_path) -> None:
    train, validation = examples(70), examples(30, 9)
    whole = trained(RECIPE, train)
    state = TrainingState.fresh(network(), RECIPE, 0)
    torch.manual_seed(0)
    steps = 0
    for record in fit(state, train, validation, scaled, noise):
        steps += isinstance(record, StepRecord)
        if steps == leave_after:
            torch.save(state.state_dict(), tmp_path / "last.ckpt")
            break
    torch.manual_seed(1234)
    resumed = TrainingState.fresh(network(), RECIPE, 0)
    resumed.load_state_dict(torch.load(tmp_path / "last.ckpt", weights_only=True))
    records = list(fit(resumed, train, validation, scaled, noise))
    assert equal(resumed, whole)
    epochs = [r.epoch for r in records if isinstance(r, EpochRecord)]
    assert epochs == list(range((leave_after - 1) // 5 + 1, 4))


def test_float32_sgd_equals_the_plain_loop_within_rounding() -> None:
    train = examples(64)
    recipe = Recipe(
        epochs=2, batch_size=16, lr=0.1, optimizer="sgd", schedule="constant"
    )
    plain = network()
    for module in plain.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    state = TrainingState.fresh(copy.deepcopy(plain), recipe, 5)
    for _ in fit(state, train, None, scaled):
        pass
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(2):
        generator = torch.Generator().manual_seed(5 * 1_000_003 + epoch)
        for chosen in torch.randperm(64, generator=generator).view(4, 16):
            optimizer.zero_grad()
            logits = plain(train.images[chosen].float() / 255)
            cross_entropy(logits, train.labels[chosen]).backward()
            optimizer.step()
    for ours, theirs in zip(
        state.network.parameters(), plain.parameters(), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_accumulated_small_batches_equal_one_large_batch() -> None:
    train = examples(48)
    large = Recipe(epochs=1, batch_size=16, lr=0.1, optimizer="sgd")
    small = large.changed(batch_size=4, accumulate=4)
    results = []
    for recipe in (large, small):
        torch.manual_seed(1)
        plain = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
        state = TrainingState.fresh(plain, recipe, 0)
        for _ in fit(state, train, None, scaled):
            pass
        results.append(state.network[1].weight)
    torch.testing.assert_close(results[0], results[1])


def test_the_best_epoch_is_chosen_on_validation_and_learning_happens() -> None:
    state = TrainingState.fresh(network(), RECIPE.changed(epochs=12), 0)
    records = [
        r
        for r in fit(state, examples(120), examples(60, 9), scaled)
        if isinstance(r, EpochRecord)
    ]
    accuracies = [r.validation_accuracy for r in records]
    assert max(accuracies) > 0.9
    best = [r for r in records if r.best]
    assert best[-1].validation_accuracy == max(accuracies)
    assert state.position.best_epoch == best[-1].epoch - 1


def test_early_stopping_waits_as_long_as_told_and_does_not_start_again() -> None:
    recipe = RECIPE.changed(epochs=40, early_stopping=3, lr=1e-9, schedule="constant")
    state = TrainingState.fresh(network(), recipe, 0)
    validation = Examples(
        torch.zeros(8, 1, 8, 8, dtype=torch.uint8), torch.zeros(8).long(), 3
    )
    records = [
        r
        for r in fit(state, examples(32), validation, scaled)
        if isinstance(r, EpochRecord)
    ]
    last_best = max(r.epoch for r in records if r.best)
    assert len(records) == last_best + 3 < 40
    assert not list(fit(state, examples(32), validation, scaled))


def test_the_last_weights_can_be_kept_and_early_stopping_goes_by_the_best() -> None:
    recipe = RECIPE.changed(epochs=40, early_stopping=3, lr=1e-9, schedule="constant")
    validation = Examples(
        torch.zeros(8, 1, 8, 8, dtype=torch.uint8), torch.zeros(8).long(), 3
    )
    epochs = {}
    for keep in ("best", "last"):
        state = TrainingState.fresh(network(), recipe.changed(keep=keep), 0)
        records = fit(state, examples(32), validation, scaled)
        epochs[keep] = [r.best for r in records if isinstance(r, EpochRecord)]
    assert len(epochs["last"]) == len(epochs["best"])
    assert all(epochs["last"]) and not all(epochs["best"])


def test_a_last_batch_of_one_does_not_reach_batch_norm() -> None:
    state = TrainingState.fresh(network(), RECIPE, 0)
    records = list(fit(state, examples(33), None, scaled))
    steps = [r for r in records if isinstance(r, StepRecord)]
    assert len(steps) == 6 and steps[-1].steps == 2


def test_fractional_epochs() -> None:
    recipe = RECIPE.changed(epochs=1.5)
    assert steps_of(recipe, 64) == (4, 6)
    state = TrainingState.fresh(network(), recipe, 0)
    records = list(fit(state, examples(64), None, scaled))
    assert sum(isinstance(r, StepRecord) for r in records) == 6
    assert sum(isinstance(r, EpochRecord) for r in records) == 2


def test_divergence_says_where_and_what_to_do() -> None:
    recipe = RECIPE.changed(lr=1e30, schedule="constant", momentum=0.0)
    state = TrainingState.fresh(network(), recipe, 0)
    with pytest.raises(Diverged, match=r"epoch 1.*1e\+30.*--lr 1e\+29.*--clip 1"):
        list(fit(state, examples(400), None, scaled))


def test_bf16_trains_and_keeps_float32_weights() -> None:
    state = TrainingState.fresh(network(), RECIPE.changed(precision="bf16"), 0)
    list(fit(state, examples(64), None, scaled))
    assert {p.dtype for p in state.network.parameters()} == {torch.float32}
    plain = TrainingState.fresh(network(), RECIPE, 0)
    list(fit(plain, examples(64), None, scaled))
    assert not equal(state, plain)


def test_averaged_weights_are_the_ones_that_are_chosen() -> None:
    state = trained(RECIPE, examples(64))
    assert state.chosen is not state.network
    for average, current in zip(
        state.chosen.parameters(), state.network.parameters(), strict=True
    ):
        assert not torch.equal(average, current)
    for average, current in zip(
        state.chosen.buffers(), state.network.buffers(), strict=True
    ):  # statistics follow, counters are copied
        assert torch.equal(average, current) is not current.is_floating_point()
