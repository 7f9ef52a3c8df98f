"""A run directory: the only code that knows its file names and format version.

=================== ============================================================
run.json            what was trained how: all of ``RunInfo``
history.csv         a row an epoch
best.safetensors    weights of the epoch with the best validation accuracy
last.ckpt           all that a bit-exact resume needs
test.json           figures on a named split (``evaluate``)
card.md             a model card
pictures            ``*.png``, drawn by ``train`` and ``evaluate``
=================== ============================================================

Every file is written under a temporary name, synced and renamed, so a run is whole
after any crash.
"""

import csv
import io
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from convatlas.data.preprocess import Preprocess
from convatlas.errors import NetworkError, RecipeError, RunError, UnknownName
from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.spec import ImageSpec, LabelSpec
from convatlas.training.loop import EpochRecord

FORMAT = 1


@dataclass(frozen=True)
class RunInfo:
    """The content of ``run.json``.

    Attributes:
        network: name and arguments, as ``networks.build`` takes them.
        data: name, sha256, licence, whether it holds centred digits, sizes of the
            splits that were used.
        images: of the data set, before pre-processing.
        labels: the classes.
        preprocess: as ``Preprocess.from_config`` takes it.
        recipe: resolved, every value.
        seed: of weights, order and augmentation.
        machine: processor, threads, device, versions.
        command: as typed.
        commit: of the checkout that the code ran from, if any.
        started: ISO 8601, UTC.
        finished: whether all epochs were trained.
    """

    network: dict[str, Any]
    data: dict[str, Any]
    images: ImageSpec
    labels: LabelSpec
    preprocess: dict[str, Any]
    recipe: Recipe
    seed: int
    machine: dict[str, Any]
    command: str
    commit: str | None
    started: str
    finished: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the format's version in front."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        plain["images"] = asdict(self.images)
        plain["labels"] = asdict(self.labels)
        plain["recipe"] = self.recipe.model_dump()
        return {"format": FORMAT, **plain}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "RunInfo":
        """The inverse of ``to_json``; KeyError or TypeError where it does not fit."""
        values = {name: value for name, value in plain.items() if name != "format"}
        images = values["images"]
        images["mean"], images["std"] = tuple(images["mean"]), tuple(images["std"])
        values["images"] = ImageSpec(**images)
        values["labels"] = LabelSpec(tuple(values["labels"]["names"]))
        values["recipe"] = Recipe.checked(values["recipe"], "run.json")
        return cls(**values)


class Run:
    """A run directory that exists.

    Args:
        path: of the directory.

    Raises:
        RunError: no such directory, no run in it, a broken or a newer one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.info = self._read_info()

    @classmethod
    def create(cls, path: Path, info: RunInfo) -> "Run":
        """Makes the directory with its ``run.json``.

        Raises:
            RunError: there is something already, or it cannot be written.
        """
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(
                f"{path}: exists already; choose another --out, or go on with "
                f"'convatlas train --resume {path}'"
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
            _write(path / "run.json", _json(info.to_json()))
        except OSError as error:
            raise RunError(
                f"{path}: cannot be written: {error.strerror or error}"
            ) from None
        return cls(path)

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.resolve().name

    @property
    def checkpoint_path(self) -> Path:
        """Of ``last.ckpt``, which is there only after training was saved once."""
        return self.path / "last.ckpt"

    def _read_info(self) -> RunInfo:
        path = self.path / "run.json"
        if not path.is_file():
            raise RunError(
                f"{self.path}: is not a run (there is no run.json in it); "
                "'convatlas runs' lists the runs"
            )
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            version = plain["format"]
            if version > FORMAT:
                raise RunError(
                    f"{self.path}: was written by a newer convatlas (format {version}, "
                    f"this one knows {FORMAT}): pip install -U convatlas"
                )
            return RunInfo.from_json(plain)
        except (ValueError, KeyError, TypeError, RecipeError) as error:
            raise RunError(f"{path}: is damaged ({error!r})") from None

    def update(self, info: RunInfo) -> None:
        """Replaces ``run.json``."""
        _write(self.path / "run.json", _json(info.to_json()))
        self.info = info

    # weights

    def save_best(self, network: nn.Module) -> None:
        """Writes ``best.safetensors``."""
        tensors = {
            # a copy each: shared parameters must not share memory in the file
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in network.state_dict().items()
        }
        _write(self.path / "best.safetensors", save(tensors))

    def network(self, device: torch.device | str = "cpu") -> nn.Module:
        """The trained network in evaluation mode.

        Raises:
            RunError: no weights yet, or weights that do not fit.
        """
        path = self.path / "best.safetensors"
        if not path.is_file():
            raise RunError(
                f"{self.path}: has no trained weights yet; "
                f"'convatlas train --resume {self.path}' goes on"
            )
        network = self.untrained_network()
        try:
            network.load_state_dict(load_file(path))
        except (SafetensorError, RuntimeError) as error:
            first = str(error).strip().splitlines()[0]
            raise RunError(f"{path}: is damaged or does not fit ({first})") from None
        return network.to(device).eval()

    def untrained_network(self) -> nn.Module:
        """The network of ``run.json`` with fresh weights."""
        described = self.info.network
        height, width = described["input_size"]
        try:
            return build(
                described["name"],
                classes=described["classes"],
                in_channels=described["in_channels"],
                input_size=(height, width),
            )
        except (UnknownName, NetworkError) as error:
            raise RunError(f"{self.path}: {error}") from None

    def preprocess(self) -> Preprocess:
        """From pictures as in ``info.images`` to the network's input."""
        return Preprocess.from_config(self.info.preprocess)

    def save_checkpoint(self, state: dict[str, Any]) -> None:
        """Writes ``last.ckpt``."""
        buffer = io.BytesIO()
        torch.save(state, buffer)
        _write(self.checkpoint_path, buffer.getbuffer())

    def load_checkpoint(self) -> dict[str, Any]:
        """What ``save_checkpoint`` got, on the CPU.

        Raises:
            RunError: there is none, or it is damaged.
        """
        if not self.checkpoint_path.is_file():
            raise RunError(
                f"{self.path}: has no last.ckpt to resume from; train it anew"
            )
        try:
            loaded: dict[str, Any] = torch.load(
                self.checkpoint_path, map_location="cpu", weights_only=True
            )
        except Exception as error:  # torch raises many kinds for a broken file
            first = str(error).strip().splitlines()[0]
            raise RunError(f"{self.checkpoint_path}: is damaged ({first})") from None
        return loaded

    # figures

    def append_history(self, record: EpochRecord) -> None:
        """Adds a row to ``history.csv``, dropping rows of the same or later epochs."""
        earlier = [r for r in self.history() if r.epoch < record.epoch]
        text = io.StringIO()
        names = [f.name for f in fields(EpochRecord)]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        for row in [*earlier, record]:
            writer.writerow(asdict(row))
        _write(self.path / "history.csv", text.getvalue().encode())

    def history(self) -> list[EpochRecord]:
        """The rows of ``history.csv``; empty before the first epoch's end."""
        path = self.path / "history.csv"
        if not path.is_file():
            return []
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return [_record(row) for row in csv.DictReader(file)]
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path}: is damaged ({error!r})") from None

    def save_figures(self, stem: str, figures: dict[str, Any]) -> Path:
        """Writes ``STEM.json``: ``test`` for the run's own test split."""
        path = self.path / f"{stem}.json"
        _write(path, _json(figures))
        return path

    def save_card(self, text: str) -> None:
        """Writes ``card.md``."""
        _write(self.path / "card.md", text.encode())

    def figures(self, stem: str = "test") -> dict[str, Any] | None:
        """What ``save_figures`` got; None if that split was not evaluated."""
        path = self.path / f"{stem}.json"
        if not path.is_file():
            return None
        try:
            loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{path}: is damaged ({error})") from None
        return loaded


def find_runs(folder: Path) -> tuple[list[Run], list[RunError]]:
    """The runs directly inside a folder, by name, and what is wrong with the others.

    A directory without ``run.json`` is no run; one with a damaged one is an error.
    """
    runs, broken = [], []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / "run.json").is_file():
            try:
                runs.append(Run(path))
            except RunError as error:
                broken.append(error)
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


def free_path(folder: Path, stem: str) -> Path:
    """``folder/stem-N`` with the smallest N from 1 that is above every used one."""
    used = [
        int(rest)
        for path in (folder.glob(f"{stem}-*") if folder.is_dir() else ())
        if (rest := path.name.removeprefix(f"{stem}-")).isdigit()
    ]
    return folder / f"{stem}-{max(used, default=0) + 1}"


def _record(row: dict[str, str]) -> EpochRecord:
    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    return EpochRecord(
        epoch=int(row["epoch"]),
        train_loss=float(row["train_loss"]),
        train_accuracy=float(row["train_accuracy"]),
        validation_loss=number("validation_loss"),
        validation_accuracy=number("validation_accuracy"),
        lr=float(row["lr"]),
        seconds=float(row["seconds"]),
        images_per_second=float(row["images_per_second"]),
        best=row["best"] == "True",
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _write(path: Path, content: bytes | memoryview) -> None:
    """Replaces a file in one step: all of the new content or all of the old."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(
            f"{path}: cannot be written: {error.strerror or error}"
        ) from None
