"""A run or a reader that is served, as far as it can be known without torch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from convatlas.errors import RunError
from convatlas.reading.bundle import NOTE, Bundle, load_bundle, shipped_bundle
from convatlas.runs.files import WEIGHTS
from convatlas.runs.info import RunInfo, check_readable, read_figures, read_info
from convatlas.runs.shipped import run_folder

Kind = Literal["class", "number", "box"]
BUILT_IN_RUN = run_folder("shipped:lenet5")
BUILT_IN_READER = "reader"
FINDERS = ("street-finder",)  # networks that answer with a box
# of tensors in a file of weights, those that are not learned
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class Subject:
    """A run, or a reader of two networks.

    Attributes:
        id: by which requests name it.
        folder: where it lies.
        built_in: whether it came with the package.
        info: of a run; None for a reader.
        bundle: of a reader; None for a run.
    """

    id: str
    folder: Path
    built_in: bool = False
    info: RunInfo | None = None
    bundle: Bundle | None = field(default=None, repr=False)

    @property
    def answers(self) -> Kind:
        """A class, a number, or the box of one."""
        if self.info is None:
            return "number"
        if self.info.labels.digits == 0:
            return "class"
        name = self.info.network["name"]
        return "box" if name in FINDERS else "number"

    @property
    def centred_digits(self) -> bool:
        """Whether its pictures are digits, centred and scaled as MNIST's are."""
        return self.info is not None and bool(self.info.data["centred_digits"])

    @property
    def trained(self) -> bool:
        """Whether there are weights."""
        return self.info is None or (self.folder / WEIGHTS).is_file()

    @cached_property
    def parameters(self) -> int | None:
        """Learned values of a run; None where there are none yet."""
        if self.info is None or not self.trained:
            return None
        return _parameters(self.folder / WEIGHTS)

    def to_json(self) -> dict[str, Any]:
        """An entry of ``/v1/runs``."""
        if self.info is None:
            return self._reader_json()
        info = self.info
        return {
            "id": self.id,
            "title": f"{info.network['name']}, {info.data['name']}",
            "network": info.network["name"],
            "data": info.data["name"],
            "answers": self.answers,
            "trained": self.trained,
            "classes": list(info.labels.names),
            "input": list(info.images.shape),
            "centred_digits": self.centred_digits,
            "parameters": self.parameters,
            "accuracy": _accuracy(self.folder),
            "state": "finished" if info.finished else "stopped",
            "built_in": self.built_in,
        }

    def _reader_json(self) -> dict[str, Any]:
        assert self.bundle is not None
        about = self.bundle.about
        parts = [*about.get("finders", ()), *about.get("readers", ())]
        networks = [one["network"] for one in parts] or ["reader"]
        height, width = self.bundle.looks.finder_size
        return {
            "id": self.id,
            "title": f"{' + '.join(networks)}, house numbers",
            "network": " + ".join(networks),
            "data": parts[0]["data"] if parts else "",
            "answers": "number",
            "trained": True,
            "classes": [*map(str, range(10))],
            "input": [3, height, width],
            "centred_digits": False,
            "parameters": None,
            "accuracy": _reader_accuracy(about),
            "state": "finished",
            "built_in": self.built_in,
        }


def built_in_subjects() -> list[Subject]:
    """What came with the package.

    Raises:
        RunError: this copy of the package is damaged.
        ReaderError: so is its reader.
    """
    run = Subject("lenet5", BUILT_IN_RUN, True, read_info(BUILT_IN_RUN))
    reader = Subject(BUILT_IN_READER, Path(), True, bundle=shipped_bundle())
    return [run, reader]


def subjects_of(folders: Iterable[Path]) -> list[Subject]:
    """The given ones, then those of the package; a given run answers by default.

    Raises:
        RunError: a folder that holds no run, or a broken one.
        ReaderError: a damaged reader.
    """
    own = built_in_subjects()
    given: list[Subject] = []
    for folder in folders:
        taken = [subject.id for subject in (*own, *given)]
        given.append(subject_of(folder, taken))
    return [*given, *own]


def subject_of(folder: Path, taken: Iterable[str]) -> Subject:
    """The run, or the reader made by ``convatlas export``, in a folder.

    Args:
        folder: of it.
        taken: ids that others have.

    Raises:
        RunError: neither is there, or it is broken.
        ReaderError: a damaged reader.
    """
    folder = folder.expanduser()
    id = _free_id(folder.resolve().name, set(taken))
    if (folder / NOTE).is_file():
        return Subject(id, folder, bundle=load_bundle(folder))
    subject = Subject(id, folder, info=read_info(folder))
    # a damaged file is told now, not to whoever asks for the list
    _ = subject.parameters, read_figures(folder)
    return subject


def _free_id(name: str, taken: set[str]) -> str:
    """The name with nothing that is special in an address, made unique."""
    plain = "".join(c if c.isalnum() or c in "-._" else "-" for c in name) or "run"
    id, count = plain, 1
    while id in taken:
        count += 1
        id = f"{plain}-{count}"
    return id


def _parameters(path: Path) -> int:
    from math import prod

    from safetensors import SafetensorError, safe_open

    check_readable(path)
    try:
        with safe_open(path, framework="np") as file:
            return sum(
                prod(file.get_slice(name).get_shape())
                for name in file.keys()
                if not name.endswith(BUFFERS)
            )
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path}: is damaged ({error})") from None


def _accuracy(folder: Path) -> dict[str, Any] | None:
    try:
        figures = read_figures(folder)
    except RunError:  # damaged since
        return None
    if figures is None or "accuracy" not in figures:
        return None
    return {
        "split": figures["split"],
        "value": figures["accuracy"],
        "n": figures["count"],
    }


def _reader_accuracy(about: Any) -> dict[str, Any] | None:
    """On whole test pictures; on validation pictures where it was never tested."""
    whole = [
        one for one in about.get("figures", ()) if one["shown"] == "whole pictures"
    ]
    by_split = {one["split"]: one for one in whole}
    best = by_split.get("test") or by_split.get("validation")
    if best is None:
        return None
    return {"split": best["split"], "value": best["accuracy"], "n": best["count"]}
