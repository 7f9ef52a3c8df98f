import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.lr_range import RangePoint, lr_range_test, suggested_lr


def test_finds_a_rate_that_trains_and_leaves_the_network_alone() -> None:
    torch.manual_seed(0)
    labels = torch.randint(2, (256,))
    images = (
        labels.view(-1, 1, 1, 1) * 100 + torch.randint(100, (256, 1, 4, 4))
    ).byte()
    labels[:25] = 1 - labels[:25]  # some labels are wrong
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 2))
    before = [p.clone() for p in network.parameters()]
    points = list(
        lr_range_test(
            network,
            Recipe(optimizer="sgd", batch_size=64),
            Examples(images, labels, 2),
            lambda x: x.float() / 255,
            highest=1e4,
        )
    )
    assert all(map(torch.equal, before, network.parameters()))
    assert len(points) < 200  # the loss exploded on the way
    assert points[0].lr < points[-1].lr
    best = suggested_lr(points)
    assert 1e-3 < best < 10


def test_no_suggestion_from_a_loss_that_only_rises() -> None:
    assert suggested_lr([]) is None
    assert suggested_lr([RangePoint(10.0**i, i) for i in range(9)]) is None


def test_the_suggestion_is_the_steepest_fall() -> None:
    losses = [2.3, 2.3, 2.2, 1.2, 1.0, 0.9, 3.0]
    points = [RangePoint(10.0 ** (i - 5), loss) for i, loss in enumerate(losses)]
    assert suggested_lr(points) in (points[2].lr, points[3].lr)
