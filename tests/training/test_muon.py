import copy

import pytest
import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training import muon
from convatlas.training.muon import orthogonal, with_muon
from convatlas.training.optimizers import build_optimizer


@pytest.mark.parametrize("shape", [(4, 4), (3, 40), (40, 3), (1, 7), (120, 400)])
def test_singular_values_near_one_and_the_same_vectors(shape) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(shape, dtype=torch.float64)
    found = orthogonal(matrix)
    assert found.shape == shape and found.dtype == matrix.dtype
    left, before, right = torch.linalg.svd(matrix, full_matrices=False)
    after = left.T @ found @ right.T
    near = before > 0.1 * before.max()
    assert ((after.diag() > 0.3) & (after.diag() < 1.3))[near].all()
    rest = after - torch.diag(after.diag())
    assert rest.abs().max() < 1e-9


def test_of_nothing_nothing() -> None:
    assert torch.equal(orthogonal(torch.zeros(3, 5)), torch.zeros(3, 5))


def test_large_matrices_in_bf16_where_it_is_native(monkeypatch) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(300, 300)
    plain = orthogonal(matrix[:200, :200].contiguous())
    assert not torch.equal(plain, plain.bfloat16().float())
    for native in (True, False):
        monkeypatch.setattr(
            muon, "bf16_is_native", lambda device, native=native: native
        )
        found = orthogonal(matrix)
        assert torch.equal(found, found.bfloat16().float()) == native


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 36, 3)
    )


def stepped(optimizer: torch.optim.Optimizer, of: nn.Module, times: int = 1) -> None:
    images = torch.linspace(-1, 1, 5 * 64).view(5, 1, 8, 8)
    for _ in range(times):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(of(images), torch.arange(5) % 3)
        loss.backward()
        optimizer.step()


def test_biases_go_adamws_way_and_matrices_their_own() -> None:
    ours, theirs = network(), network()
    recipe = Recipe(optimizer="muon", lr=0.01, weight_decay=0.1, momentum=0.8)
    stepped(build_optimizer(ours, recipe), ours)
    stepped(build_optimizer(theirs, recipe.changed(optimizer="adamw")), theirs)
    assert torch.equal(ours[0].bias, theirs[0].bias)
    before = network()[3].weight.detach()
    moved = (ours[3].weight.detach() - (1 - 0.01 * 0.1) * before) / (0.01 * 0.2 * 12)
    values = torch.linalg.svdvals(moved)  # gradients of the classes add up to nothing
    assert values[1] > 0.3 and values[0] < 1.3 and values[2] < 1e-3


def test_layouts_are_the_same_matrix() -> None:
    plain, last = network(), network().to(memory_format=torch.channels_last)
    for one in (plain, last):
        stepped(build_optimizer(one, Recipe(optimizer="muon", lr=0.01)), one, 3)
    for one, other in zip(plain.parameters(), last.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_goes_on_from_its_state() -> None:
    recipe = Recipe(optimizer="muon", lr=0.01)
    whole = network()
    stepped(build_optimizer(whole, recipe), whole, 4)
    half = network()
    first = build_optimizer(half, recipe)
    stepped(first, half, 2)
    other = copy.deepcopy(half)
    second = build_optimizer(other, recipe)
    second.load_state_dict(first.state_dict())
    stepped(second, other, 2)
    for one, other_one in zip(whole.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, other_one)


def test_groups_are_whole_after_a_step_that_fails() -> None:
    class Failing(torch.optim.AdamW):
        def step(self, closure=None):
            raise RuntimeError("no")

    optimizer = with_muon(Failing)(
        [
            {"params": [nn.Parameter(torch.ones(2, 2))], "orthogonal": True},
            {"params": [nn.Parameter(torch.ones(2))]},
        ]
    )
    with pytest.raises(RuntimeError, match="no"):
        optimizer.step()
    assert len(optimizer.param_groups) == 2
