"""The networks by name: one dict of frozen variants."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch

from convatlas.errors import InputSizeError, NetworkError, UnknownName
from convatlas.networks.network import Network
from convatlas.networks.number_heads import HEADS, Kind, carry
from convatlas.progress import Progress, silent

Builder = Callable[..., Network]
Answers = Literal["class", "box"] | Kind

STREET = (3, 64, 128)  # of a trunk that reads numbers, unless asked for another
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of its pixels, 0 ... 1
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Published:
    """Weights that somebody trained and published for exactly this network.

    Attributes:
        url: of a PyTorch state dict; its file name ends in ``-`` and the first eight
            digits of its SHA-256.
        names: for a network as built, the path of each of its modules by the path that
            the file has for it; tensors (``weight``, ``running_mean`` ...) are called
            the same on both sides. Every module of the file is listed or skipped, so
            that the file of a deeper network is never taken for this one's.
        mean: of each channel, with which the training pictures were normalised.
        std: of each channel.
        skipped: modules of the file that this network does not have, e.g. ``("fc",)``.
    """

    url: str
    names: Callable[[Network], Mapping[str, str]]
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """A network as published, under the name it was published with.

    Attributes:
        name: e.g. ``"vgg16"``.
        family: e.g. ``"vgg"``, the module that holds it.
        title: paper or tutorial.
        year: of publication.
        reference: where in the source: arXiv number, section, table.
        input: (channels, height, width) as published.
        classes: as published.
        sizes: what other heights and widths fit, in words; empty: only ``input``.
        build: takes keyword arguments ``classes``, ``in_channels`` and ``input_size``
            (height, width) and returns a module with ``features`` and ``head``.
        published: weights by the name that ``weights=`` takes, e.g. ``"imagenet"``.
        answers: what its outputs are: logits of one class, of a number (by the kind of
            its head), or the box of a number.
    """

    name: str
    family: str
    title: str
    year: int
    reference: str
    input: tuple[int, int, int]
    classes: int
    sizes: str
    build: Builder
    published: Mapping[str, Published] = field(default_factory=dict)
    answers: Answers = "class"


_variants: dict[str, Variant] = {}


def register(variant: Variant) -> None:
    """Adds a variant; a name can be taken only once."""
    if variant.name in _variants:
        raise ValueError(f"two networks are called {variant.name!r}")
    _variants[variant.name] = variant


def find(name: str) -> Variant:
    """The variant of that name; ``"resnet18:digits"`` is resnet18 that reads numbers.

    Raises:
        UnknownName: with close matches.
    """
    if ":" in name:
        return _reader(name)
    try:
        return _variants[name]
    except KeyError:
        raise UnknownName(
            "network", name, _variants, "'convatlas networks' lists them"
        ) from None


def _reader(name: str) -> Variant:
    """A trunk of the atlas under a head for numbers, by the name of both."""
    trunk_name, _, kind = name.partition(":")
    trunk = find(trunk_name)
    head = next((known for known in HEADS if known == kind), None)
    if head is None:
        known = f"heads that read numbers are {', '.join(HEADS)}"
        raise UnknownName("head", kind, HEADS, known)
    if trunk.answers == "box":
        raise NetworkError(
            f"{name}: {trunk_name} finds numbers; a head that reads them needs a trunk "
            "that was made to tell what it sees, as resnet18 or street-reader"
        )

    def reader(
        *, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> Network:
        network = trunk.build(
            classes=classes, in_channels=in_channels, input_size=input_size
        )
        return carry(network, (in_channels, *input_size), head=head, classes=classes)

    return replace(
        trunk,
        name=name,
        title=f"{trunk.title}; features under a head that reads numbers",
        input=STREET if trunk.answers == "class" else trunk.input,
        classes=11,
        build=reader,
        published={
            weights: _of_features(trunk, one)
            for weights, one in trunk.published.items()
        },
        answers=head,
    )


def _of_features(trunk: Variant, published: Published) -> Published:
    """Published weights for the features alone: the head starts anew."""

    def features(network: Network) -> Mapping[str, str]:
        names = published.names(network).items()
        return {theirs: own for theirs, own in names if own.startswith("features")}

    channels, height, width = trunk.input
    with torch.device("meta"):
        whole = trunk.build(
            classes=trunk.classes, in_channels=channels, input_size=(height, width)
        )
    kept = features(whole)
    others = tuple(theirs for theirs in published.names(whole) if theirs not in kept)
    return replace(published, names=features, skipped=(*published.skipped, *others))


def variants() -> Iterator[Variant]:
    """All of them, family by family and in a family by year, the oldest first."""
    years: dict[str, int] = {}
    for variant in _variants.values():
        years[variant.family] = min(variant.year, years.get(variant.family, 9999))
    return iter(
        sorted(_variants.values(), key=lambda v: (years[v.family], v.family, v.year))
    )


def build(
    name: str,
    *,
    classes: int | None = None,
    in_channels: int | None = None,
    input_size: tuple[int, int] | None = None,
    weights: str | Path | None = None,
    progress: Progress = silent,
) -> Network:
    """A network, freshly initialised or with weights.

    Args:
        name: of a variant.
        classes: outputs; as published when None.
        in_channels: as published when None.
        input_size: (height, width); as published when None.
        weights: ``"imagenet"`` (downloaded once) or a file: safetensors, or a state
            dict of torchvision's network or of this one. With other classes than the
            file's the last layer starts anew; with one input channel the first layer's
            filters are summed.
        progress: told how far the download of published weights is.

    Raises:
        UnknownName: no such variant, or no weights of that name.
        InputSizeError: the size does not fit the architecture.
        NetworkError: weights that cannot be had or do not fit.
    """
    variant = find(name)
    channels, height, width = variant.input
    if classes is not None and classes < 1:
        raise NetworkError(f"classes = {classes}: a network needs at least one")
    if in_channels is not None and in_channels < 1:
        raise NetworkError(f"in_channels = {in_channels}: must be at least one")
    if input_size is not None and min(input_size) < 1:
        given = "×".join(str(side) for side in input_size)
        raise InputSizeError(f"input {given}: both sides must be at least one pixel")
    network = variant.build(
        classes=variant.classes if classes is None else classes,
        in_channels=channels if in_channels is None else in_channels,
        input_size=(height, width) if input_size is None else input_size,
    )
    if weights is not None:
        from convatlas.networks.weights import load_weights

        load_weights(network, variant, weights, progress)
    return network
