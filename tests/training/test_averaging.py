import torch
from torch import nn

from convatlas.training.averaging import averaged


def test_the_average_follows_and_its_memory_grows() -> None:
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    average = averaged(net, decay=0.9)
    average.update_parameters(net)  # the first call copies
    expected = 0.0
    for step in range(1, 200):
        nn.init.constant_(net.weight, float(step))
        average.update_parameters(net)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    torch.testing.assert_close(
        average.module.weight.item(), expected, rtol=1e-4, atol=0
    )


def test_statistics_of_norms_are_averaged_counters_are_copied() -> None:
    net = nn.BatchNorm1d(2)
    average = averaged(net, decay=0.9)
    average.update_parameters(net)  # the first call copies
    expected = net.running_mean.clone()
    for step in range(1, 4):
        net(torch.randn(8, 2))
        average.update_parameters(net)
        expected.lerp_(net.running_mean, 1 - min(0.9, (1 + step) / (10 + step)))
    torch.testing.assert_close(average.module.running_mean, expected)
    assert average.module.num_batches_tracked == 3
