"""Real numbers: one small variant of each family stands for it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from convatlas.networks import Network, build, find, variants
from convatlas.networks.init import initialise

SMALL = {  # a variant and an input at which a step takes milliseconds
    "lenet5-tanh": (28, 28),
    "lenet5": (32, 32),
    "mnist-cnn": (28, 28),
    "alexnet": (63, 63),
    "vgg11-gray-small": (32, 32),
    "nin-cifar10": (16, 16),
    "googlenet-mini": (28, 28),
    "resnet-mini": (28, 28),
    "resnet20": (16, 16),
    "preact-resnet18": (32, 32),
    "densenet-gray": (32, 32),
    "street-cnn": (64, 64),
    "street-resnet18": (32, 64),
    "goodfellow11": (17, 17),
    "street-reader": (40, 96),
    "street-finder": (32, 64),
}
QUICK = ("lenet5-tanh", "googlenet-mini", "resnet20", "densenet-gray", "street-reader")
COSTLY = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in SMALL
]
LARGE = ["googlenet", "googlenet-bn", "inception-v3", "inception-v4"]


def small(name: str) -> tuple[Network, Tensor]:
    """The network and three images, all from one seed."""
    torch.manual_seed(0)
    network = build(name, input_size=SMALL[name])
    if name == "vgg11-gray-small":  # learns slowly from the start that its source has
        initialise(network, "kaiming")
    return network, torch.randn(3, find(name).input[0], *SMALL[name])


def test_every_family_is_here() -> None:
    names = [*SMALL, *LARGE, "inception-resnet-v2"]
    assert {find(name).family for name in names} == {v.family for v in variants()}


@pytest.mark.parametrize("name", SMALL)
def test_eval_does_not_depend_on_the_batch(name: str) -> None:
    network, batch = small(name)
    network.eval()
    with torch.no_grad():
        together = network(batch)
        alone = torch.cat([network(image.unsqueeze(0)) for image in batch])
    rounding = 1e-5 * max(1.0, float(together.abs().max()))
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=rounding)


@pytest.mark.parametrize("name", SMALL)
def test_state_round_trip(name: str, tmp_path: Path) -> None:
    network, batch = small(name)
    save_file(network.state_dict(), tmp_path / "state.safetensors")
    other = build(name, input_size=SMALL[name])
    other.load_state_dict(load_file(tmp_path / "state.safetensors"))
    with torch.no_grad():
        assert torch.equal(network.eval()(batch), other.eval()(batch))


@pytest.mark.parametrize("name", COSTLY)
def test_export_gives_the_same_logits(name: str) -> None:
    network, batch = small(name)
    network.eval()
    sizes = ({0: torch.export.Dim("batch", min=1, max=64)},)
    with torch.no_grad():
        program = torch.export.export(network, (batch,), dynamic_shapes=sizes)
        expected = network(batch[:2])
        torch.testing.assert_close(program.module()(batch[:2]), expected)


@pytest.mark.parametrize("name", COSTLY)
def test_one_batch_can_be_learnt_by_heart(name: str) -> None:
    network, batch = small(name)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    rate = 3e-4 if name == "alexnet" else 1e-3
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    losses = []
    for _ in range(60):
        logits = network(batch)
        wanted = torch.arange(logits.numel() // logits.shape[-1]) % 3
        loss = nn.functional.cross_entropy(logits.flatten(0, -2), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < losses[0] / 4:
            return
    raise AssertionError(f"the loss went from {losses[0]:.3f} to {losses[-1]:.3f}")
