"""The content of ``run.json``, and its format; what a run says without torch."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from convatlas.errors import RecipeError, RunError
from convatlas.recipe import Recipe
from convatlas.runs.files import INFO
from convatlas.spec import ImageSpec, LabelSpec

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
        values["labels"] = LabelSpec(
            tuple(values["labels"]["names"]), values["labels"].get("digits", 0)
        )
        values["recipe"] = Recipe.checked(values["recipe"], INFO)
        return cls(**values)


def read_info(folder: Path) -> RunInfo:
    """What the run in a folder is about.

    Raises:
        RunError: no such directory, no run in it, a broken or a newer one.
    """
    path = folder / INFO
    if not path.is_file():
        raise RunError(
            f"{folder}: is not a run (there is no run.json in it); "
            "'convatlas runs' lists the runs"
        )
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        version = plain["format"]
        if version > FORMAT:
            raise RunError(
                f"{folder}: was written by a newer convatlas (format {version}, "
                f"this one knows {FORMAT}): pip install -U convatlas"
            )
        return RunInfo.from_json(plain)
    except OSError as error:
        raise cannot_be_read(path, error) from None
    except (ValueError, KeyError, TypeError, RecipeError) as error:
        raise RunError(f"{path}: is damaged ({error!r})") from None


def read_figures(folder: Path, stem: str = "test") -> dict[str, Any] | None:
    """What was measured on a split; None if it was not.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / f"{stem}.json"
    if not path.is_file():
        return None
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise cannot_be_read(path, error) from None
    except ValueError as error:
        raise RunError(f"{path}: is damaged ({error})") from None
    return loaded


def check_readable(path: Path) -> None:
    """Says why a file cannot be opened; safetensors calls a closed one missing.

    Raises:
        RunError: it cannot.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise cannot_be_read(path, error) from None


def cannot_be_read(path: Path, error: OSError) -> RunError:
    """The fault of a file or folder that is there and closed, or on a broken disk."""
    return RunError(f"{path}: cannot be read: {error.strerror or error}")
