"""Names, arguments and their errors."""

from dataclasses import replace

import pytest

from convatlas.errors import NetworkError, UnknownName
from convatlas.networks import build, find, variants
from convatlas.networks.registry import register


def test_unknown_name_offers_close_ones() -> None:
    with pytest.raises(UnknownName) as error:
        build("lenet5-than")
    assert str(error.value) == (
        "no network is called 'lenet5-than'; did you mean lenet5-tanh or lenet5 or "
        "lenet5-maxpool? ('convatlas networks' lists them)"
    )


def test_a_name_is_taken_only_once() -> None:
    with pytest.raises(ValueError, match="two networks are called 'vgg16'"):
        register(replace(find("vgg16"), year=2015))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"classes": 0}, "classes = 0: a network needs at least one"),
        ({"in_channels": -1}, "in_channels = -1: must be at least one"),
        ({"input_size": (0, 28)}, "input 0×28: both sides must be at least one pixel"),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(NetworkError) as error:
        build("lenet5-tanh", **arguments)
    assert str(error.value) == text


def test_published_values_are_the_defaults() -> None:
    network = build("street-cnn")
    assert network.features.conv1.in_channels == 3
    assert network.head.digits[0].out_features == 11


def test_listing_keeps_families_together() -> None:
    families = [variant.family for variant in variants()]
    changes = sum(a != b for a, b in zip(families, families[1:], strict=False))
    assert changes == len(set(families)) - 1
    assert len({variant.name for variant in variants()}) == len(families)
    assert (families[0], next(variants()).name) == ("lenet", "lenet5")
