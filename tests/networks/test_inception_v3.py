"""Inception-v3 against torchvision and table 1."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision import models

from convatlas.anatomy import Table, trace
from convatlas.errors import InputSizeError
from convatlas.networks import Network, build, find
from convatlas.networks.inception_v3 import (
    auxiliary,
    block8,
    initialise,
    torchvision_names,
)


@pytest.fixture(scope="module")
def table() -> Table:
    with torch.device("meta"):
        return trace(build("inception-v3"), (3, 299, 299))


def test_same_logits_as_torchvision(
    pair: Callable[..., tuple[Network, nn.Module]],
) -> None:
    with torch.device("meta"):
        oracle = models.inception_v3(init_weights=False)
    images = torch.randn(2, 3, 299, 299)
    network, oracle = pair("inception-v3", oracle, torchvision_names, images)
    oracle.training = True  # gives the auxiliary logits; its layers stay in eval mode
    with torch.no_grad():
        expected = oracle(images)
        got = network.logits_with_auxiliaries(images)
        alone = network(images)
    assert torch.equal(got[0], alone)
    for ours, theirs in zip(got, expected, strict=True):
        assert theirs.std() > 0.01
        assert (ours - theirs).abs().max() < 1e-5


def test_parameters_and_macs(table: Table) -> None:
    assert table.parameters == 27_161_264
    assert round(table.macs / 1e9, 3) == 5.713


def test_output_sizes_of_table_1(table: Table) -> None:
    # table 1 lists the size that arrives; its rows in the order of the layers
    for name, output in {
        "features.conv1a": (32, 149, 149),
        "features.conv2a": (32, 147, 147),
        "features.conv2b": (64, 147, 147),
        "features.pool1": (64, 73, 73),
        "features.conv4a": (192, 71, 71),
        "features.mixed5d": (288, 35, 35),
        "features.mixed6e": (768, 17, 17),
        "features.mixed7a": (1280, 8, 8),
        "features.mixed7c": (2048, 8, 8),
        "head.pool": (2048, 1, 1),
        "head.fc": (1000,),
    }.items():
        assert table.row(name).output == output, name


def test_auxiliary_classifier_sees_5x5_and_weighs_four_tenths() -> None:
    with torch.device("meta"):
        network = build("inception-v3")
        classifier = network.get_submodule("auxiliaries.mixed6e")
        pooled = classifier.get_submodule("pool")(torch.empty(1, 768, 17, 17))
    assert pooled.shape == (1, 768, 5, 5)
    assert network.auxiliary_weights == (0.4,)


def test_published_weights_expect_what_torchvision_makes_of_its_input() -> None:
    published = find("inception-v3").published["imagenet"]
    assert published.url == models.Inception_V3_Weights.IMAGENET1K_V1.url
    pixels = torch.rand(1, 3, 4, 4)
    with torch.device("meta"):
        oracle = models.inception_v3(transform_input=True, init_weights=False)
    imagenet = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
    mean, std = imagenet.reshape(2, 3, 1, 1)
    expected = oracle._transform_input((pixels - mean) / std)
    mean, std = torch.tensor([published.mean, published.std]).reshape(2, 3, 1, 1)
    assert torch.allclose((pixels - mean) / std, expected, atol=1e-6)


def test_smaller_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError) as caught, torch.device("meta"):
        build("inception-v3", input_size=(224, 224))
    assert str(caught.value) == (
        "input 224×224: a map of 3×3 arrives at auxiliaries.mixed6e.conv2.conv, whose "
        "window of 5×5 does not fit; the input needs at least 299×299"
    )


def test_larger_images_fit() -> None:
    with torch.device("meta"):
        network = build("inception-v3", input_size=(299, 331), classes=7)
        logits = network.logits_with_auxiliaries(torch.empty(2, 3, 299, 331))
    assert [tuple(one.shape) for one in logits] == [(2, 7), (2, 7)]


def test_weights_start_as_released() -> None:
    network = nn.Module()
    network.features = block8(2048)
    network.auxiliaries = nn.ModuleDict({"mixed6e": auxiliary(768, 100)})
    initialise(network)
    for path, std in (
        ("features.branch1x1.conv", (2 / 2048) ** 0.5),
        ("auxiliaries.mixed6e.conv1.conv", (2 / 768) ** 0.5),
        ("auxiliaries.mixed6e.conv2.conv", 0.01 * 0.88),  # the cut takes 12 %
        ("auxiliaries.mixed6e.head.fc", 0.001 * 0.88),
    ):
        weight = network.get_submodule(path).weight
        assert isinstance(weight, torch.Tensor)
        assert weight.std().item() == pytest.approx(std, rel=0.02), path
        assert weight.abs().max().item() < 2.3 * std, path
