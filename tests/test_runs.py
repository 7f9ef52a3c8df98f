import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import copytree

import pytest
import torch
from torch import nn

from convatlas.errors import RunError, UnknownName
from convatlas.runs import Run, find_runs, free_path, newest_run
from convatlas.runs.shipped import run_folder
from convatlas.training.records import EpochRecord


@pytest.fixture
def run(trained_run: Run, tmp_path: Path) -> Run:
    return Run(copytree(trained_run.path, tmp_path / "copy"))


def record(epoch: int, loss: float | None = 0.5) -> EpochRecord:
    accuracy = None if loss is None else 0.75
    return EpochRecord(epoch, 0.1, 0.9, loss, accuracy, 1e-3, 1.5, 2e3, True)


def test_a_run_holds_the_files_that_its_docstring_names(trained_run: Run) -> None:
    files = {path.name for path in trained_run.path.iterdir()}
    assert files == {
        "run.json",
        "history.csv",
        "best.safetensors",
        "last.ckpt",
        "learning-curves.png",
        "card.md",
    }


def test_a_run_can_be_moved_and_opened_elsewhere(trained_run: Run, run: Run) -> None:
    assert run.info == trained_run.info
    images = torch.randint(0, 255, (3, 1, 28, 28), dtype=torch.uint8)
    here, there = (
        one.network()(one.preprocess()(images)) for one in (trained_run, run)
    )
    assert torch.equal(here, there)


def test_run_json_survives_writing_and_reading(run: Run) -> None:
    run.update(run.info)
    assert Run(run.path).info == run.info


def test_history_replaces_rows_of_epochs_that_are_trained_again(run: Run) -> None:
    rows = [record(1), record(2, None), record(3)]
    (run.path / "history.csv").unlink()
    for row in rows:
        run.append_history(row)
    assert run.history() == rows
    again = record(2, 0.25)
    run.append_history(again)
    assert run.history() == [rows[0], again]


def test_nothing_is_overwritten(run: Run) -> None:
    with pytest.raises(RunError, match="exists already; choose another --out"):
        Run.create(run.path, run.info)


def test_a_folder_without_run_json_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run \(there is no run.json"):
        Run(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "images": 3}', "null"]
)
def test_a_damaged_run_json_is_one_line(run: Run, text: str) -> None:
    (run.path / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"run.json: is damaged") as caught:
        Run(run.path)
    assert "\n" not in str(caught.value)


def test_a_newer_format_says_so(run: Run) -> None:
    path = run.path / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(RunError, match=r"newer convatlas \(format 99"):
        Run(run.path)


def test_cut_off_weights_and_checkpoints_are_one_line(run: Run) -> None:
    for name, read in (
        ("best.safetensors", run.network),
        ("last.ckpt", run.load_checkpoint),
    ):
        path = run.path / name
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(RunError, match=f"{name}: is damaged") as caught:
            read()
        assert "\n" not in str(caught.value)
        path.unlink()
        with pytest.raises(RunError, match="has no"):
            read()


def test_a_checkpoint_with_code_in_it_is_refused(run: Run) -> None:
    torch.save({"network": nn.Linear(1, 1)}, run.checkpoint_path)
    with pytest.raises(RunError, match=r"last.ckpt: is damaged"):
        run.load_checkpoint()


def test_weights_of_another_network_do_not_fit(run: Run) -> None:
    run.save_best(nn.Linear(2, 3))
    with pytest.raises(RunError, match="does not fit"):
        run.network()


def test_shared_parameters_can_be_saved(run: Run) -> None:
    shared = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    shared[1].weight = shared[0].weight
    run.save_best(shared)
    assert (run.path / "best.safetensors").stat().st_size > 0


def test_a_full_disk_leaves_the_old_files(
    run: Run, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    before = {path: path.read_bytes() for path in run.path.iterdir()}
    with full_disk(100):
        with pytest.raises(RunError, match=r"run.json: cannot be written: File too"):
            run.update(run.info)
        fresh, other = run.path / "fresh", run.path / "other"
        other.mkdir()
        for path in (fresh, other):
            with pytest.raises(RunError, match=r"run.json: cannot be written: File"):
                Run.create(path, run.info)
    assert list(other.iterdir()) == [] and not fresh.exists()
    other.rmdir()
    assert {path: path.read_bytes() for path in run.path.iterdir()} == before


def test_runs_are_found_and_damaged_ones_reported(run: Run) -> None:
    folder = run.path.parent
    (folder / "not-a-run").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "run.json").write_text("{")
    runs, broken = find_runs(folder)
    assert [one.name for one in runs] == ["copy"]
    assert len(broken) == 1 and "broken" in str(broken[0])
    assert newest_run(folder).name == "copy"
    assert find_runs(folder / "nowhere") == ([], [])
    with pytest.raises(RunError, match="holds no runs"):
        newest_run(folder / "not-a-run")


def test_free_paths_count_on(tmp_path: Path) -> None:
    assert free_path(tmp_path / "runs", "a") == tmp_path / "runs" / "a-1"
    for name in ("a-1", "a-7", "a-b-9", "a-x"):
        (tmp_path / name).mkdir()
    assert free_path(tmp_path, "a") == tmp_path / "a-8"


def test_a_run_that_comes_with_the_package_has_a_name() -> None:
    folder = run_folder("shipped:lenet5")
    assert Run(folder).info.network["name"] == "lenet5-tanh"
    assert run_folder(Path("runs/mine")) == Path("runs/mine")
    with pytest.raises(UnknownName, match="shipped:lenet5"):
        run_folder("shipped:lenet")
