"""The sections of ``explain`` about reasons, on a trained run and on readers."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas import data
from convatlas.errors import MissingExtra, UnknownName, UsageError
from convatlas.importance.heat import METHODS
from convatlas.looking.subjects import of_network, of_run
from convatlas.runs import Run
from convatlas.verbs.explain import Explained, Options, Why, explain
from convatlas.verbs.explain.section import Section
from convatlas.verbs.explain.why.heat import check_fits
from convatlas.verbs.explain.why.options import layer_and_channels, parse_digit

from .house_numbers import folder_of_numbers

ROW = 165  # of the test pictures: a three
LAYERS = ("features.conv1",)  # so that nothing else takes time


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pixels = data.load("digits-5k").test.images[ROW, 0].numpy()
    path = tmp_path_factory.mktemp("pictures") / "three.png"
    Image.fromarray(255 - pixels).save(path)
    return path


def asked(run: Run | str, picture: Path, **why: Any) -> Explained:
    return explain(run, [picture], options=Options(layers=LAYERS, why=Why(**why)))


def sections(explained: Explained) -> dict[str, Section]:
    every = (*explained.pictures[0].sections, *explained.sections)
    return {one.name: one for one in every}


def figures(explained: Explained, name: str) -> Mapping[str, Any]:
    section = sections(explained)[name]
    assert all(shown.figure is not None for shown in section.shown)
    assert section.title.zh and section.text.zh
    return section.figures


def test_nothing_is_added_where_nothing_is_asked(trained_run: Run, three: Path) -> None:
    explained = asked(trained_run, three)
    added = {"heat", "sanity", "exciting", "embedding", "similar"}
    assert not added & set(sections(explained))


def test_all_heat_maps_of_what_was_answered(trained_run: Run, three: Path) -> None:
    explained = asked(trained_run, three, heat=("all",))
    maps = figures(explained, "heat")["maps"]
    assert [one["method"] for one in maps] == list(METHODS)
    best = explained.pictures[0].answers[0].name
    assert {one["target"] for one in maps} == {best}
    integrated = maps[1]
    assert integrated["completeness_error"] <= 0.01
    difference = integrated["score"] - integrated["blank_score"]
    assert integrated["sum"] == pytest.approx(difference, rel=0.02)
    assert maps[0]["layer"] == "features.pool2"
    assert maps[3]["note"].startswith("no ReLU")
    assert explained.to_json()["pictures"][0]["heat"]["maps"] == maps


def test_a_class_that_is_asked_for_gets_its_own_map(
    trained_run: Run, three: Path
) -> None:
    method = ("occlusion",)
    three_, eight = (
        figures(asked(trained_run, three, heat=method, target=name), "heat")["maps"][0]
        for name in ("3", "8")
    )
    assert (three_["target"], eight["target"]) == ("3", "8")
    assert three_["score"] != eight["score"] and three_["sum"] != eight["sum"]
    with pytest.raises(UsageError, match="--target ten: the classes are 0, 1, 2"):
        asked(trained_run, three, heat=method, target="ten")


def test_looking_for_reasons_changes_no_answer(trained_run: Run, three: Path) -> None:
    plain = asked(trained_run, three).pictures[0].answers
    subject = of_run(trained_run)
    weights = {k: v.clone() for k, v in subject.network.state_dict().items()}
    why = Why(heat=("all",), sanity=True, exciting=("features.conv1:0",), similar=2)
    options = Options(layers=LAYERS, why=why)
    for _ in range(2):
        explained = explain(subject, [three], options=options)
        assert explained.pictures[0].answers == plain
    assert all((weights[k] == v).all() for k, v in subject.network.state_dict().items())


def test_each_digit_of_a_number_has_a_row(tmp_path: Path) -> None:
    folder = folder_of_numbers(tmp_path / "data")
    picture = folder / "house-numbers" / "mchar_val" / "000004.png"
    for network in ("street-cnn", "resnet-mini:length", "resnet-mini:columns"):
        why = Why(heat=("guided-backprop",))
        explained = explain(network, [picture], options=Options(channels=1, why=why))
        read = explained.pictures[0].answers[0].name
        maps = sections(explained)["heat"].figures["maps"]
        none_read = network.endswith("columns") and not read
        assert len(maps) == (0 if none_read else max(len(read), 1))
        assert none_read or maps[0]["target"].startswith("digit 0 = ")
    why, network = Why(heat=("grad-cam",), digit="length", target="2"), "resnet-mini"
    options = Options(channels=1, why=why)
    explained = explain(f"{network}:length", [picture], options=options)
    assert figures(explained, "heat")["maps"][0]["target"] == "length 2"


def test_a_method_that_cannot_be_used_is_left_out_of_all(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((28, 28), 90, np.uint8)).save(path)
    for heat in (("all",), ("grad-cam",)):
        why = Why(heat=heat, heat_layer="head.fc2")
        options = Options(channels=1, why=why)
        given = dict(options=options, digit=False)
        if heat == ("grad-cam",):
            with pytest.raises(UsageError, match="head.fc2.*no map of several places"):
                explain("lenet5-tanh", [path], **given)  # type: ignore[arg-type]
            continue
        found = explain("lenet5-tanh", [path], **given)  # type: ignore[arg-type]
        shown = figures(found, "heat")
        assert list(shown["left_out"]) == ["grad-cam"]
        assert [one["method"] for one in shown["maps"]] == list(METHODS[1:])


def test_sanity_is_checked_for_the_methods_that_are_shown(
    trained_run: Run, three: Path
) -> None:
    methods = ("grad-cam", "integrated-gradients")
    explained = asked(trained_run, three, heat=methods, sanity=True)
    found = figures(explained, "sanity")
    assert [one["method"] for one in found["methods"]] == list(methods)
    for one in found["methods"]:
        assert one["verdict"] in ("passes", "signs only", "unclear", "fails")
        assert [s["forgot"][-1] for s in one["stages"]] == [
            "head.fc2",
            "head.fc1",
            "features.conv3",
            "features.conv2",
            "features.conv1",
        ]
    assert found["methods"][1]["remaining_places"] > 0.9  # the ink alone
    with pytest.raises(UsageError, match="never trained, so it has nothing to forget"):
        asked("lenet5-tanh", three, sanity=True)


@pytest.mark.parametrize("about", [{"heat": ("grad-cam",)}, {"sanity": True}])
def test_a_digit_of_what_tells_classes_is_refused(
    trained_run: Run, three: Path, about: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match="--digit 1: lenet tells a class and reads no"):
        asked(trained_run, three, digit=1, **about)


def test_a_finder_tells_no_classes_and_reads_no_digits() -> None:
    finder, heat = of_network("street-finder"), ("grad-cam",)
    with pytest.raises(UsageError, match="--target 3: .*tells no classes; leave it"):
        check_fits(finder, Why(heat=heat, target="3"))
    with pytest.raises(UsageError, match="--digit 0: .*finds where a number is"):
        check_fits(finder, Why(heat=heat, digit=0))


def test_what_excites_units_is_found_in_the_runs_pictures(
    trained_run: Run, three: Path
) -> None:
    explained = asked(trained_run, three, exciting=("features.conv2:4,1", "head.fc1"))
    found = figures(explained, "exciting")
    assert found["from"] == "digits-5k, validation"
    channels = [(one["layer"], one["channel"]) for one in found["channels"]]
    assert channels[:3] == [
        ("features.conv2", 4),
        ("features.conv2", 1),
        ("head.fc1", 0),
    ]
    for one in found["channels"]:
        values = [patch["value"] for patch in one["patches"]]
        assert values == sorted(values, reverse=True) and len(values) == 9
    top, left, bottom, right = found["channels"][0]["patches"][0]["region"]
    outside = found["channels"][0]["patches"][0]["outside"]
    assert bottom - top + 1 + outside[0] + outside[2] == 14
    assert right - left + 1 + outside[1] + outside[3] == 14


def test_similar_pictures_are_of_the_same_class(trained_run: Run, three: Path) -> None:
    explained = asked(trained_run, three, similar=5)
    found = figures(explained, "similar")["pictures"]
    assert len(found) == 5
    assert (
        sum(one["label"] == explained.pictures[0].answers[0].name for one in found) > 3
    )


def test_a_map_of_the_pictures(
    trained_run: Run, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = asked(trained_run, three, embedding=("pca",), split="test")
    found = figures(explained, "embedding")
    assert found["from"] == "digits-5k, test" and found["layer"] == "head.fc2"
    assert len(found["planes"][0]["points"]) == len(found["groups"]) == 500
    assert 0.1 < found["planes"][0]["explained_variance"] <= 1
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    with pytest.raises(MissingExtra, match="scikit-learn"):
        asked(trained_run, three, embedding=("pca",))


def test_what_cannot_be_asked_is_said_before_anything_is_done() -> None:
    with pytest.raises(UnknownName, match="no method is called 'gradcam'.*or all"):
        Why(heat=("gradcam",))
    with pytest.raises(UnknownName, match="no embedding is called 'umap'"):
        Why(embedding=("umap",))
    with pytest.raises(UsageError, match="--similar -1"):
        Why(similar=-1)
    with pytest.raises(UsageError, match="--exciting conv1:x: must be a layer"):
        Why(exciting=("conv1:x",))
    with pytest.raises(UsageError, match="--digit 0: is about heat maps"):
        Why(digit=0, similar=2)
    with pytest.raises(UsageError, match="--data mnist: nothing asks for a data set"):
        Why(data="mnist", heat=("all",))
    assert layer_and_channels("a.b") == ("a.b", None)
    assert layer_and_channels("a.b:0,12") == ("a.b", [0, 12])
    assert parse_digit("3") == 3 and parse_digit(None) is None
    assert parse_digit("length") == "length"
    with pytest.raises(UsageError, match="--digit first: must be a place"):
        parse_digit("first")
    assert torch.is_grad_enabled()
