"""The atlas file says what the networks are today."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from convatlas import networks
from convatlas.networks import variants
from convatlas.verbs.atlas import entry

NAMES = [variant.name for variant in variants()]
LISTED = {
    one["name"]: one
    for one in json.loads(Path(networks.__file__).with_name("atlas.json").read_text())
}


def test_the_file_lists_every_network_in_order() -> None:
    assert list(LISTED) == NAMES


def deep(name: str) -> bool:
    """Networks that take longer to trace."""
    return LISTED[name]["layers"] > 40


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if deep(n) else n for n in NAMES],
)
def test_the_file_says_what_a_network_is(name: str) -> None:
    now = json.loads(json.dumps(asdict(entry(name))))
    assert LISTED[name] == now, "run: python scripts/make_atlas.py"


def test_published_figures() -> None:
    assert LISTED["vgg16"]["parameters"] == 138_357_544
    assert LISTED["vgg16"]["layers"] == 16
    assert LISTED["resnet50"]["macs"] == 4_089_184_256
    assert LISTED["densenet121"]["layers"] == 121
    assert LISTED["alexnet"]["parents"] == ["lenet5"]
    assert LISTED["street-reader"]["answers"] == "number"
