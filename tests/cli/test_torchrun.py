"""Processes of torchrun that are killed, stopped and started again."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.verbs.train import resume, train

RECIPE = Recipe(epochs=6, batch_size=64, lr=3e-3, shift=0.05, ema=0.9)
FLAGS = ["--recipe", "mine.toml", "--device", "cpu"]
WITHIN_SECONDS = 120  # machines that do something else as well are slow


@dataclass
class Torchrun:
    """A running ``torchrun``; its output is read line by line."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def until(self, pattern: str) -> str:
        """The next line that matches."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if re.search(pattern, line):
                return line
        pytest.fail(f"no line matches {pattern!r} in\n{''.join(self.lines)}")

    def rest(self) -> str:
        """All that comes until the end, which has to be near."""
        text, _ = self.process.communicate(timeout=WITHIN_SECONDS)
        self.lines.append(text)
        return text

    def worker(self, rank: int) -> int:
        """The process with that rank."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split():
            if f"\0RANK={rank}\0" in Path(f"/proc/{child}/environ").read_text():
                return int(child)
        raise AssertionError(f"no process has rank {rank}")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Torchrun]]:
    running: list[Torchrun] = []
    yield running
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()


def torchrun(
    started: list[Torchrun],
    folder: Path,
    *arguments: str,
    options: tuple[str, ...] = (),
) -> Torchrun:
    values = RECIPE.model_dump(exclude_defaults=True)
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in values.items()]
    (folder / "mine.toml").write_text("".join(lines))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    process = subprocess.Popen(
        [*command, *options, "-m", "convatlas", "train", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(Torchrun(process))
    return started[-1]


def same_weights(one: Run, other: Run, within: float = 1e-5) -> None:
    a, b = one.load_checkpoint(), other.load_checkpoint()
    for name, value in a["network"].items():
        torch.testing.assert_close(b["network"][name], value, rtol=0, atol=within)


@pytest.mark.slow
def test_a_killed_process_ends_the_others_and_one_goes_on(
    tmp_path: Path, started: list[Torchrun]
) -> None:
    run = torchrun(started, tmp_path, *FLAGS, "--out", "run")
    run.until(r"^ +2 ")
    begun = time.monotonic()
    os.kill(run.worker(0), signal.SIGKILL)  # the one that writes
    text = run.rest()
    assert time.monotonic() - begun < WITHIN_SECONDS
    assert run.process.returncode != 0
    said = [line for line in text.splitlines() if line.startswith("convatlas: ")]
    assert said == [
        "convatlas: another process of this training was killed or no longer answers: "
        "go on with 'convatlas train --resume run', under torchrun or without"
    ]
    stopped = Run(tmp_path / "run")
    assert not stopped.info.finished
    whole = train(recipe=RECIPE, device="cpu", out=tmp_path / "whole").run
    same_weights(whole, resume(stopped.path, device="cpu").run)


def test_one_process_tells_what_is_wrong(
    tmp_path: Path, started: list[Torchrun]
) -> None:
    run = torchrun(started, tmp_path, "--batch-size", "3")
    text = run.rest()
    assert run.process.returncode != 0
    (said,) = [line for line in text.splitlines() if line.startswith("convatlas: ")]
    assert said.startswith("convatlas: batch_size = 3 for 2 processes: ")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_torchrun_starts_again_and_the_run_goes_on_by_itself(
    rank: int, tmp_path: Path, started: list[Torchrun]
) -> None:
    run = torchrun(started, tmp_path, *FLAGS, options=("--max-restarts=1",))
    run.until(r"^ +2 ")
    os.kill(run.worker(rank), signal.SIGKILL)
    run.until("torchrun starts all again, from the last checkpoint")
    assert int(run.until("goes on after step").split()[4]) >= 63  # an epoch
    run.until("kept epoch")
    run.rest()
    assert run.process.returncode == 0
    (path,) = (tmp_path / "runs").iterdir()
    assert Run(path).info.finished
    whole = train(recipe=RECIPE, device="cpu", out=tmp_path / "whole").run
    same_weights(whole, Run(path))
    assert len(Run(path).history()) == 6


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_of_torchrun_saves_and_two_go_on(
    number: signal.Signals, tmp_path: Path, started: list[Torchrun]
) -> None:
    run = torchrun(started, tmp_path, *FLAGS, "--out", "run")
    run.until(r"^ +1 ")
    run.process.send_signal(number)
    said = "stopped and saved; go on with: convatlas train --resume run"
    assert run.rest().count(said) == 1
    again = torchrun(started, tmp_path, "--resume", "run")
    again.until("goes on after step")
    again.until("kept epoch")
    again.rest()
    assert again.process.returncode == 0
    whole = train(recipe=RECIPE, device="cpu", out=tmp_path / "whole").run
    same_weights(whole, Run(tmp_path / "run"))


@pytest.mark.slow
def test_two_machines_of_which_one_keeps_the_run(
    tmp_path: Path, started: list[Torchrun]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = ("--nnodes=2", "--master-addr=127.0.0.1", f"--master-port={port}")
    machines = []
    for rank, name in enumerate(("first", "second")):
        (tmp_path / name).mkdir()
        options = (*meeting, "--nproc-per-node=1", f"--node-rank={rank}")
        machines.append(
            torchrun(started, tmp_path / name, *FLAGS, "--out", "run", options=options)
        )
    machines[0].until("kept epoch")
    for machine in machines:
        assert "kept epoch" not in machine.rest()
        assert machine.process.returncode == 0
    assert not (tmp_path / "second" / "run").exists()
    whole = train(recipe=RECIPE, device="cpu", out=tmp_path / "whole").run
    same_weights(whole, Run(tmp_path / "first" / "run"))


@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("processes", "device"), [(1, "cuda"), (2, "cuda:0")])
def test_on_a_gpu(
    processes: int, device: str, tmp_path: Path, started: list[Torchrun]
) -> None:
    options = (f"--nproc-per-node={processes}",)
    flags = [*FLAGS[:2], "--device", device, "--out", "run"]
    run = torchrun(started, tmp_path, *flags, options=options)
    run.until("over nccl" if device == "cuda" else "over gloo")
    run.until("kept epoch")
    run.rest()
    assert run.process.returncode == 0
    whole = train(recipe=RECIPE, device="cuda:0", out=tmp_path / "whole").run
    same_weights(whole, Run(tmp_path / "run"), within=1e-3)


@pytest.mark.slow
def test_other_commands_are_for_one_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    done = subprocess.run(
        [*command, "-m", "convatlas", "runs"], capture_output=True, text=True
    )
    assert done.returncode != 0
    assert done.stderr.count("'convatlas runs' is for one process") == 1
