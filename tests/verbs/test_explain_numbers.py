"""Explaining runs that read house numbers: whole pictures, or what a finder found."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.verbs.explain import Options, explain
from convatlas.verbs.predict import predict

from .house_numbers import folder_of_numbers, quick_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finder that always says the middle, and a reader."""
    made = tmp_path_factory.mktemp("runs")
    folder = folder_of_numbers(tmp_path_factory.mktemp("data"))
    finder = quick_run(folder, made / "finder", "street-finder", view="find")
    network = finder.network()
    with torch.no_grad():
        network.get_parameter("head.maps.weight").zero_()
        network.get_parameter("head.maps.bias").zero_()
    finder.save_best(network)
    quick_run(folder, made / "reader", "lenet5-tanh:digits")
    return made


@pytest.fixture
def door(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (200, 100), "red")
    picture.paste("blue", (70, 35, 130, 65))
    picture.save(tmp_path / "door.png")
    return tmp_path / "door.png"


def test_a_reader_sees_whole_pictures_as_predict_shows_them(
    runs: Path, door: Path
) -> None:
    explained = explain(runs / "reader", [door], options=Options(channels=1))
    (one,) = explained.pictures
    (answer,) = one.answers
    (said,) = predict(runs / "reader", [door]).predictions[0].answers
    assert answer.name == said.name
    assert answer.probability == pytest.approx(said.probability, rel=1e-4)
    assert one.seen.shape == explained.subject.input
    reddish = (one.seen[0] > 200).mean()
    assert reddish > 0.6


def test_behind_a_finder_the_found_window_is_seen(runs: Path, door: Path) -> None:
    options = Options(channels=1)
    whole = explain(runs / "reader", [door], options=options).pictures[0].seen
    found = (
        explain(runs / "reader", [door], options=options, finder=runs / "finder")
        .pictures[0]
        .seen
    )
    assert found.shape == whole.shape

    def blue(seen: np.ndarray) -> float:
        return float((seen[2] > 200).mean())

    assert blue(found) > 1.2 * blue(whole)  # the window around the middle


def test_a_finder_is_explained_too(runs: Path, door: Path) -> None:
    (one,) = explain(runs / "finder", [door], options=Options(channels=1)).pictures
    assert one.answers == () and one.sections[0].name == "maps"
