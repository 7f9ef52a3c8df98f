"""Every family has its place in the tree, and no parent is younger than its child."""

import pytest

from convatlas.errors import UnknownName
from convatlas.networks import find, variants
from convatlas.networks.ancestry import FAMILIES, parents_of

NAMES = [variant.name for variant in variants()]


def ancestors_of(name: str) -> tuple[str, ...]:
    """All networks before it, the nearest first."""
    found: dict[str, None] = {}
    waiting = [name]
    for one in waiting:
        fresh = [parent for parent in parents_of(one) if parent not in found]
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return tuple(found)


def test_every_family_has_an_entry_and_every_entry_a_family() -> None:
    assert {variant.family for variant in variants()} == FAMILIES.keys()


@pytest.mark.parametrize("family", FAMILIES)
def test_an_entry_speaks_of_networks_of_its_family(family: str) -> None:
    entry = FAMILIES[family]
    own = {variant.name for variant in variants() if variant.family == family}
    assert entry.first in own
    assert entry.grew.keys() <= own - {entry.first}
    assert not own & set(entry.parents)
    assert entry.took.endswith(")") and "(" in entry.took  # its source


@pytest.mark.parametrize("name", NAMES)
def test_parents_are_there_and_not_younger(name: str) -> None:
    for parent in parents_of(name):
        assert find(parent).year <= find(name).year


def test_all_grew_out_of_the_first_network_and_none_out_of_itself() -> None:
    assert parents_of("lenet5") == ()
    for name in NAMES:
        before = ancestors_of(name)
        assert name not in before
        assert name == "lenet5" or "lenet5" in before


def test_the_line_of_densenet() -> None:
    assert ancestors_of("densenet121") == (
        *("resnet50-v1", "resnet34", "resnet18", "vgg19", "vgg16", "vgg13"),
        *("vgg11", "alexnet", "lenet5"),
    )
    assert parents_of("inception-resnet-v2") == ("inception-v3", "resnet101-v1")


def test_an_unknown_network_is_a_plain_fault() -> None:
    with pytest.raises(UnknownName, match="no network is called 'lenet6'"):
        parents_of("lenet6")
