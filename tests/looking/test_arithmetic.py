"""The arithmetic of a value gives the value that the layer gave."""

import json
import random

import pytest
import torch
from torch import Tensor, nn

from convatlas.anatomy import trace
from convatlas.errors import UsageError
from convatlas.looking.activations import Looker
from convatlas.looking.arithmetic import Arithmetic, arithmetic_of
from convatlas.networks import build, find


def close(found: Arithmetic) -> bool:
    """Within float rounding of what was summed."""
    assert found.total is not None
    scale = abs(found.value) + sum(abs(t.sum or 0) for t in found.terms) + 1e-3
    return abs(found.total - found.value) <= 2e-5 * scale


def summed(found: Arithmetic) -> float:
    """The value, put together again from the terms alone."""
    total = found.others or 0.0
    for term in found.terms:
        assert term.kernel is not None and term.sum is not None
        products = [
            value * weight
            for row, weights in zip(term.patch, term.kernel, strict=True)
            for value, weight in zip(row, weights, strict=True)
        ]
        assert sum(products) == pytest.approx(term.sum, abs=1e-9, rel=1e-9)
        total += term.sum
    return total + (found.bias or 0.0)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("lenet5", None),
        ("lenet5-tanh", None),
        ("googlenet-mini", None),
        ("densenet-gray", (64, 64)),
        ("resnet20", None),
        ("alexnet", (95, 95)),
        ("preact-resnet18", (64, 64)),
        ("resnet18:attention", (32, 64)),
        ("mnist-cnn", None),
        pytest.param("goodfellow11", None, marks=pytest.mark.slow),
        pytest.param("street-finder", None, marks=pytest.mark.slow),
        pytest.param("googlenet-bn", None, marks=pytest.mark.slow),
    ],
)
def test_every_layer_of_the_atlas_is_worked_out(
    name: str, size: tuple[int, int] | None
) -> None:
    torch.manual_seed(0)
    channels, *published = find(name).input
    network = build(name, input_size=size).eval()
    images = torch.randn(1, channels, *(size or published))
    looker = Looker.of(network, tuple(images.shape[1:]))
    chooser = random.Random(0)
    rows = [i for i, r in enumerate(looker.table.rows) if r.leaf and r.called]
    for index in sorted(chooser.sample(rows, min(len(rows), 40))):
        row = looker.table.rows[index]
        unit = [chooser.randrange(size) for size in row.output]
        found = arithmetic_of(looker, images, index, unit)
        assert found.total is not None, (row.name, found.kind)
        assert close(found), (row.name, unit, found.value, found.total)
        if found.kind in ("conv", "fc", "sum", "attention") and "rbf" not in (
            row.operation
        ):
            assert summed(found) == pytest.approx(found.total, rel=1e-6, abs=1e-6)
        assert found.text.en and found.text.zh
        assert found.formula.en and found.formula.zh
        json.dumps(found.to_json(), allow_nan=False)


def of(module: nn.Module, images: Tensor, unit: tuple[int, ...]) -> Arithmetic:
    looker = Looker.of(nn.Sequential(module).eval(), tuple(images.shape[1:]))
    return arithmetic_of(looker, images, len(looker.table.rows) - 1, unit)


@pytest.mark.parametrize("unit", [(0, 0, 0), (5, 3, 4), (2, 1, 0)])
@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(4, 6, 3, groups=2, dilation=2, padding=3, stride=2),
        nn.Conv2d(4, 6, (5, 3), padding="same", bias=False),
        nn.Conv2d(4, 6, (2, 5), padding=(1, 2), padding_mode="reflect"),
        nn.Conv2d(4, 8, 3, groups=4, padding=1, padding_mode="circular"),
        nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1),
    ],
)
def test_convolutions_of_all_sorts(module: nn.Module, unit: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    found = of(module, torch.randn(1, 4, 11, 13), unit)
    assert close(found) and summed(found) == pytest.approx(found.total, abs=1e-6)


def test_a_patch_says_where_it_was_read() -> None:
    images = torch.arange(2 * 5 * 5.0).reshape(1, 2, 5, 5)
    found = of(nn.Conv2d(2, 1, 3, padding=2, dilation=2), images, (0, 0, 4))
    assert found.kind == "conv" and found.source == "input" and len(found.terms) == 2
    first, second = sorted(found.terms, key=lambda term: term.channel)
    assert first.rows == (-2, 0, 2) and first.columns == (2, 4, 6)
    assert first.patch == ((0, 0, 0), (2, 4, 0), (12, 14, 0))
    assert second.patch[1] == (27, 29, 0)
    assert found.region == (0, 2, 2, 4)


@pytest.mark.parametrize("unit", [(0, 0, 0), (1, 2, 3), (1, 3, 3)])
@pytest.mark.parametrize(
    "module",
    [
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        nn.MaxPool2d(2, 2, dilation=2),
        nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
        nn.AvgPool2d(3, 2, divisor_override=5),
        nn.AdaptiveAvgPool2d((4, 4)),
        nn.AdaptiveMaxPool2d((4, 5)),
        nn.LPPool2d(2, 2),
    ],
)
def test_pooling_of_all_sorts(module: nn.Module, unit: tuple[int, ...]) -> None:
    torch.manual_seed(2)
    found = of(module, torch.randn(1, 2, 9, 10), unit)
    if isinstance(module, nn.LPPool2d):
        assert found.kind == "other" and found.total is None
        assert len(found.terms[0].patch) == 2
    else:
        assert found.kind == "pool" and close(found)


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        (nn.ReLU(), "activation"),
        (nn.ReLU(inplace=True), "activation"),
        (nn.GELU(), "activation"),
        (nn.Hardswish(), "activation"),
        (nn.BatchNorm2d(3), "norm"),
        (nn.LocalResponseNorm(5), "norm"),
        (nn.GroupNorm(1, 3), "other"),
        (nn.Upsample(scale_factor=2), "copy"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "sum"),
        (nn.PixelShuffle(1), "copy"),
        (nn.ChannelShuffle(3), "copy"),
        (nn.ZeroPad2d(2), "copy"),
    ],
)
def test_what_else_there_is(module: nn.Module, kind: str) -> None:
    torch.manual_seed(3)
    if isinstance(module, nn.BatchNorm2d):
        for tensor in (module.weight, module.bias, module.running_mean):
            nn.init.normal_(tensor)  # type: ignore[arg-type]
    found = of(module, torch.randn(1, 3, 6, 6), (1, 3, 4))
    assert found.kind == kind
    assert found.total is None or close(found)
    if kind == "activation":
        assert len(found.terms) == 1 and found.region == (3, 4, 3, 4)


def test_a_product_of_two_maps_is_a_sum_weighted_by_the_other() -> None:
    class Squeeze(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.AdaptiveAvgPool2d(1)

        def forward(self, images: Tensor) -> Tensor:
            return images * self.pool(images)

    images = torch.randn(1, 3, 4, 4)
    network = Squeeze()
    looker = Looker(network, trace(network, (3, 4, 4)))
    found = arithmetic_of(looker, images, len(looker.table.rows) - 1, (2, 1, 1))
    assert found.kind == "sum" and close(found) and found.source == "input"
    (term,) = found.terms
    assert term.kernel is not None
    assert term.kernel[0][0] == pytest.approx(float(images[0, 2].mean()), rel=1e-5)


def test_large_sums_are_told_by_their_largest_terms() -> None:
    torch.manual_seed(4)
    module = nn.Sequential(nn.Flatten(), nn.Linear(400, 3)).eval()
    looker = Looker.of(module, (4, 10, 10))
    images = torch.randn(1, 4, 10, 10)
    flat = arithmetic_of(looker, images, len(looker.table.rows) - 1, (1,))
    assert len(flat.terms) == 4 and len(flat.terms[0].patch) == 10  # templates
    lone = nn.Sequential(nn.Linear(400, 3)).eval()
    found = arithmetic_of(Looker.of(lone, (400,)), torch.randn(1, 400), 0, (1,))
    assert len(found.terms) == 16 and found.left_out == 384
    assert close(found) and summed(found) == pytest.approx(found.total, abs=1e-6)
    assert "Σ 400 products" in found.formula.en
    assert "Σ 400 个乘积" in found.formula.zh


def test_units_outside_are_named() -> None:
    with pytest.raises(UsageError, match=r"unit 2,0,0: .*1×3×3.* units 0,0,0 to 0,2,2"):
        of(nn.Conv2d(1, 1, 3), torch.randn(1, 1, 5, 5), (2, 0, 0))
    with pytest.raises(UsageError, match="unit 0: "):
        of(nn.Conv2d(1, 1, 3), torch.randn(1, 1, 5, 5), (0,))


def test_nothing_is_left_changed() -> None:
    network = build("lenet5-maxpool").train()
    before = {n: t.clone() for n, t in network.state_dict().items()}
    looker = Looker.of(network, (1, 28, 28))
    arithmetic_of(looker, torch.randn(1, 1, 28, 28), 0 + 1, (0, 0, 0))
    assert all(torch.equal(t, before[n]) for n, t in network.state_dict().items())
    assert all(m.training and not m._forward_hooks for m in network.modules())
    assert all(p.grad is None and p.requires_grad for p in network.parameters())
