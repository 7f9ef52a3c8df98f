"""The networks by name: one dict of frozen variants."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from convatlas.errors import NetworkError, UnknownName
from convatlas.networks.network import Network

Builder = Callable[..., Network]


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


_variants: dict[str, Variant] = {}


def register(variant: Variant) -> None:
    """Adds a variant; a name can be taken only once."""
    if variant.name in _variants:
        raise ValueError(f"two networks are called {variant.name!r}")
    _variants[variant.name] = variant


def find(name: str) -> Variant:
    """The variant of that name.

    Raises:
        UnknownName: with close matches.
    """
    try:
        return _variants[name]
    except KeyError:
        raise UnknownName(
            "network", name, _variants, "'convatlas networks' lists them"
        ) from None


def variants() -> Iterator[Variant]:
    """All of them, by family, in the order they were registered."""
    return iter(_variants.values())


def build(
    name: str,
    *,
    classes: int | None = None,
    in_channels: int | None = None,
    input_size: tuple[int, int] | None = None,
) -> Network:
    """A freshly initialised network.

    Args:
        name: of a variant.
        classes: outputs; as published when None.
        in_channels: as published when None.
        input_size: (height, width); as published when None.

    Raises:
        UnknownName: no such variant; close ones are offered.
        InputSizeError: the size does not fit the architecture.
    """
    variant = find(name)
    channels, height, width = variant.input
    if classes is not None and classes < 1:
        raise NetworkError(f"classes = {classes}: a network needs at least one")
    if in_channels is not None and in_channels < 1:
        raise NetworkError(f"in_channels = {in_channels}: must be at least one")
    return variant.build(
        classes=variant.classes if classes is None else classes,
        in_channels=channels if in_channels is None else in_channels,
        input_size=(height, width) if input_size is None else input_size,
    )
