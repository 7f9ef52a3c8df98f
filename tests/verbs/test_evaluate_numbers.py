"""Runs that read and find house numbers, measured on made pictures."""

import json
from pathlib import Path
from shutil import copytree

import pytest
import torch
from PIL import Image

import convatlas.verbs.evaluate as measuring
from convatlas import data
from convatlas.errors import DataError, RunError, UsageError
from convatlas.house_number import decode
from convatlas.runs import Run
from convatlas.runs.calibration import temperature_of
from convatlas.verbs.evaluate import Conditions, NumberEvaluation, evaluate
from convatlas.verbs.predict import predict
from convatlas.verbs.train import resume, train

from .house_numbers import QUICK, TEST, VALIDATION, folder_of_numbers, quick_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "reader"
    return quick_run(folder, out, "street-cnn", view="number", epochs=8)


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    return Run(copytree(trained.path, tmp_path / "run"))


def figures_of(run: Run, folder: Path, **conditions: object) -> NumberEvaluation:
    """Without the pictures: they take most of the time and have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "draw_numbers", lambda *given: ())
        found = evaluate(run, conditions=Conditions(**conditions), data_dir=folder)
    assert isinstance(found.evaluation, NumberEvaluation)
    return found.evaluation


def test_figures_of_numbers_hang_together(run: Run, folder: Path) -> None:
    measured = evaluate(run, data_dir=folder)
    figures = measured.evaluation
    assert isinstance(figures, NumberEvaluation)
    assert figures.shown == "true crops, margin 15 %"
    assert figures.count == TEST and figures.input_size == (64, 128)
    assert figures.correct == round(figures.accuracy * TEST)
    assert len(figures.mistakes) == TEST - figures.correct
    for groups in (figures.lengths, figures.sizes):
        assert sum(group.count for group in groups) == TEST
        assert sum(group.correct for group in groups) == figures.correct
    # the network has five places; the long number is wrong and counted
    assert (figures.longest, figures.too_long) == (5, 1)
    assert figures.lengths[-1].name == "7" and figures.lengths[-1].correct == 0
    assert [place.count for place in figures.places][:1] == [TEST]
    truth = decode(data.load("protocol-p", folder=folder).test.labels)
    digits = sum(map(len, truth))
    assert sum(place.count for place in figures.places) == digits
    assert figures.digit_accuracy == pytest.approx(
        sum(place.correct for place in figures.places) / digits
    )
    for mistake in figures.mistakes:
        assert mistake.true == truth[mistake.index] != mistake.predicted
        assert mistake.file == f"svhn_test_rest/{mistake.index:06}.png"
        assert mistake.confidence_of_true <= 1 - mistake.confidence + 1e-9
    sure = [mistake.confidence for mistake in figures.mistakes]
    assert sure == sorted(sure, reverse=True)
    last = figures.coverage[-1]
    assert last.coverage == 1 and last.accuracy == pytest.approx(figures.accuracy)
    assert {file.name for file in measured.files} == {
        "test.json",
        "test-coverage.png",
        "test-mistakes.png",
    }
    assert run.figures() == figures.to_json()
    for file in measured.files[1:]:
        with Image.open(file) as picture:
            assert picture.width > 400
    card = (run.path / "card.md").read_text()
    assert "reads the house number that was cut out of a picture" in card
    assert f"{figures.accuracy:.2%} of {TEST} whole numbers" in card


def test_validation_gives_the_accuracy_of_the_training(run: Run, folder: Path) -> None:
    figures = evaluate(run, "validation", data_dir=folder).evaluation
    best = run.best_epoch()
    assert best is not None and figures.count == VALIDATION
    assert figures.accuracy == pytest.approx(best.validation_accuracy)


def test_the_temperature_is_fitted_on_validation_and_kept(
    run: Run, folder: Path
) -> None:
    assert temperature_of(run) is None
    first = figures_of(run, folder)
    kept = json.loads((run.path / "calibration.json").read_text())
    assert kept["split"] == "validation" and kept["count"] == VALIDATION
    assert kept["temperature"] == first.temperature == temperature_of(run) != 1
    assert kept["loss"] < kept["loss_before"]
    # another data folder is not asked for what is known
    kept["temperature"] = 3.0
    (run.path / "calibration.json").write_text(json.dumps(kept))
    assert figures_of(run, folder).temperature == 3.0
    # other weights, other temperature
    run.save_best(run.untrained_network())
    assert temperature_of(run) is None
    (run.path / "calibration.json").write_text("{")
    with pytest.raises(RunError, match=r"calibration.json: is damaged"):
        temperature_of(run)


def test_other_conditions_leave_the_figures_of_the_training_alone(
    run: Run, folder: Path
) -> None:
    whole = figures_of(run, folder, view="whole")
    assert whole.shown == "whole pictures"
    three = figures_of(run, folder, margins=(0.05, 0.15, 0.3), decode="likeliest")
    assert three.looks == 3 and three.shown == "true crops, margins 5, 15, 30 %"
    assert all(mistake.predicted for mistake in three.mistakes)
    names = {path.name for path in run.path.glob("test-*.json")}
    assert names == {"test-whole.json", "test-margin-5-15-30-likeliest.json"}
    assert run.figures() is None
    assert "not measured yet" in (run.path / "card.md").read_text()


def test_answers_below_a_confidence_are_refused(run: Run, folder: Path) -> None:
    everything = figures_of(run, folder)
    assert everything.answered.count == TEST
    middle = everything.coverage[len(everything.coverage) // 2]
    some = figures_of(run, folder, min_confidence=middle.confidence)
    assert some.answered.count == round(middle.coverage * TEST)
    assert some.answered.accuracy == pytest.approx(middle.accuracy)
    assert some.accuracy == everything.accuracy
    none = figures_of(run, folder, min_confidence=1)
    assert (none.answered.count, none.answered.accuracy) == (0, None)


def test_conditions_that_make_no_sense_are_refused(
    run: Run, folder: Path, trained_run: Run
) -> None:
    with pytest.raises(UsageError, match="min_confidence = 2: a probability"):
        Conditions(min_confidence=2)
    with pytest.raises(UsageError, match=r"margin = -0.9: a share"):
        Conditions(margins=(-0.9,))
    with pytest.raises(UsageError, match="view is for runs that read numbers"):
        evaluate(trained_run, conditions=Conditions(view="whole"))
    before = sorted(run.path.iterdir())
    with pytest.raises(UsageError, match="built for 64×128, and its heads do not fit"):
        figures_of(run, folder, resize=(90, 180))
    # nothing is written but the temperature, which is right anyhow
    left = {path.name for path in set(run.path.iterdir()) - set(before)}
    assert left <= {"calibration.json"}


def test_pictures_without_labels_lead_to_submit(run: Run, folder: Path) -> None:
    with pytest.raises(DataError, match="'convatlas submit .* --data mchar' writes"):
        evaluate(run, data_name="mchar", data_dir=folder)


@pytest.mark.parametrize("network", ["mnist-cnn:columns", "mnist-cnn:length"])
def test_every_kind_of_head_is_measured(
    network: str, folder: Path, tmp_path: Path
) -> None:
    run = quick_run(folder, tmp_path / "run", network, view="whole")
    figures = evaluate(run, data_dir=folder).evaluation
    assert isinstance(figures, NumberEvaluation)
    assert figures.shown == "whole pictures" and figures.count == TEST
    assert 0 <= figures.calibration_error <= 1
    assert figures.longest >= 5


def test_the_tutorials_training_and_the_resize_of_their_test(
    folder: Path, tmp_path: Path
) -> None:
    """70×140 where the training saw 60×120 does not fit heads on the flattened map."""
    out, few = tmp_path / "flat", [("flags", {"epochs": 0.5})]
    flat = train(
        "street-cnn-6",
        "protocol-p",
        recipe="tutorial-001-street",
        changes=few,
        data_dir=folder,
        out=out,
    ).run
    assert flat.info.preprocess["target"] == [3, 60, 120]
    assert flat.info.preprocess["mean"] == [0.485, 0.456, 0.406]
    assert figures_of(flat, folder).longest == 6
    with pytest.raises(UsageError, match="pictures of 70×140: street-cnn-6 was built"):
        figures_of(flat, folder, resize=(70, 140))


@pytest.mark.slow
def test_heads_on_the_mean_of_the_map_take_another_size_in_silence(
    folder: Path, tmp_path: Path
) -> None:
    mean = quick_run(
        folder, tmp_path / "mean", "street-resnet18", view="tutorial", epochs=0.3
    )
    mended = figures_of(mean, folder)
    printed = figures_of(mean, folder, resize=(70, 140))
    assert (mended.input_size, printed.input_size) == ((60, 120), (70, 140))
    assert printed.loss != mended.loss
    assert (mean.path / "test-70x140.json").is_file()


def test_a_run_of_the_tutorials_can_be_resumed(folder: Path, tmp_path: Path) -> None:
    run = quick_run(folder, tmp_path / "run", "street-cnn", view="tutorial", light=1)
    run.update(run.info.__class__(**{**vars(run.info), "finished": False}))
    assert resume(run.path, data_dir=folder).run.info.finished
    assert Run(run.path).info.labels.digits == 7  # those of the longest number


def test_a_finder_is_measured_by_its_boxes(folder: Path, tmp_path: Path) -> None:
    run = quick_run(folder, tmp_path / "run", "street-finder", view="find")
    measured = evaluate(run, data_dir=folder)
    figures = measured.evaluation
    assert figures.count == TEST and figures.shown == "whole pictures"
    ious = [one.iou for one in figures.pictures]
    assert ious == sorted(ious) and len(ious) == TEST
    assert figures.mean_iou == pytest.approx(sum(ious) / TEST)
    assert figures.above_half == sum(iou > 0.5 for iou in ious) / TEST
    assert figures.above_three_quarters <= figures.above_half
    assert {file.name for file in measured.files} == {"test.json", "test-boxes.png"}
    card = (run.path / "card.md").read_text()
    assert "finds the house number" in card and "mean IoU" in card
    with pytest.raises(UsageError, match="decode is for runs that read .* finds them"):
        evaluate(run, conditions=Conditions(decode="likeliest"), data_dir=folder)
    with pytest.raises(UsageError, match="finds where a number is and names nothing"):
        predict(run, [folder / "house-numbers" / "mchar_test_a"])


def test_predict_reads_the_number_of_a_picture(run: Run, folder: Path) -> None:
    pictures = folder / "house-numbers" / "mchar_test_a"
    predicted = predict(run, [pictures]).predictions
    assert len(predicted) == 3
    for one in predicted:
        (answer,) = one.answers
        assert (not answer.name) or answer.name.isdecimal()
        assert 0 < answer.probability <= 1


def test_boxes_are_shown_in_the_views_where_they_are(run: Run, folder: Path) -> None:
    sizes = {group.name: group.count for group in figures_of(run, folder).sizes}
    part = data.load("protocol-p", folder=folder).test
    assert part.boxes is not None and part.sizes is not None
    tall = (part.boxes[..., 3] - part.boxes[..., 1]) * part.sizes[:, :1]
    small = int((torch.nanmean(tall, 1) < 15).sum())
    assert sizes["below 15"] == small and list(sizes)[-1] == "40 and more"
    assert QUICK.view == "whole"
