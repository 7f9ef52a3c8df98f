"""What is asked about the reasons of an answer."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from convatlas.data.dataset import SplitName
from convatlas.errors import UnknownName, UsageError
from convatlas.importance.embedding import PROJECTIONS
from convatlas.importance.heat import METHODS
from convatlas.importance.targets import Place

ALL = "all"


@dataclass(frozen=True)
class Why:
    """What is to be shown of the reasons; nothing by itself.

    Attributes:
        heat: methods of heat maps, or ``"all"``.
        target: the class that is asked about, by its name; the likeliest when None.
        digit: the place in a number; each that was read when None.
        heat_layer: that Grad-CAM looks at; the last map of all when None.
        sanity: whether heat maps are checked with random weights.
        exciting: layers, each with or without channels: ``"conv1"``, ``"conv1:3,5"``.
        embedding: methods, see ``importance.embedding``.
        similar: how many similar pictures of the data set are shown for each.
        data: the data set; that of the run when None.
        data_dir: where data sets lie.
        split: of the data set.
    """

    heat: tuple[str, ...] = ()
    target: str | None = None
    digit: Place | None = None
    heat_layer: str | None = None
    sanity: bool = False
    exciting: tuple[str, ...] = ()
    embedding: tuple[str, ...] = ()
    similar: int = 0
    data: str | None = None
    data_dir: Path | None = None
    split: SplitName = "validation"

    def __post_init__(self) -> None:
        for method in self.heat:
            if method != ALL and method not in METHODS:
                known = f"there are {', '.join(METHODS)}, or all"
                raise UnknownName("method", method, (*METHODS, ALL), known)
        for method in self.embedding:
            if method not in PROJECTIONS:
                known = f"there are {' and '.join(PROJECTIONS)}"
                raise UnknownName("embedding", method, PROJECTIONS, known)
        if self.similar < 0:
            raise UsageError(f"--similar {self.similar}: must be 1 or more")
        for one in self.exciting:
            layer_and_channels(one)
        self._check_used()

    @property
    def methods(self) -> tuple[str, ...]:
        """Of the heat maps, each once."""
        asked = METHODS if ALL in self.heat else self.heat
        return tuple(dict.fromkeys(asked))

    @property
    def needs_pictures(self) -> bool:
        """Whether a data set is looked through."""
        return bool(self.exciting or self.embedding or self.similar)

    def _check_used(self) -> None:
        """Raises ``UsageError`` for what only says more of something not asked."""
        if not (self.heat or self.sanity):
            for flag, given in (
                ("--target", self.target),
                ("--digit", self.digit),
                ("--heat-layer", self.heat_layer),
            ):
                if given is not None:
                    raise UsageError(
                        f"{flag} {given}: is about heat maps; ask for them with --heat"
                    )
        if self.data is not None and not self.needs_pictures:
            raise UsageError(
                f"--data {self.data}: nothing asks for a data set; --exciting, "
                "--embedding and --similar do"
            )


NOTHING = Why()


def layer_and_channels(text: str) -> tuple[str, list[int] | None]:
    """A layer's path, and channels of it if some are named.

    Raises:
        UsageError: anything else.
    """
    found = re.fullmatch(r"([^:]+)(?::(\d{1,6}(?:,\d{1,6})*))?", text)
    if found is None:
        raise UsageError(
            f"--exciting {text}: must be a layer, with or without channels: "
            "features.conv1 or features.conv1:3,5"
        )
    layer, channels = found.groups()
    return layer, [int(c) for c in channels.split(",")] if channels else None


def parse_digit(text: str | None) -> Place | None:
    """The place in a number, from 0 on, or its length.

    Raises:
        UsageError: neither.
    """
    length: Literal["length"] = "length"
    if text is None or text == length:
        return None if text is None else length
    if not re.fullmatch(r"\d{1,3}", text):
        raise UsageError(
            f"--digit {text}: must be a place, from 0 on, or 'length' where the "
            "network tells one"
        )
    return int(text)
