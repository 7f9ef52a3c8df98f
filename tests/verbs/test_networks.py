"""Listing and filtering the atlas."""

import pytest
import torch

from convatlas.anatomy import trace
from convatlas.errors import UnknownName
from convatlas.networks import build, variants
from convatlas.verbs import networks
from convatlas.verbs.networks import list_networks


def test_all_of_them_with_published_figures() -> None:
    found = {one.variant.name: one for one in list_networks()}
    assert list(found) == [variant.name for variant in variants()]
    assert found["vgg16"].parameters == 138_357_544
    assert found["resnet50"].macs == 4_089_184_256
    assert found["street-cnn"].input == (3, 64, 128)


def test_one_family() -> None:
    names = [one.variant.name for one in list_networks(family="vgg")]
    assert {"vgg11", "vgg19-bn", "vgg11-gray-small"} < set(names)
    assert all(name.startswith("vgg") for name in names)
    assert list_networks(family="inception-resnet") == list_networks(
        family="inception_resnet"
    )


def test_at_most_so_many_parameters() -> None:
    found = list_networks(max_params=60_000)
    assert "lenet5" in {one.variant.name for one in found}  # has just so many
    assert max(one.parameters for one in found) == 60_000


def test_an_input_that_must_fit() -> None:
    found = {
        one.variant.name: one
        for one in list_networks(family="lenet", input_size=(32, 32))
    }
    assert found["lenet5"].parameters == 60_000
    assert found["lenet5-sigmoid"].input == (1, 32, 32)
    network = build("lenet5-sigmoid", input_size=(32, 32))
    assert found["lenet5-sigmoid"].macs == trace(network, (1, 32, 32)).macs
    assert list_networks(family="alexnet", input_size=(60, 60)) == []


def test_all_conditions_together() -> None:
    found = list_networks(family="nin", max_params=10**6, input_size=(40, 64))
    assert [one.variant.name for one in found] == ["nin-cifar10"]
    assert found[0].input == (3, 40, 64)


def test_unknown_family() -> None:
    with pytest.raises(UnknownName) as error:
        list_networks(family="resnt")
    assert str(error.value).startswith(
        "no family is called 'resnt'; did you mean resnet or "
    )
    assert str(error.value).endswith("number_reader)")


def test_counts_where_docstrings_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list_networks(family="mnist_cnn")
    monkeypatch.setattr(networks, "printed_table", lambda variant: None)
    assert list_networks(family="mnist_cnn") == expected
    assert torch.get_default_device() == torch.device("cpu")
