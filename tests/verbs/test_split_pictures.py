from pathlib import Path

import pytest
import torch

from convatlas import data
from convatlas.errors import DataError, MissingData, UsageError
from convatlas.looking.subjects import find_subject, of_network, of_run
from convatlas.runs import Run
from convatlas.training.inference import logits_of
from convatlas.verbs.evaluate import evaluate
from convatlas.verbs.split_pictures import split_pictures

from .house_numbers import folder_of_numbers, quick_run


def test_a_runs_own_pictures_are_what_evaluate_shows_it(trained_run: Run) -> None:
    subject = of_run(trained_run)
    pictures = split_pictures(subject)
    part = data.load("digits-5k").validation
    assert pictures.name == "digits-5k, validation" and pictures.count == len(part)
    expected = logits_of(subject.network, part.images, trained_run.preprocess())
    with torch.no_grad():
        found = [subject.network(inputs) for _, inputs in pictures.batches()]
    assert torch.allclose(torch.cat(found), expected, atol=1e-5)
    assert pictures.label(400) == str(part.labels[400].item())
    assert (
        pictures.one(3).shape == subject.input and pictures.one(3).dtype == torch.uint8
    )


def test_a_reader_sees_numbers_cut_out_as_it_was_trained(tmp_path: Path) -> None:
    folder = folder_of_numbers(tmp_path / "data")
    run = quick_run(folder, tmp_path / "run", "street-cnn", view="number")
    pictures = split_pictures(of_run(run), split="validation", data_dir=folder)
    assert pictures.count == 16 and pictures.one(0).shape == (3, 64, 128)
    assert all(label.isdecimal() for label in pictures.labels)
    figures = evaluate(run, "validation", data_dir=folder, device="cpu").evaluation
    right = 0
    for rows, inputs in pictures.batches():
        with torch.no_grad():
            answers = run.network()(inputs)
        for row, answer in zip(rows.tolist(), answers, strict=True):
            (read,) = of_run(run).said(answer[None])
            right += read.name == pictures.label(row)
    assert right == figures.correct  # type: ignore[union-attr]


def test_an_untrained_network_takes_the_pictures_that_are_named() -> None:
    subject = of_network("resnet20")
    with pytest.raises(UsageError, match="network:resnet20 was never trained.*--data"):
        split_pictures(subject)
    pictures = split_pictures(subject, "digits-5k", "test")
    assert pictures.name == "digits-5k, test"
    assert pictures.one(0).shape == (3, 32, 32)


def test_pictures_that_are_not_here_are_not_fetched(
    trained_run: Run, tmp_path: Path
) -> None:
    subject = find_subject(trained_run.path)
    with pytest.raises(MissingData) as raised:
        split_pictures(subject, "mnist", data_dir=tmp_path)
    assert str(raised.value) == (
        f"the pictures of mnist are not in {tmp_path}: 'convatlas data download mnist' "
        "fetches them, --data-dir tells where they are, and --data names another data "
        "set"
    )
    assert not any(tmp_path.iterdir())


def test_pictures_that_do_not_fit_are_refused(trained_run: Run, tmp_path: Path) -> None:
    folder = folder_of_numbers(tmp_path / "data")
    with pytest.raises(DataError, match="tells one class"):
        split_pictures(of_run(trained_run), "protocol-p", data_dir=folder)
