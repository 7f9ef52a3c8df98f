import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.losses import class_weights, loss_and_answers
from convatlas.training.tasks import Weighing


def test_balanced_weights_average_one_over_the_labels() -> None:
    labels = torch.tensor([0, 0, 0, 1])
    weights = class_weights(Recipe(class_weights="balanced"), labels, 3)
    assert weights.tolist() == pytest.approx([4 / 9, 4 / 3, 0])
    assert class_weights(Recipe(), labels, 3) is None


class Branched(nn.Module):
    auxiliary_weights = (0.3, 0.2)

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(4, 3) for _ in range(3))

    def logits_with_auxiliaries(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(head(images) for head in self.heads)

    def forward(self, images: Tensor) -> Tensor:
        return self.heads[0](images)


def test_auxiliary_classifiers_count_by_their_weights() -> None:
    network, images = Branched(), torch.randn(5, 4)
    labels = torch.tensor([0, 1, 2, 0, 1])
    batch = Examples(images, labels, 3)
    loss, answers = loss_and_answers(network, images, batch, Weighing(0.1))
    expected = sum(
        weight * cross_entropy(head(images), labels, label_smoothing=0.1)
        for weight, head in zip((1, 0.3, 0.2), network.heads, strict=True)
    )
    torch.testing.assert_close(loss, expected)
    assert torch.equal(answers, network(images))
