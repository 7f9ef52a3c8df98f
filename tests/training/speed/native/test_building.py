import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from convatlas.training.speed.native.building import Build, NotBuilt, compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs g++ on Linux")

DEFINES = {"KERNEL": "2", "STRIDE": "2", "VALUE": "float"}
SOURCE = "max_pooling.cpp"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "convatlas" / "native"


def program(folder: Path, lines: str) -> str:
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def test_a_library_is_compiled_once_and_kept(cache: Path) -> None:
    first = Build.begun(SOURCE, DEFINES)
    assert first.running is not None
    assert first.library().forward
    assert [file.name for file in cache.iterdir()] == [first.path.name]
    again = Build.begun(SOURCE, DEFINES)
    assert again.running is None and again.path == first.path
    other = Build.begun(SOURCE, {**DEFINES, "KERNEL": "3"})
    assert other.path != first.path and other.library().backward


def test_two_that_begin_at_once_do_not_disturb_each_other(cache: Path) -> None:
    both = [Build.begun(SOURCE, DEFINES), Build.begun(SOURCE, DEFINES)]
    assert all(one.running for one in both) and all(one.library() for one in both)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            "echo 'cc1plus: no room' >&2; exit 1",
            "the compiler failed: cc1plus: no room",
        ),
        ("exit 3", "the compiler failed: it says nothing"),
        ("exit 0", "No such file"),
    ],
)
def test_a_compiler_that_fails(
    lines: str, why: str, cache: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("CXX", program(tmp_path, lines))
    build = Build.begun(SOURCE, DEFINES)
    with pytest.raises(NotBuilt, match=why):
        build.library()
    assert list(cache.iterdir()) == []


def test_a_compiler_that_hangs_is_left(
    cache: Path, tmp_path: Path, monkeypatch
) -> None:
    from convatlas.training.speed.native import building

    monkeypatch.setattr(building, "MOST_SECONDS", 0.2)
    monkeypatch.setenv("CXX", program(tmp_path, "exec sleep 60"))
    build = Build.begun(SOURCE, DEFINES)
    with pytest.raises(NotBuilt, match="longer than 0.2 s"):
        build.library()
    assert list(cache.iterdir()) == []


def test_no_compiler_and_no_folder(cache: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "convatlas").write_text("a file in the way")
    with pytest.raises(NotBuilt, match=r"native: (Not a directory|File exists)"):
        Build.begun(SOURCE, DEFINES)
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(NotBuilt, match="no C.. compiler is found"):
        Build.begun(SOURCE, DEFINES)


def test_what_cannot_be_loaded_is_told_and_not_kept(
    cache: Path, tmp_path: Path, monkeypatch
) -> None:
    empty = 'while [ "$1" != -o ]; do shift; done; : > "$2"'
    monkeypatch.setenv("CXX", program(tmp_path, empty))
    with pytest.raises(NotBuilt, match="file too short"):
        Build.begun(SOURCE, DEFINES).library()
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "broken", "said"),
    [("auto", True, False), ("on", False, True)],
)
def test_a_training_goes_on_without(
    asked: str, broken: bool, said: bool, cache: Path, tmp_path: Path
) -> None:
    missing = str(tmp_path / "none")
    cxx = program(tmp_path, "echo bad >&2; exit 1") if broken else missing
    convatlas = which("convatlas", path=str(Path(sys.executable).parent))
    assert convatlas
    done = subprocess.run(
        [convatlas, "train", "mnist-cnn", "--data", "digits-5k", "--epochs", "0.1"]
        + ["--native", asked, "--out", "run"],
        cwd=tmp_path,
        env={**os.environ, "CXX": cxx},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    why = "the compiler failed: bad" if broken else "no C++ compiler is found"
    text = done.stdout + done.stderr
    assert text.count(why) == said
    plan = json.loads((tmp_path / "run" / "run.json").read_text())["machine"]["speed"]
    (choice,) = [one for one in plan["choices"] if one["option"] == "native"]
    assert choice["value"] == "off" and plan["execution"]["native"] is False
    if broken or asked == "on":
        assert why in choice["why"]
