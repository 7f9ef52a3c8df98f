"""The parts of pictures that excite a channel most, kept for the next question."""

from collections import OrderedDict
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from convatlas.errors import UsageError
from convatlas.png import as_data_uri
from convatlas.serve import data_sets
from convatlas.serve.faults import Fault
from convatlas.serve.inside.looks import row_of
from convatlas.serve.inside.opened import Key

if TYPE_CHECKING:
    from convatlas.importance.exciting import Exciting
    from convatlas.importance.pictures import Pictures
    from convatlas.looking.subjects import Subject

MOST_MACS = 60_000_000_000  # of one search, some seconds
FEWEST_PICTURES = 24
MOST_PICTURES = 5000
MOST_NUMBERS = 4_000_000  # of the pixels of all channels' patches, to find them at once
MOST_PATCHES = 25  # a channel
KEPT = 200

Asked = tuple[Key, str, int]


class Patch(BaseModel):
    """A part of a picture, and the value of the unit that sees it."""

    png: str
    value: float
    label: str


class Patches(BaseModel):
    """Strongest first; ``from``: which pictures were looked through."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)

    patches: list[Patch]
    source: str = Field(serialization_alias="from")


class Search:
    """Finds patches; belongs to the thread of torch."""

    def __init__(self) -> None:
        self._found: OrderedDict[Asked, tuple[tuple[Exciting, ...], str]]
        self._found = OrderedDict()

    def most_exciting(
        self,
        subject: "Subject",
        key: Key,
        layer: str,
        channel: int,
        count: int,
        data_dir: Path | None,
    ) -> Patches:
        """The patches of one channel.

        Raises:
            UnknownName: no such layer.
            UsageError: it has no such channel, or no channels.
            Fault: 422, there are no pictures for this network.
        """
        asked = key, layer, channel
        if asked not in self._found:
            self._look(subject, key, layer, channel, data_dir)
        self._found.move_to_end(asked)
        patches, source = self._found[asked]
        return Patches(
            patches=[
                Patch(png=as_data_uri(one.pixels), value=one.value, label=one.label)
                for one in patches[:count]
            ],
            source=source,
        )

    def _look(
        self,
        subject: "Subject",
        key: Key,
        layer: str,
        channel: int,
        data_dir: Path | None,
    ) -> None:
        from convatlas.importance.exciting import most_exciting

        row = subject.table.rows[row_of(subject.table, layer)]
        channels = row.output[0] if row.output else 0
        if not 0 <= channel < channels:
            raise UsageError(
                f"channel = {channel}: {layer} has the channels 0 to {channels - 1}"
            )
        pictures = _pictures(subject, data_dir)
        few = channels * MOST_PATCHES * prod(subject.input) <= MOST_NUMBERS
        found = most_exciting(
            subject.network,
            row.name,
            pictures,
            None if few else [channel],
            min(MOST_PATCHES, pictures.count),
            table=subject.table,
        )
        for one, patches in found.items():
            self._found[key, layer, one] = patches, pictures.name
        while len(self._found) > max(KEPT, len(found)):
            self._found.popitem(last=False)


def _pictures(subject: "Subject", data_dir: Path | None) -> "Pictures":
    """Of the run's own data set, or digits where it is not at hand and they fit."""
    from convatlas.errors import MissingData
    from convatlas.verbs.split_pictures import split_pictures

    digits = data_sets.DEFAULT if subject.images.channels == 1 else None
    try:
        own = None if subject.trained else digits
        if own is None and not subject.trained:
            raise Fault(
                422,
                "no_pictures",
                f"{subject.id} was never trained, so it has no pictures of its own; "
                "name a run",
            )
        pictures = split_pictures(subject, own, data_dir=data_dir)
    except MissingData:
        if not subject.centred_digits:
            raise
        pictures = split_pictures(subject, data_sets.DEFAULT, data_dir=data_dir)
    affordable = max(MOST_MACS // max(subject.table.macs, 1), FEWEST_PICTURES)
    count = min(affordable, MOST_PICTURES)
    if pictures.count <= count:
        return pictures
    name = f"{pictures.name} (the first {count:,} of {pictures.count:,})"
    return replace(pictures, count=count, name=name)
