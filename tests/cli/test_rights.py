"""What is not the user's to read is one line, whoever asks for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, which

import pytest
from PIL import Image

from convatlas.runs.shipped import run_folder

# nothing is closed to root, unless it gives that away
LIKE_ANYBODY: tuple[str, ...] = ()
if os.geteuid() == 0:
    LIKE_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def asked(place: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*LIKE_ANYBODY, sys.executable, *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if LIKE_ANYBODY and which(LIKE_ANYBODY[0]) is None:
        pytest.skip("root cannot give its rights away here")
    place = tmp_path_factory.mktemp("place")
    for name, closed in (("run", "run.json"), ("weights", "best.safetensors")):
        copytree(run_folder("shipped:lenet5"), place / name)
        (place / name / closed).chmod(0)
    (place / "closed").mkdir()
    Image.new("L", (28, 28)).save(place / "closed" / "digit.png")
    (place / "closed").chmod(0)
    yield place
    (place / "closed").chmod(0o700)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("serve run", "run/run.json: cannot be read: Permission denied"),
        ("serve closed/run", "closed/run/reader.json: permission denied"),
        (
            "serve weights",
            "weights/best.safetensors: cannot be read: Permission denied",
        ),
        ("read closed", "closed: Permission denied"),
        ("read closed/digit.png", "closed/digit.png: Permission denied"),
    ],
)
def test_closed_files_are_told_by_name(place: Path, command: str, said: str) -> None:
    status, out, errors = asked(place, "-m", "convatlas", *command.split())
    assert (status, out) == (2, "")
    assert errors.splitlines()[-1] == f"convatlas: {said}"
    assert "Traceback" not in errors


def test_closed_folders_hide_no_run(place: Path) -> None:
    program = (
        "from pathlib import Path; from convatlas.runs import find_runs; "
        "runs, broken = find_runs(Path()); "
        "print([run.name for run in runs], *broken, sep=chr(10))"
    )
    status, out, _ = asked(place, "-c", program)
    assert status == 0
    assert out.splitlines() == [
        "['weights']",
        "closed: cannot be read: Permission denied",
        "run/run.json: cannot be read: Permission denied",
    ]
