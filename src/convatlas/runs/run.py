"""A run directory that exists: everything in it, by name."""

import io
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from convatlas.data.preprocess import Preprocess
from convatlas.errors import NetworkError, RunError, UnknownName
from convatlas.networks import build
from convatlas.runs.atomic import write, write_json
from convatlas.runs.files import CHECKPOINT, HISTORY, INFO, WEIGHTS
from convatlas.runs.history import read_history, write_history
from convatlas.runs.info import RunInfo, check_readable, read_figures, read_info
from convatlas.training.records import EpochRecord


class Run:
    """A run directory that exists.

    Args:
        path: of the directory.

    Raises:
        RunError: no such directory, no run in it, a broken or a newer one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.info = read_info(self.path)

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
        fresh = not path.exists()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(
                f"{path}: cannot be written: {error.strerror or error}"
            ) from None
        try:
            write_json(path / INFO, info.to_json())
        except RunError:
            if fresh:
                path.rmdir()
            raise
        return cls(path)

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.resolve().name

    @property
    def checkpoint_path(self) -> Path:
        """Of ``last.ckpt``, which is there only after training was saved once."""
        return self.path / CHECKPOINT

    @property
    def has_checkpoint(self) -> bool:
        """Whether training was saved once."""
        return self.checkpoint_path.is_file()

    def update(self, info: RunInfo) -> None:
        """Replaces ``run.json``."""
        write_json(self.path / INFO, info.to_json())
        self.info = info

    # weights

    def save_best(self, network: nn.Module) -> None:
        """Writes ``best.safetensors``."""
        tensors = {
            # a copy each: shared parameters must not share memory in the file
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in network.state_dict().items()
        }
        write(self.path / WEIGHTS, save(tensors))

    def network(self, device: torch.device | str = "cpu") -> nn.Module:
        """The trained network in evaluation mode.

        Raises:
            RunError: no weights yet, or some that cannot be read or do not fit.
        """
        path = self.path / WEIGHTS
        if not path.is_file():
            raise RunError(
                f"{self.path}: has no trained weights yet; "
                f"'convatlas train --resume {self.path}' goes on"
            )
        check_readable(path)
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
        write(self.checkpoint_path, buffer.getbuffer())

    def load_checkpoint(self) -> dict[str, Any]:
        """What ``save_checkpoint`` got, on the CPU.

        Raises:
            RunError: there is none, or it is damaged.
        """
        if not self.has_checkpoint:
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
        write_history(self.path / HISTORY, [*earlier, record])

    def history(self) -> list[EpochRecord]:
        """The rows of ``history.csv``; none before the first epoch's end."""
        return read_history(self.path / HISTORY)

    def best_epoch(self) -> EpochRecord | None:
        """The epoch whose weights were kept; None before the first epoch's end."""
        best = [record for record in self.history() if record.best]
        return best[-1] if best else None

    def save_figures(self, stem: str, figures: dict[str, Any]) -> Path:
        """Writes ``STEM.json``: ``test`` for the run's own test split."""
        path = self.path / f"{stem}.json"
        write_json(path, figures)
        return path

    def save_card(self, text: str) -> None:
        """Writes ``card.md``."""
        write(self.path / "card.md", text.encode())

    def figures(self, stem: str = "test") -> dict[str, Any] | None:
        """What ``save_figures`` got; None if that split was not evaluated."""
        return read_figures(self.path, stem)
