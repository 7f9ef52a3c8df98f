import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from PIL import Image

from convatlas import data
from convatlas.errors import DataError, RunError
from convatlas.runs import Run
from convatlas.verbs.evaluate import evaluate


@pytest.fixture
def run(trained_run: Run, tmp_path: Path) -> Run:
    return Run(copytree(trained_run.path, tmp_path / "run"))


def test_figures_hang_together(run: Run, undrawn: None) -> None:
    measured = evaluate(run)
    figures = measured.evaluation
    assert figures.split == "test" and figures.count == 500
    assert figures.accuracy > 0.85
    assert figures.correct == round(figures.accuracy * 500)
    low, high = figures.interval
    assert low < figures.accuracy < high
    assert len(figures.mistakes) == 500 - figures.correct
    confidences = [m.confidence for m in figures.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(map(sum, figures.confusion)) == 500
    for index, one in enumerate(figures.classes):
        row = figures.confusion[index]
        assert one.count == sum(row) == 50
        assert one.recall == pytest.approx(row[index] / 50)
    labels = data.load("digits-5k").test.labels
    for mistake in figures.mistakes:
        assert str(int(labels[mistake.index])) == mistake.true != mistake.predicted


def test_files_are_written_into_the_run(run: Run) -> None:
    measured = evaluate(run)
    names = {file.name for file in measured.files}
    assert names == {"test.json", "test-confusion.png", "test-mistakes.png"}
    assert run.figures() == measured.evaluation.to_json()
    for file in measured.files:
        if file.suffix == ".png":
            with Image.open(file) as picture:
                assert picture.width > 400
        else:
            assert json.loads(file.read_text())["accuracy"] > 0.85


def test_validation_is_another_split(run: Run, undrawn: None) -> None:
    figures = evaluate(run, "validation").evaluation
    best = max(record.validation_accuracy for record in run.history())
    assert figures.accuracy == pytest.approx(best)
    assert run.figures() is None and run.figures("validation") is not None


def test_another_data_set_must_have_the_same_classes(run: Run, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for index in range(10):
            picture = Image.new("L", (28, 28), index * 20)
            picture.save(tmp_path / "pets" / name / f"{index}.png")
    with pytest.raises(DataError, match=r"has the classes cat, dog.*same classes"):
        evaluate(run, data_name=f"folder:{tmp_path / 'pets'}")


def test_a_run_without_weights_is_refused(run: Run) -> None:
    (run.path / "best.safetensors").unlink()
    with pytest.raises(RunError, match="has no trained weights yet"):
        evaluate(run.path)


def test_digits_that_the_run_has_seen_are_called_so(run: Run, undrawn: None) -> None:
    assert evaluate(run).warning is None
    info = run.info
    run.update(replace(info, data={**info.data, "name": "mnist"}))
    warning = evaluate(run, data_name="digits-5k").warning
    assert warning is not None and "these figures are too good" in warning
