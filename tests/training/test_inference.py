import torch
from torch import nn

from convatlas.training.inference import evaluating, logits_of


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3),
        nn.BatchNorm2d(3),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(12, 2),
    )


def test_modes_are_as_before_also_when_they_differ() -> None:
    net = network()
    net.train()
    net[1].eval()
    with evaluating(net):
        assert not any(module.training for module in net.modules())
    modes = [module.training for module in net]
    assert modes == [True, False, True, True, True] and net.training


def test_logits_do_not_depend_on_the_size_of_the_batches() -> None:
    net, images = network(), torch.randint(0, 255, (11, 1, 4, 4), dtype=torch.uint8)
    statistics = net[1].running_mean.clone()

    def transform(batch: torch.Tensor) -> torch.Tensor:
        return batch.float() / 255

    one = logits_of(net, images, transform, batch_size=1)
    all_at_once = logits_of(net, images, transform)
    torch.testing.assert_close(one, all_at_once)
    assert one.shape == (11, 2) and not one.requires_grad
    assert torch.equal(net[1].running_mean, statistics)
