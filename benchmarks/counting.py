"""Who counts right: parameters and MACs of small networks with a known truth.

Each network has something that makes counters stumble. The truth is worked out by
hand, as a formula beside the network. Writes docs/counting.md:

    pip install torchinfo fvcore torchlens
    python benchmarks/counting.py > docs/counting.md
"""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from convatlas.anatomy import trace
from convatlas.networks import build

Counts = tuple[int | None, int | None]  # parameters, MACs


class FunctionalPooling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, bias=False)
        self.fc = nn.Linear(8 * 5 * 5, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1))


class SharedLayer(nn.Module):
    """One convolution called three times: its parameters once, its MACs thrice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.conv(self.conv(x)))


class TiedWeights(nn.Module):
    """Two modules, one parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.other = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.other.weight = self.one.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.other(self.one(x))


class ReusedActivation(nn.Module):
    """One ReLU instance after each of two convolutions, in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        return self.relu(self.conv2(x)) + x


class BareParameters(nn.Module):
    """Kernels that belong to no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(8, 3, 3, 3))
        self.matrix = nn.Parameter(torch.randn(8, 10))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel).mean((2, 3)) @ self.matrix


class BareInsideBlock(nn.Module):
    """A block with layers and a bare parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.scale = nn.Parameter(torch.ones(8, 1, 1))
        self.mix = nn.Parameter(torch.randn(8, 8, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(self.conv(x) * self.scale, self.mix)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        return self.attention(tokens, tokens, tokens)[0]


class NeverCalled(nn.Module):
    """An auxiliary classifier that only the training uses."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, bias=False)
        self.auxiliary = nn.Linear(8, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).mean((2, 3))
        return (x, self.auxiliary(x)) if self.training else x


def depthwise() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, bias=False),
        nn.Conv2d(8, 16, 1, bias=False),
    )


@dataclass(frozen=True)
class Case:
    """A network and what is true of it."""

    what: str
    build: Callable[[], nn.Module]
    input: tuple[int, int, int]
    parameters: int
    macs: int


CASES = (
    Case(
        "a plain chain with biases (lenet5-tanh)",
        lambda: build("lenet5-tanh"),
        (1, 28, 28),
        156 + 2416 + 48120 + 10164 + 850,
        150 * 784 + 2400 * 100 + 48000 + 10080 + 840,
    ),
    Case(
        "functional pooling and activation",
        FunctionalPooling,
        (3, 12, 12),
        216 + 2000,
        216 * 100 + 2000,
    ),
    Case("a layer called three times", SharedLayer, (8, 9, 9), 576, 3 * 576 * 81),
    Case("two layers, one parameter", TiedWeights, (8, 9, 9), 576, 2 * 576 * 81),
    Case(
        "one ReLU reused in place, a skip",
        ReusedActivation,
        (3, 9, 9),
        216 + 576,
        (216 + 576) * 81,
    ),
    Case("bare parameters only", BareParameters, (3, 10, 10), 216 + 80, 216 * 64 + 80),
    Case(
        "bare parameters beside a layer",
        BareInsideBlock,
        (3, 9, 9),
        216 + 8 + 64,
        (216 + 64) * 81,
    ),
    Case(
        "depthwise and dilated",
        depthwise,
        (8, 9, 9),
        72 + 128,
        (72 + 128) * 81,
    ),
    Case(
        "transposed convolution",
        lambda: nn.Sequential(nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False)),
        (8, 6, 6),
        512,
        512 * 36,
    ),
    Case(
        "multi-head attention",
        Attention,
        (16, 4, 4),
        4 * 256 + 4 * 16,
        4 * 256 * 16 + 2 * 16 * 16 * 16,
    ),
    Case(
        "a module that is never called",
        NeverCalled,
        (3, 10, 10),
        216 + 80,
        216 * 64,
    ),
)


def by_convatlas(network: nn.Module, input: tuple[int, int, int]) -> Counts:
    table = trace(network, input)
    return table.parameters, table.macs


def by_torch(network: nn.Module, input: tuple[int, int, int]) -> Counts:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.rand(1, *input))
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2


def by_torchinfo(network: nn.Module, input: tuple[int, int, int]) -> Counts:
    import torchinfo

    summary = torchinfo.summary(network, (1, *input), verbose=0)
    return summary.total_params, summary.total_mult_adds


def by_fvcore(network: nn.Module, input: tuple[int, int, int]) -> Counts:
    from fvcore.nn import FlopCountAnalysis, parameter_count

    analysis = FlopCountAnalysis(network, torch.rand(1, *input))
    analysis.unsupported_ops_warnings(False)
    analysis.uncalled_modules_warnings(False)
    return parameter_count(network)[""], int(analysis.total())


def by_torchlens(network: nn.Module, input: tuple[int, int, int]) -> Counts:
    import torchlens

    seen = torchlens.trace(network, torch.rand(1, *input))
    macs = seen.total_macs_forward
    return seen.num_params, None if macs is None else int(macs)


COUNTERS: dict[str, Callable[[nn.Module, tuple[int, int, int]], Counts]] = {
    "convatlas": by_convatlas,
    "torch": by_torch,
    "torchinfo": by_torchinfo,
    "fvcore": by_fvcore,
    "torchlens": by_torchlens,
}


def cell(found: int | None, truth: int) -> str:
    """``✓``, or the wrong figure with its error."""
    if found == truth:
        return "✓"
    if found is None:
        return "none"
    return f"{found:,} ({found - truth:+,})"


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    rows: dict[str, list[str]] = {"parameters": [], "MACs": []}
    right = {name: [0, 0] for name in COUNTERS}
    for case in CASES:
        truths = (case.parameters, case.macs)
        cells: list[list[str]] = [[], []]
        for name, count in COUNTERS.items():
            try:
                found = count(case.build().eval(), case.input)
            except Exception as error:  # a counter that fails is a result, too
                found, text = (None, None), f"fails: {type(error).__name__}"
            else:
                text = ""
            for i in (0, 1):
                right[name][i] += found[i] == truths[i]
                cells[i].append(text or cell(found[i], truths[i]))
        for i, what in enumerate(rows):
            rows[what].append(
                f"| {case.what} | {truths[i]:,} | " + " | ".join(cells[i]) + " |"
            )
    names = {n: n for n in COUNTERS} | {"torch": "torch's own"}
    head = "| network | truth | " + " | ".join(names.values()) + " |"
    rule = "|---|--:|" + "--:|" * len(COUNTERS)
    print(TEXT.format(versions=versions()))
    for i, (what, lines) in enumerate(rows.items()):
        last = " | ".join(f"{right[n][i]} of {len(CASES)}" for n in COUNTERS)
        print(f"## {what}\n\n{head}\n{rule}")
        print("\n".join([*lines, f"| **right** | | {last} |"]) + "\n")
    print(NOTES)


def versions() -> str:
    packages = ("torch", "torchinfo", "fvcore", "torchlens")
    return ", ".join(f"{name} {version(name)}" for name in packages)


TEXT = """# Counting: who is right where

Parameters and multiply-accumulates (MACs) of small networks, each with something that
makes counters stumble and with a truth worked out by hand. ✓: right; else the figure
and its error. "torch's own" is `sum(p.numel())` and half of `torch.utils.flop_counter`.

{versions}.
Generated by `python benchmarks/counting.py`; every truth is a formula in that file.
"""

NOTES = """## Conventions

* A parameter counts once, however many modules hold it or call it, and also if no
  module does; MACs count at every call.
* A MAC is one multiplication with its addition, two FLOPs. Convolutions and matrix
  products are counted; biases, normalisation, pooling and activations are not.
  torchinfo adds one for every bias, which is the difference in the first row.
* torch's own counter misses attention when the fused kernel of evaluation mode is
  used; convatlas switches it off while it looks, and counts its matrix products.
* Modules that hold parameters and are never called get a row "(not called)" in
  `convatlas show`, so that the rows always sum to the total."""


if __name__ == "__main__":
    main()
