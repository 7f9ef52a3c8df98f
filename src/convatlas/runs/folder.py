"""Folders that hold runs."""

from pathlib import Path

from convatlas.errors import RunError
from convatlas.runs.files import INFO
from convatlas.runs.info import cannot_be_read
from convatlas.runs.run import Run


def find_runs(folder: Path) -> tuple[list[Run], list[RunError]]:
    """The runs directly inside a folder, by name, and what is wrong with the others.

    A directory without ``run.json`` is no run; one with a damaged one is an error.
    """
    runs, broken = [], []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            if (path / INFO).is_file():
                runs.append(Run(path))
        except RunError as error:
            broken.append(error)
        except OSError as error:  # not ours to look into
            broken.append(cannot_be_read(path, error))
    return runs, broken


def newest_run(folder: Path) -> Run:
    """The run in a folder that was started last.

    Raises:
        RunError: there is none.
    """
    runs, _ = find_runs(folder)
    if not runs:
        raise RunError(f"{folder}: holds no runs; 'convatlas train' makes one")
    return max(runs, key=lambda run: (run.info.started, run.name))
