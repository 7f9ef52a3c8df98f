"""ONNX Runtime tells nobody what it is used for, unless one wants that."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = (
    "import os; from convatlas.reading.bundle import shipped_bundle; "
    "shipped_bundle().open(); print(os.environ['ORT_DISABLE_TELEMETRY'])"
)


def said(home: Path, **more: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_"))}
    environment = {**kept, "HOME": str(home), **more}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_nothing_is_noted_about_who_reads(tmp_path: Path) -> None:
    assert said(tmp_path) == "1"
    assert list(tmp_path.rglob("*")) == []  # where a number for the machine would lie


def test_who_wants_it_has_it(tmp_path: Path) -> None:
    assert said(tmp_path, ORT_DISABLE_TELEMETRY="0") == "0"
