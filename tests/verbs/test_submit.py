from pathlib import Path

import pytest
import torch

from convatlas.data import load
from convatlas.errors import DataError, UsageError
from convatlas.runs import Run
from convatlas.verbs.submit import submit

from .house_numbers import folder_of_numbers, quick_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return quick_run(folder, tmp_path_factory.mktemp("runs") / "run", "street-cnn")


def rows(path: Path) -> list[list[str]]:
    return [line.split(",") for line in path.read_text().splitlines()]


def test_every_test_picture_has_a_number_in_the_order_of_names(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    written = submit(run, tmp_path / "submission.csv", data_dir=folder)
    header, *lines = rows(written.out)
    assert header == ["file_name", "file_code"]
    names = ["000001.png", "000002.png", "000010.png"]
    assert [name for name, _ in lines] == names and written.count == 3
    assert all(code.isdecimal() for _, code in lines)
    assert 0 < written.confidence < 1 and not written.cut_out
    assert list(tmp_path.iterdir()) == [written.out]


def test_an_empty_number_is_never_written(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """A network that sees nothing anywhere, and if anything, a 7."""
    network = run.network()
    with torch.no_grad():
        for digit in network.head.digits:
            digit.weight.zero_()
            digit.bias.zero_()
            digit.bias[10], digit.bias[7] = 9, 3
    run.save_best(network)
    written = submit(run, tmp_path / "out.csv", data_dir=folder)
    assert written.forced == 3
    assert [code for _, code in rows(written.out)[1:]] == ["7"] * 3


def test_what_cannot_be_submitted_is_said_before_anything_is_written(
    run: Run, folder: Path, trained_run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "x.csv"
    with pytest.raises(UsageError, match="lenet5-tanh reads no house numbers"):
        submit(trained_run, out, data_dir=folder)
    with pytest.raises(UsageError, match="there is no folder .*nowhere"):
        submit(run, tmp_path / "nowhere" / "x.csv", data_dir=folder)
    with pytest.raises(DataError, match="has the classes 0, 1, 2, 3"):
        submit(run, out, data_name="digits-5k", data_dir=folder)
    assert list(tmp_path.iterdir()) == []
    assert load("mchar", folder=folder).unlabelled == ("test",)
