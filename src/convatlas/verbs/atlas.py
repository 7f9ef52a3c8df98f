"""What the atlas knows of every network, in one file that is read without torch.

``networks/atlas.json`` is written by ``scripts/make_atlas.py``; tracing every network
takes ten seconds, which nobody should wait for. A test makes it anew and compares.
"""

from dataclasses import asdict, dataclass

from convatlas.anatomy import trace
from convatlas.networks import Variant, find, variants
from convatlas.networks.ancestry import FAMILIES, parents_of
from convatlas.verbs.subject import find_subject


@dataclass(frozen=True)
class Entry:
    """A network as the atlas lists it; see ``networks.Variant`` for the first nine.

    Attributes:
        parameters: trainable ones.
        macs: multiply-accumulates for one picture of the published size.
        layers: convolutional and dense ones one after the other, the longest way.
        parents: the networks that it grew out of.
        took: of the first network of a family: what it took from them; else empty.
    """

    name: str
    title: str
    year: int
    family: str
    reference: str
    input: tuple[int, int, int]
    classes: int
    answers: str
    weights: tuple[str, ...]
    parameters: int
    macs: int
    layers: int
    parents: tuple[str, ...]
    took: str


def entry(name: str) -> Entry:
    """What the atlas says of a network.

    Raises:
        UnknownName: no such network.
    """
    variant: Variant = find(name)
    subject = find_subject(name)
    table = trace(subject.empty(), subject.input)
    family = FAMILIES[variant.family]
    return Entry(
        name=variant.name,
        title=variant.title,
        year=variant.year,
        family=variant.family,
        reference=variant.reference,
        input=variant.input,
        classes=variant.classes,
        answers="class" if variant.answers == "class" else "number",
        weights=tuple(sorted(variant.published)),
        parameters=table.parameters,
        macs=table.macs,
        layers=table.layers,
        parents=parents_of(name),
        took=family.took if name == family.first else "",
    )


def atlas() -> list[dict[str, object]]:
    """All networks as JSON takes them, family by family, the oldest first."""
    return [asdict(entry(variant.name)) for variant in variants()]
