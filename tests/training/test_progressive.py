"""Smaller inputs first: the sizes of each step, the stretched map, the real loop."""

import copy
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from convatlas.data.preprocess import Preprocess
from convatlas.errors import InputSizeError
from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.loop import fit
from convatlas.training.progressive import GrowingInput, growing, transform_at
from convatlas.training.records import EpochRecord
from convatlas.training.state import TrainingState

STAGED = Recipe(first_size=0.5, resize_until=0.5, resize_stages=2)


def sizes_seen(recipe: Recipe, steps: int = 8) -> list[tuple[int, ...]]:
    preprocess = Preprocess((1, 28, 28), (1, 28, 28), (0.1,), (0.3,))
    network = build("lenet5-sigmoid", classes=10)
    transform = growing(
        recipe, network, preprocess.target, preprocess, preprocess.resized
    )
    images = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    return [
        tuple(transform_at(transform, step, steps)(images).shape[-2:])
        for step in range(steps)
    ]


def test_sizes_grow_in_stages_and_end_full() -> None:
    assert sizes_seen(Recipe()) == [(28, 28)] * 8
    assert sizes_seen(STAGED) == [(14, 14)] * 2 + [(21, 21)] * 2 + [(28, 28)] * 4
    whole = STAGED.changed(resize_until=1.0, resize_stages=1)
    assert sizes_seen(whole) == [(14, 14)] * 8


@pytest.mark.parametrize(
    ("name", "small"),
    [
        ("lenet5-sigmoid", 14),
        ("lenet5-tanh", 14),  # its last convolution needs the full map
        ("alexnet-gray", 112),
        ("resnet18-small", 16),
    ],
)
def test_any_head_answers_smaller_pictures_and_full_answers_stay(
    name: str, small: int
) -> None:
    network = build(name, classes=10, in_channels=1).eval()
    side = 2 * small
    images = torch.rand(2, 1, side, side, generator=torch.Generator().manual_seed(0))
    before = network(images)
    recipe = Recipe(first_size=0.5)
    growing(recipe, network, (1, side, side), nn.Identity(), lambda h, w: nn.Identity())
    assert torch.equal(network(images), before)
    few = network(images[..., ::2, ::2])
    assert few.shape == (2, 10)
    few.sum().backward()
    assert all(p.grad is not None for p in network.parameters())
    averaged = copy.deepcopy(network)  # as the moving average does it
    assert torch.equal(averaged(images[..., ::2, ::2]), few)


def test_a_map_of_the_full_size_is_not_touched_and_a_smaller_one_is_bilinear() -> None:
    network = nn.Module()
    network.features, network.scale = nn.Identity(), nn.Parameter(torch.ones(()))
    network.forward = lambda images: network.features(images)  # type: ignore[method-assign]
    growing(
        Recipe(first_size=0.5),
        network,
        (1, 4, 4),
        nn.Identity(),
        lambda height, width: nn.Identity(),
    )
    ramp = torch.tensor([[[[0.0, 4.0], [0.0, 4.0]]]])
    assert network(ramp)[0, 0, 0].tolist() == [0.0, 1.0, 3.0, 4.0]
    assert torch.equal(network(ramp.repeat(1, 1, 2, 2)), ramp.repeat(1, 1, 2, 2))


def test_a_size_that_the_network_cannot_take_is_named() -> None:
    network = build("alexnet-gray", classes=10, in_channels=1)
    with pytest.raises(InputSizeError, match=r"first_size = 0.03: .* of 7×7"):
        growing(
            Recipe(first_size=0.03),
            network,
            (1, 224, 224),
            nn.Identity(),
            lambda height, width: nn.Identity(),
        )


def test_padded_pictures_are_padded_before_they_are_resized() -> None:
    preprocess = Preprocess((1, 28, 28), (1, 32, 32), (0.0,), (1.0,))
    bright = torch.full((1, 1, 28, 28), 255, dtype=torch.uint8)
    small = preprocess.resized(16, 16)(bright)
    assert small.shape == (1, 1, 16, 16)
    assert small[0, 0, 0, 0] < 0.1 and small[0, 0, 8, 8] == 1


def test_resizing_goes_straight_from_the_source_to_the_small_size() -> None:
    preprocess = Preprocess((3, 28, 28), (1, 96, 96), (0.5,) * 3, (0.2,) * 3, "resize")
    images = torch.randint(256, (4, 3, 28, 28), dtype=torch.uint8)
    direct = Preprocess((3, 28, 28), (1, 48, 48), (0.5,) * 3, (0.2,) * 3, "resize")
    assert torch.equal(preprocess.resized(48, 48)(images), direct(images))


def test_the_loop_validates_at_full_size_and_resumes_bit_for_bit() -> None:
    images = torch.randint(256, (120, 1, 28, 28), dtype=torch.uint8)
    examples = Examples(images, torch.arange(120) % 10, 10)
    recipe = STAGED.changed(epochs=2, batch_size=20, ema=0.9, first_size=0.5)
    preprocess = Preprocess((1, 28, 28), (1, 28, 28), (0.1,), (0.3,))
    seen: list[int] = []

    def started() -> tuple[TrainingState, GrowingInput]:
        torch.manual_seed(0)
        network = build("lenet5-sigmoid", classes=10)
        transform = growing(
            recipe, network, preprocess.target, preprocess, preprocess.resized
        )
        assert isinstance(transform, GrowingInput)
        network.register_forward_pre_hook(
            lambda module, given: seen.append(given[0].shape[-1])
        )
        return TrainingState.fresh(network, recipe, 0), transform

    def weights(state: TrainingState) -> list[Tensor]:
        return list(state.chosen.state_dict().values())

    whole, transform = started()
    records = list(fit(whole, examples, examples, transform))
    assert sum(isinstance(record, EpochRecord) for record in records) == 2
    assert [side for side in seen if side != 28] == [14] * 3 + [21] * 3
    assert seen[6] == 28  # the first validation, after six smaller steps

    first, transform = started()
    assert len(list(islice(fit(first, examples, examples, transform), 5))) == 5
    second, transform = started()
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    list(fit(second, examples, examples, transform))
    assert all(map(torch.equal, weights(second), weights(whole)))
