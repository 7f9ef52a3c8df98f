"""Sides in processes of their own."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.own_process import command_line, conditions, peak_megabytes, run_side


def test_the_last_line_is_what_was_said(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text('"something before"\n{"value": 2.5}\n')
    finished = run_side("json.tool", ["--json-lines", "--compact", str(lines)], 1)
    assert finished.said == {"value": 2.5}
    assert finished.fault == ""


def test_no_figures_are_a_fault() -> None:
    finished = run_side("json.tool", ["--help"], threads=1)
    assert finished.fault.startswith("said no figures but ")


def test_a_fault_is_its_last_line() -> None:
    finished = run_side("json.tool", ["no-such-file"], threads=1)
    assert finished.said == {}
    assert "no-such-file" in finished.fault
    assert finished.seconds > 0


def test_peak_memory_counts_what_was_freed() -> None:
    before = peak_megabytes()
    np.ones(100 * 2**20, dtype=np.uint8)
    assert peak_megabytes() > before - 1
    assert peak_megabytes() > 100


def test_conditions_say_what_a_figure_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    said = conditions(threads=2, load=0.25)
    assert "2 threads, load 0.2 at the start, torch " in said
    monkeypatch.setattr(sys, "argv", ["x", "--out", "a b"])
    assert command_line("benchmarks.peers") == (
        "python -m benchmarks.peers --out 'a b'"
    )
