"""Features, and what is made of them: embeddings and similar pictures."""

import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from convatlas import data
from convatlas.anatomy import trace
from convatlas.errors import MissingExtra, UnknownName, UsageError
from convatlas.importance.embedding import embed
from convatlas.importance.features import Features, features_of, last_layer
from convatlas.importance.pictures import Pictures
from convatlas.importance.similar import nearest
from convatlas.networks import build, find
from convatlas.runs import Run
from tests.importance.pictures import of, random


@pytest.fixture(scope="module")
def digits(trained_run: Run) -> Pictures:
    part, preprocess = data.load("digits-5k").validation, trained_run.preprocess()
    return Pictures(
        "digits-5k, validation",
        len(part),
        lambda rows: preprocess.prepare(part.images[rows]),
        preprocess.normalise,
        tuple(str(label) for label in part.labels.tolist()),
    )


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        ("lenet5-tanh", "head.fc2", 84),
        ("resnet20", "head.fc", 64),
        ("street-reader", "head.fc", 6 * 256),
        ("street-cnn", "head.digits.4", 32 * 3 * 7),
        ("nin-cifar10", "head.block.mlp2", 192),
    ],
)
def test_features_are_what_the_last_layer_takes_in(
    name: str, layer: str, size: int
) -> None:
    network, shape = build(name), find(name).input
    assert last_layer(trace(network, shape)) == layer
    found = features_of(network, of(random(3, *shape))[0])
    assert found.layer == layer and found.vectors.shape == (3, size)


def test_features_of_some_pictures_are_those_of_the_same_rows(
    trained_run: Run, digits: Pictures
) -> None:
    network = trained_run.network()
    everything = features_of(network, digits)
    some = features_of(network, digits, 40, seed=3)
    assert len(some.rows) == 40 and some.rows.unique().equal(some.rows)
    assert torch.allclose(some.vectors, everything.vectors[some.rows], atol=1e-5)
    head = network.get_submodule("head.fc2")
    shown = digits.normalise(digits.seen(torch.arange(5)))
    with torch.no_grad():
        given = head(everything.vectors[:5])
        assert torch.allclose(given, network(shown), atol=1e-5)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_digits_of_a_class_lie_together(
    method: str, trained_run: Run, digits: Pictures
) -> None:
    features = features_of(trained_run.network(), digits, 150)
    found = embed(features, method)
    labels = np.array([digits.label(row) for row in features.rows.tolist()])
    distances = np.linalg.norm(found.points[:, None] - found.points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    same = labels[distances.argmin(axis=1)] == labels
    assert same.mean() > (0.7 if method == "tsne" else 0.3)
    assert found.points.shape == (150, 2) and found.points.dtype == np.float32
    again = embed(features, method).points
    assert np.allclose(again, found.points)


def test_pca_is_the_plane_of_the_largest_variance() -> None:
    random_ = torch.Generator().manual_seed(0)
    plane = torch.randn(50, 2, generator=random_) * torch.tensor([5.0, 2.0])
    turn = torch.linalg.qr(torch.randn(6, 6, generator=random_)).Q
    vectors = torch.cat([plane, torch.zeros(50, 4)], dim=1) @ turn
    found = embed(Features(vectors, torch.arange(50), "fc"))
    assert found.explained == pytest.approx(1)
    distances = torch.cdist(vectors.double(), vectors.double()).numpy()
    shown = torch.from_numpy(found.points).double()
    assert np.allclose(torch.cdist(shown, shown).numpy(), distances, atol=1e-4)


def test_what_cannot_be_embedded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    features = Features(torch.rand(8, 3), torch.arange(8), "fc")
    with pytest.raises(UnknownName, match="no embedding is called 'umap'.*pca and ts"):
        embed(features, "umap")
    with pytest.raises(UsageError, match="4 pictures: an embedding needs 5"):
        embed(Features(torch.rand(4, 3), torch.arange(4), "fc"))
    with pytest.raises(UsageError, match="features of fc are not all finite"):
        embed(Features(torch.full((8, 3), torch.nan), torch.arange(8), "fc"))
    with pytest.raises(UsageError, match="of fc are the same for all pictures"):
        embed(Features(torch.ones(8, 3), features.rows, "fc"))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    with pytest.raises(MissingExtra, match=r"pip install 'convatlas\[explain\]'"):
        embed(features)


def test_the_most_similar_picture_is_the_picture_itself(
    trained_run: Run, digits: Pictures
) -> None:
    network = trained_run.network()
    rows = torch.tensor([7, 120, 301])
    queries = list(digits.normalise(digits.seen(rows)))
    found = nearest(network, queries, digits, 5)
    assert [line[0].picture for line in found] == rows.tolist()
    vectors = features_of(network, digits).vectors
    directions = vectors / vectors.norm(dim=1, keepdim=True)
    for row, line in zip(rows.tolist(), found, strict=True):
        cosines = directions @ directions[row]
        expected = cosines.topk(5)
        assert [one.picture for one in line] == expected.indices.tolist()
        assert [one.similarity for one in line] == pytest.approx(
            expected.values.tolist(), abs=1e-5
        )
        assert sum(one.label == digits.label(row) for one in line) >= 3


def test_similar_pictures_are_asked_for_by_a_count() -> None:
    network, (pictures, _) = build("mnist-cnn"), of(random(3, 1, 28, 28))
    query: Tensor = torch.rand(1, 28, 28)
    assert len(nearest(network, [query], pictures, 10)[0]) == 3
    with pytest.raises(UsageError, match="0 similar of 3 pictures"):
        nearest(network, [query], pictures, 0)
