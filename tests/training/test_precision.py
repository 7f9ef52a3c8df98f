import pytest
import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.precision import bf16_gain, bf16_is_native


def test_a_processor_has_bf16_only_if_it_says_so(monkeypatch) -> None:
    cpu = torch.device("cpu")
    for said in ({"avx2": True, "avx512_bf16": False}, {"avx2": True}):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda said=said: said)
        assert not bf16_is_native(cpu)
    said = {"avx2": True, "amx_bf16": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: said)
    assert bf16_is_native(cpu)
    assert not bf16_is_native(torch.device("mps"))


def test_measuring_changes_nothing() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(8),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(32, 2),
    )
    before = {name: value.clone() for name, value in network.state_dict().items()}
    images = torch.randint(0, 255, (16, 1, 4, 4), dtype=torch.uint8)
    examples = Examples(images, torch.arange(16) % 2, 2)
    random = torch.get_rng_state()
    gain = bf16_gain(network, Recipe(batch_size=8), examples, lambda x: x.float() / 255)
    assert gain > 0
    assert torch.equal(torch.get_rng_state(), random)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.slow
def test_convolutions_gain_where_bf16_is_native() -> None:
    if not bf16_is_native(torch.device("cpu")):
        pytest.skip("this processor has no bf16 arithmetic")
    network = nn.Sequential(
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.Flatten()
    )
    images = torch.randint(0, 255, (64, 64, 20, 20), dtype=torch.uint8)
    examples = Examples(images, torch.arange(64), 64 * 16 * 16)
    gain = bf16_gain(
        network, Recipe(batch_size=64), examples, lambda x: x.float() / 255
    )
    assert gain > 1.15
