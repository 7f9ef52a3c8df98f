"""``convatlas.read``: names to readers, and runs in the place of a reader."""

import io
from pathlib import Path

import pytest
import torch

from convatlas.errors import PictureError, ReaderError, UsageError
from convatlas.reading import bundle as bundles
from convatlas.reading.bundle import Bundle
from convatlas.runs import Run
from convatlas.verbs.read import open_reader, read

from ..reading.oracle import oracle_bundle, painted
from .house_numbers import folder_of_numbers, quick_run


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return oracle_bundle(tmp_path_factory.mktemp("oracle"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finder, a reader of cut-outs with another head, and one of whole pictures."""
    made = tmp_path_factory.mktemp("runs")
    finder = quick_run(folder, made / "finder", "street-finder", view="find")
    network = finder.network()
    with torch.no_grad():  # it says the same box of every picture
        network.head.maps.weight.zero_()
        network.head.maps.bias.zero_()
    finder.save_best(network)
    quick_run(folder, made / "columns", "lenet5-tanh:columns", view="number")
    quick_run(folder, made / "whole", "lenet5-tanh:digits")
    return made


def test_files_folders_globs_and_bytes(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    for name in ("2.png", "10.png", "inside/3.png"):
        painted(Path(name).stem).save(tmp_path / name)
    file = io.BytesIO()
    painted("404").save(file, "PNG")

    def numbers(*pictures: object, **options: object) -> list[str | None]:
        result = read(list(pictures), reader=bundle.folder, **options)  # type: ignore
        return [one.number for one in result.readings]

    assert numbers(tmp_path) == ["2", "10"]
    assert numbers(tmp_path, recursive=True) == ["2", "10", "3"]
    assert numbers(f"{tmp_path}/1*.png", file.getvalue()) == ["10", "404"]
    assert numbers(tmp_path, tmp_path / "2.png") == ["2", "10"]
    one = read(tmp_path / "2.png", reader=bundle.open(), digits=3).readings[0]
    assert one.number is not None and len(one.number) == 3


def test_cut_out_numbers_are_read_whole(bundle: Bundle, tmp_path: Path) -> None:
    picture = painted("123", box=(0, 0, 200, 100))
    picture.save(tmp_path / "cut.png")
    (one,) = read(tmp_path / "cut.png", reader=bundle.folder, whole=True).readings
    assert (one.number, one.box) == ("123", (0, 0, *picture.size))


def test_bad_pictures_stop_or_are_left_out(bundle: Bundle, tmp_path: Path) -> None:
    painted("5").save(tmp_path / "5.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    names = [tmp_path, tmp_path / "none.png"]
    with pytest.raises(PictureError, match=r"bad\.png"):
        read(names, reader=bundle.folder)
    result = read(names, reader=bundle.folder, skip_bad=True)
    assert [one.number for one in result.readings] == ["5"]
    assert [Path(one.file).name for one in result.left_out] == ["bad.png", "none.png"]


def test_without_a_reader_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "SHIPPED", tmp_path)
    with pytest.raises(ReaderError, match="without a trained reader"):
        read("door.jpg")


def test_wishes_that_cannot_be_fulfilled(bundle: Bundle) -> None:
    for options, words in (
        ({"digits": 5}, "at most 4"),
        ({"digits": 0}, "at least one"),
        ({"digits": (3, 2)}, "smaller count first"),
        ({"min_confidence": 1.5}, "from 0 to 1"),
        ({"run": "x"}, "--reader and --run"),
        ({"finder": "x"}, "--finder belongs to a run"),
    ):
        with pytest.raises(UsageError, match=words):
            read("door.jpg", reader=bundle.folder, **options)  # type: ignore[arg-type]


def test_a_run_reads_behind_a_finder_or_whole_pictures(
    runs: Path, folder: Path
) -> None:
    pictures = folder / "house-numbers" / "mchar_val"
    options = {"device": "cpu", "threads": 2}
    found = read(pictures, run=runs / "columns", finder=runs / "finder", **options)  # type: ignore
    assert len(found.readings) == 16
    assert all(0 <= one.confidence <= 1 for one in found.readings)
    # .2 · ln 2 of the picture to each side of its middle
    assert all(one.box == (22, 11, 38, 19) for one in found.readings)
    whole = read(pictures, run=runs / "whole", **options)  # type: ignore[arg-type]
    assert all(one.box == (0, 0, 60, 30) for one in whole.readings)
    forced = read(pictures, run=runs / "columns", whole=True, **options)  # type: ignore
    assert all(one.box == (0, 0, 60, 30) for one in forced.readings)


def test_runs_that_do_not_go_together(runs: Path, trained_run: Run) -> None:
    finder, columns = runs / "finder", runs / "columns"
    for options, words in (
        ({"run": trained_run.path}, "tells classes.*convatlas predict"),
        ({"run": finder}, "cannot read them"),
        ({"run": columns}, "--finder RUN.*--whole"),
        ({"run": columns, "finder": runs / "whole"}, "finds no numbers"),
        ({"run": columns, "finder": finder, "whole": True}, "--finder and --whole"),
        ({"run": columns, "whole": True, "digits": 2}, "leave it out"),
        ({"run": runs / "whole", "digits": 6}, "at most 5"),
    ):
        with pytest.raises(UsageError, match=words):
            open_reader(**options)  # type: ignore[arg-type]
