"""A reader made of two runs reads what the runs read."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.errors import UsageError
from convatlas.exporting.graph import graph_of
from convatlas.exporting.onnx_file import Runner, onnx_model
from convatlas.exporting.pictures import score, shown
from convatlas.exporting.reader_figures import Answers, figures, fitted_temperature
from convatlas.exporting.street_files import street_pictures
from convatlas.progress import silent
from convatlas.reading.bundle import load_bundle
from convatlas.runs import Run
from convatlas.verbs.export_reader import export_reader
from convatlas.verbs.read import open_reader, read

from ..verbs.house_numbers import TEST, VALIDATION, folder_of_numbers, quick_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs")
    quick_run(folder, made / "finder", "street-finder", view="find")
    quick_run(folder, made / "reader", "lenet5-tanh:digits", view="number")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "fp16", "int8"])
def test_a_bundle_reads_as_its_runs_do(
    runs: Path, folder: Path, tmp_path: Path, precision: str
) -> None:
    # the same twice finds the same twice
    finders = [runs / "finder"] * (2 if precision == "fp16" else 1)
    made = export_reader(
        runs / "reader",
        finders,
        tmp_path / "mine",
        precision=precision,  # type: ignore[arg-type]
        margins=(0.15,),
        rule="blank",
        test=True,
        data_dir=folder,
    )
    assert load_bundle(tmp_path / "mine") == made.bundle
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    more = {"finder-2.onnx"} if precision == "fp16" else set()
    assert names == {"finder.onnx", "reader.onnx", "reader.json", "card.md"} | more
    told = [(one["split"], one["count"]) for one in made.bundle.about["figures"]]
    assert told == [("validation", VALIDATION)] * 2 + [("test", TEST)] * 2
    card = (tmp_path / "mine" / "card.md").read_text()
    assert "non-commercial" in card and precision in card and f"| {TEST} |" in card

    pictures = folder / "house-numbers" / "svhn_test_rest"
    there = read(pictures, reader=tmp_path / "mine").readings
    runs_say = read(
        pictures, run=runs / "reader", finder=runs / "finder", device="cpu"
    ).readings
    pixels = {"float32": 0, "fp16": 1, "int8": 6}[precision]
    for one, other in zip(there, runs_say, strict=True):
        assert one.box == pytest.approx(other.box, abs=pixels)
    if precision == "float32":
        assert [one.number for one in there] == [one.number for one in runs_say]


@pytest.mark.slow
def test_a_finders_file_says_the_box_itself(runs: Path, folder: Path) -> None:
    from convatlas import data
    from convatlas.training.box_task import BoxTask

    run = Run(runs / "finder")
    graph = graph_of(run)
    dataset = data.load("protocol-p", folder=folder)
    examples = shown(graph, dataset, dataset.validation, 100)
    answer = Runner(onnx_model(graph).model)
    boxes = answer(examples.images)
    assert boxes.shape == (VALIDATION, 4)
    with torch.inference_mode():
        maps = run.network()(run.preprocess().normalise(examples.images))
    expected = BoxTask().score(maps, examples).double().mean()
    assert score(answer, examples) == pytest.approx(float(expected), abs=1e-4)


def test_pictures_come_from_their_files_with_true_boxes(folder: Path) -> None:
    entries = json.loads((folder / "house-numbers" / "mchar_val.json").read_text())
    made = list(street_pictures("protocol-p", "validation", folder, silent))
    assert len(made) == VALIDATION
    for one, entry in zip(
        made, (entries[name] for name in sorted(entries)), strict=True
    ):
        assert one.number == "".join(map(str, entry["label"]))
        assert one.image.size == (60, 30) and one.box is not None
        assert one.box[0] == pytest.approx(min(entry["left"]))
        right = max(np.add(entry["left"], entry["width"]))
        assert one.box[2] == pytest.approx(right)
        pixels = np.asarray(one.image.convert("L"))
        left, top, right, bottom = (round(side) for side in one.box)
        assert pixels[top:bottom, left:right].max() > 240  # white digits


def test_figures_of_known_answers() -> None:
    """Half of the numbers right, all equally sure: no coverage is 98 % right."""
    sure = np.full((1, 2, 11), -8.0)
    sure[0, 0, 4] = sure[0, 1, 10] = 0.0
    numbers = ("4", "4", "5", "4", "77", "8")
    known = Answers("whole pictures", (sure,) * 6, numbers, 0.5)
    told = figures(known, 1.0, "mean", "blank")
    assert (told["accuracy"], told["count"], told["mean_iou"]) == (0.5, 6, 0.5)
    assert told["coverage_at_98"] == 0 and told["calibration_error"] > 0.4
    temperature = fitted_temperature(known, "mean")
    assert temperature > 2
    honest = figures(known, temperature, "mean", "blank")
    assert honest["calibration_error"] < told["calibration_error"]
    twice = Answers("whole pictures", (np.repeat(sure, 2, 0),) * 6, numbers)
    for way in ("surest", "mixture"):
        assert fitted_temperature(twice, way) == pytest.approx(temperature, rel=1e-3)


def test_what_cannot_be_a_reader(
    runs: Path, folder: Path, trained_run: Run, tmp_path: Path
) -> None:
    reader, finder, out = runs / "reader", runs / "finder", tmp_path / "out"
    (tmp_path / "full").mkdir()
    Image.new("L", (1, 1)).save(tmp_path / "full" / "photo.png")
    for arguments, options, words in (
        ((trained_run.path, finder, out), {}, "tells classes"),
        ((finder, finder, out), {}, "cannot read them"),
        ((reader, reader, out), {}, "finds no numbers"),
        ((reader, finder, tmp_path / "full"), {}, "holds other things"),
        ((reader, finder, tmp_path / "full" / "photo.png"), {}, "is a file"),
        ((reader, finder, out), {"margins": ()}, "margins"),
        ((reader, finder, out), {"margins": (5,)}, "margins"),
        ((reader, finder, out), {"turns": (95,)}, "turns"),
        ((reader, finder, out), {"again": (0.5,)}, "again"),
    ):
        with pytest.raises(UsageError, match=words):
            export_reader(*arguments, **options, data_dir=folder)  # type: ignore
    assert not out.exists()
    assert open_reader(run=reader, finder=finder, device="cpu").finders
