"""Whether a heat map depends on what the network has learned.

Weights are replaced by random ones from the answer down to the picture, more at every
stage; a map that stays the same shows the picture, not the network. Source: Adebayo et
al. 2018 (arXiv:1810.03292), section 3.1, cascading randomisation.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from convatlas.anatomy import Table, trace
from convatlas.errors import UsageError
from convatlas.importance.heat import METHODS, HeatMap, heat_map
from convatlas.importance.likeness import rank_correlation, ssim
from convatlas.importance.targets import Target, answers_of, target_of
from convatlas.progress import Progress, silent

STAGES = 8  # at most
# mean rank correlation over the stages, signs counted: above, a map hardly depends on
# the weights; below, it does; between the two the pictures do not decide it
FAILS, PASSES = 0.5, 0.3
SAME_PLACES = 0.9  # the same without signs: it is hot where the picture has something

Verdict = Literal["passes", "signs only", "unclear", "fails"]


@dataclass(frozen=True)
class Stage:
    """How alike the maps of a network are that forgot its last layers.

    Attributes:
        forgot: layers of which the weights are random by now, the topmost first.
        correlation: mean rank correlation of the maps' absolute values with those of
            the trained network, over the pictures.
        signed_correlation: of the values with their signs.
        ssim: mean structural similarity of the absolute values.
        map: of the first picture.
    """

    forgot: tuple[str, ...]
    correlation: float
    signed_correlation: float
    ssim: float
    map: HeatMap


@dataclass(frozen=True)
class MethodSanity:
    """One method's maps while the network forgets.

    Attributes:
        method: of the heat maps.
        map: of the trained network, of the first picture.
        stages: in order; at the last one all weights are random.
    """

    method: str
    map: HeatMap
    stages: tuple[Stage, ...]

    @property
    def remaining(self) -> float:
        """Mean rank correlation over the stages, signs counted."""
        return sum(s.signed_correlation for s in self.stages) / len(self.stages)

    @property
    def remaining_places(self) -> float:
        """Mean rank correlation of absolute values over the stages."""
        return sum(s.correlation for s in self.stages) / len(self.stages)

    @property
    def verdict(self) -> Verdict:
        """``"fails"``: the map hardly depends on the weights; ``"signs only"``: the
        signs do, but the picture alone says where it is hot."""
        if self.remaining >= FAILS:
            return "fails"
        if self.remaining >= PASSES:
            return "unclear"
        return "signs only" if self.remaining_places >= SAME_PLACES else "passes"


def check_sanity(
    network: nn.Module,
    pictures: Sequence[Tensor],
    methods: Sequence[str] = METHODS,
    *,
    target: Callable[[Tensor], Target] = target_of,
    blank: Sequence[float] | None = None,
    layer: str | None = None,
    stages: int = STAGES,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[MethodSanity, ...]:
    """Heat maps of a network that forgets layer by layer, beside those it has now.

    What is asked about stays what the trained network was asked. Works on a copy.

    Args:
        network: trained; not touched.
        pictures: C H W each, as the network takes them.
        methods: of ``heat.METHODS``.
        target: from an answer to what is asked about.
        blank: see ``heat_map``.
        layer: of Grad-CAM.
        stages: at most so many; deeper networks forget several layers at a time.
        seed: of the random weights.
        progress: told how many maps are made.

    Raises:
        UsageError: no pictures, or a network without weights.
    """
    if not pictures:
        raise UsageError("a sanity check needs a picture")
    table = trace(network, tuple(pictures[0].shape))
    targets = [target(answers_of(network, picture)) for picture in pictures]
    groups = _grouped(weighted_layers(network, table), stages)
    total = len(methods) * (len(groups) + 1)

    def maps(of: nn.Module, method: str) -> list[HeatMap]:
        return [
            heat_map(of, picture, method, asked, layer=layer, blank=blank, table=table)
            for picture, asked in zip(pictures, targets, strict=True)
        ]

    before = {method: maps(network, method) for method in methods}
    progress("sanity", len(methods), total, "maps")
    found: dict[str, list[Stage]] = {method: [] for method in methods}
    forgetful, forgot = copy.deepcopy(network), list[str]()
    generator = torch.Generator().manual_seed(seed)
    for number, group in enumerate(groups, start=1):
        for name in group:
            forget(forgetful.get_submodule(name), generator)
        forgot += group
        for method in methods:
            stage = _stage(tuple(forgot), before[method], maps(forgetful, method))
            found[method].append(stage)
        progress("sanity", (number + 1) * len(methods), total, "maps")
    return tuple(
        MethodSanity(method, before[method][0], tuple(found[method]))
        for method in methods
    )


def weighted_layers(network: nn.Module, table: Table) -> list[str]:
    """Modules with parameters of their own, the one nearest to the answer first.

    Raises:
        UsageError: there are none.
    """
    order: dict[str, None] = {}
    for row in reversed(table.rows):
        if not row.called or row.name.endswith("()"):
            continue
        module = network.get_submodule(row.name)
        if any(True for _ in module.parameters(recurse=False)):
            order.setdefault(row.name)
    if not order:
        raise UsageError(
            f"{type(network).__name__} has no weights that it could forget"
        )
    return list(order)


def forget(module: nn.Module, generator: torch.Generator) -> None:
    """A module's own weights become normal numbers of the same mean and deviation.

    So any kind of layer can forget, and the size of what it gives stays about the same.
    """
    with torch.no_grad():
        for values in module.parameters(recurse=False):
            mean, std = values.mean(), values.std(correction=0)
            drawn = torch.randn(values.shape, generator=generator).to(values)
            values.copy_(mean + std * drawn)


def _grouped(layers: list[str], stages: int) -> list[list[str]]:
    """At most so many groups of neighbours, about equally large."""
    count = min(max(stages, 1), len(layers))
    bounds = [round(i * len(layers) / count) for i in range(count + 1)]
    return [layers[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]


def _stage(
    forgot: tuple[str, ...], before: list[HeatMap], after: list[HeatMap]
) -> Stage:
    pairs = [
        (torch.from_numpy(one.values), torch.from_numpy(other.values))
        for one, other in zip(before, after, strict=True)
    ]

    def mean(alike: Callable[[Tensor, Tensor], float], absolute: bool) -> float:
        values = [
            alike(a.abs(), b.abs()) if absolute else alike(a, b) for a, b in pairs
        ]
        return sum(values) / len(values)

    return Stage(
        forgot=forgot,
        correlation=mean(rank_correlation, absolute=True),
        signed_correlation=mean(rank_correlation, absolute=False),
        ssim=mean(ssim, absolute=True),
        map=after[0],
    )
