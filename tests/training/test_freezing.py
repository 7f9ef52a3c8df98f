from collections import OrderedDict

import pytest
import torch
from torch import nn

from convatlas.errors import TrainingError
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.loop import fit
from convatlas.training.state import TrainingState


def network() -> nn.Module:
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU())
    head = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    return nn.Sequential(OrderedDict(features=features, head=head))


def trained(recipe: Recipe) -> tuple[nn.Module, nn.Module]:
    net = network()
    state = TrainingState.fresh(net, recipe, 0)
    images = torch.randint(0, 255, (32, 1, 4, 4), dtype=torch.uint8)
    examples = Examples(images, torch.arange(32) % 2, 2)
    for _ in fit(state, examples, None, lambda x: x.float() / 255):
        pass
    return network(), net


def distance(one: nn.Module, other: nn.Module) -> float:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return sum(float((a - b).abs().sum()) for a, b in pairs)


def test_frozen_features_keep_every_tensor_also_running_averages() -> None:
    before, after = trained(Recipe(epochs=2, batch_size=8, freeze="features"))
    assert distance(before.features, after.features) == 0
    assert distance(before.head, after.head) > 0


def test_features_can_learn_more_slowly_than_the_head() -> None:
    plain = Recipe(epochs=2, batch_size=8, optimizer="sgd", momentum=0.0, lr=0.1)
    before, usual = trained(plain)
    _, slow = trained(plain.changed(features_lr=0.01))
    moved = [distance(net.features[0], before.features[0]) for net in (usual, slow)]
    assert 0 < moved[1] < 0.05 * moved[0]


def test_nothing_left_to_train_is_said() -> None:
    net = network()
    net.head.requires_grad_(False)
    with pytest.raises(TrainingError, match="nothing is left to train"):
        TrainingState.fresh(net, Recipe(freeze="features"), 0)
