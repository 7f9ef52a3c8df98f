import pytest

from convatlas.errors import (
    ConvatlasError,
    MissingExtra,
    UnknownName,
    UsageError,
    close_matches,
)

NAMES = ["lenet5-tanh", "lenet5-sigmoid", "resnet18", "vgg16", "VGG16-bn"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [("lenet5-than", "lenet5-tanh"), ("vgg-16", "vgg16"), ("ResNet18", "resnet18")],
)
def test_close_matches_find_what_was_meant(typed: str, first: str) -> None:
    assert close_matches(typed, NAMES)[0] == first


def test_a_beginning_is_close() -> None:
    assert set(close_matches("lenet5", NAMES)) == {"lenet5-tanh", "lenet5-sigmoid"}
    assert close_matches("xyz", NAMES) == []


def test_unknown_names_offer_close_ones_and_say_where_all_are() -> None:
    error = UnknownName("network", "lenet5-than", NAMES, "'convatlas networks' lists")
    assert str(error) == (
        "no network is called 'lenet5-than'; did you mean lenet5-tanh? "
        "('convatlas networks' lists)"
    )
    assert isinstance(error, UsageError)


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtra("--tensorboard", "tensorboard", "tensorboard")
    assert "pip install 'convatlas[tensorboard]'" in str(error)
    assert isinstance(error, ConvatlasError)
