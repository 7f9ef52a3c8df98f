import torch
from torch import nn

from convatlas.training.inference import evaluating, logits_of
from convatlas.training.speed.execution import Execution


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


def test_faster_kernels_answer_the_same() -> None:
    """Wide enough for Winograd's way, and with a kernel that covers its map."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 128, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(128, 128, 3, padding=1),
        nn.MaxPool2d(4),
        nn.Conv2d(128, 8, 4),
        nn.Flatten(),
    )
    images = torch.randint(0, 255, (64, 1, 16, 16), dtype=torch.uint8)
    ways = [
        Execution(),
        Execution(channels_last=False),
        Execution(kernels=True, winograd=True),
        Execution(kernels=True, precision="bf16"),
        None,
    ]
    answers = [
        logits_of(net, images, lambda batch: batch / 255, execution=way) for way in ways
    ]
    assert not torch.equal(answers[0], answers[2])  # something was replaced
    for other in answers[1:]:
        torch.testing.assert_close(answers[0], other, rtol=1e-4, atol=1e-5)
        assert other.dtype == torch.float32
