"""The pictures of a data set as a network gets to see them, fetched batch by batch."""

from pathlib import Path

import torch
from torch import Tensor

from convatlas import data, street_views
from convatlas.data.catalogue import find
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.folder import PREFIX as FOLDER
from convatlas.data.location import data_folder
from convatlas.data.own_numbers import PREFIX as NUMBERS
from convatlas.data.preprocess import Preprocess
from convatlas.errors import DataError, MissingData, UsageError
from convatlas.house_number import decode
from convatlas.importance.pictures import Pictures
from convatlas.looking.subjects import Subject
from convatlas.number_tasks import TASKS
from convatlas.progress import Progress, silent


def split_pictures(
    subject: Subject,
    data_name: str | None = None,
    split: SplitName = "validation",
    *,
    data_dir: Path | None = None,
    progress: Progress = silent,
) -> Pictures:
    """A split's pictures for the network of a run, or for an untrained one.

    Nothing is downloaded. House numbers are shown as the run was trained to see them.

    Args:
        subject: a network with its preparation.
        data_name: of the data set; that of the run when None.
        split: of the data set.
        data_dir: where data sets lie.
        progress: told how far decoding is.

    Raises:
        UsageError: an untrained network, and no data set was named.
        MissingData: its files are not on this machine.
        DataError: pictures that do not fit the network.
    """
    name = data_name or _own(subject)
    _check_at_hand(name, data_dir)
    shape = subject.images.shape
    dataset = data.load(name, folder=data_dir, shape=shape, progress=progress)
    part = dataset.split(split)
    title = f"{dataset.name}, {split}"
    if dataset.labels.digits and subject.answers == "class":
        raise DataError(
            f"{name} has numbers of several digits, but {subject.id} tells one class; "
            "--data names another data set"
        )
    if dataset.labels.digits and subject.run is not None:
        return _numbers(subject, dataset, split, title)
    preprocess = _preprocess(subject, dataset)
    return Pictures(
        name=title,
        count=len(part),
        seen=lambda rows: preprocess.prepare(part.images[rows]),
        normalise=preprocess.normalise,
        labels=_labels(part, dataset),
    )


def _own(subject: Subject) -> str:
    if subject.run is None:
        raise UsageError(
            f"{subject.id} was never trained, so it has no pictures of its own: name a "
            "data set with --data"
        )
    name: str = subject.run.info.data["name"]
    return name


def _check_at_hand(name: str, data_dir: Path | None) -> None:
    if name.startswith((FOLDER, NUMBERS)):
        return
    folder = data_folder(data_dir)
    if not find(name).present(folder):
        raise MissingData(
            f"the pictures of {name} are not in {folder}: 'convatlas data download "
            f"{name}' fetches them, --data-dir tells where they are, and --data names "
            "another data set"
        )


def _preprocess(subject: Subject, dataset: Dataset) -> Preprocess:
    if dataset.spec.shape == subject.images.shape:
        return subject.preprocess
    if subject.run is not None:
        given, own = (
            "×".join(map(str, shape))
            for shape in (dataset.spec.shape, subject.images.shape)
        )
        raise DataError(
            f"{dataset.name} has pictures of {given}, but {subject.id} was trained on "
            f"{own} (channels×height×width)"
        )
    return Preprocess.of(dataset.spec, subject.input, "resize")


def _numbers(
    subject: Subject, dataset: Dataset, split: SplitName, title: str
) -> Pictures:
    """Views of street pictures: the number cut out, or whatever the recipe shows."""
    assert subject.run is not None
    part, recipe = dataset.split(split), subject.run.info.recipe
    if recipe.view == "number" and part.boxes is None:
        recipe = recipe.changed(view="whole")
    task, classes = TASKS[subject.answers], len(subject.names)
    whole = street_views.examples(part, classes, task, torch.device("cpu"), "device")
    size = subject.input[1:]

    def seen(rows: Tensor) -> Tensor:
        few = whole.taken(rows)
        return street_views.seen(few, recipe, size).images

    normalise, labels = subject.preprocess.normalise, _labels(part, dataset)
    return Pictures(title, len(part), seen, normalise, labels)


def _labels(part: Split, dataset: Dataset) -> tuple[str, ...]:
    if not part.labelled:
        return ()
    if dataset.labels.digits:
        return tuple(decode(part.labels))
    return tuple(dataset.labels.names[label] for label in part.labels.tolist())
