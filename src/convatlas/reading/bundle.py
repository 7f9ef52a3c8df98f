"""A reader bundle: a folder with all that reading house numbers needs.

============  ==================================================================
finder.onnx   whole picture to the box of its number; of several finders the others
              are finder-2.onnx, finder-3.onnx ...
reader.onnx   cut-out number to N × places × 11 logits
reader.json   how they look and how sure they are; terms, origin, figures
card.md       the same for people
============  ==================================================================
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from convatlas.errors import ReaderError
from convatlas.reading.answers import Combine
from convatlas.reading.reader import Looks, PlaceByPlace, Reader
from convatlas.spec import Rule

FORMAT = 1
FINDER, READER, NOTE, CARD = "finder.onnx", "reader.onnx", "reader.json", "card.md"
SHIPPED = Path(__file__).parents[1] / "reader"


@dataclass(frozen=True)
class Bundle:
    """The content of ``reader.json``, and the folder that it was found in.

    Attributes:
        folder: with the networks.
        looks: how pictures are looked at.
        places: how many digits a number may have.
        finders: how many networks find, each for itself.
        temperature: that makes its confidence honest.
        cut_temperature: the same for numbers that are cut out already, of which it
            may be surer; None where there was none to fit it on.
        combine: how several looks become one number.
        rule: how long a number is where nobody says it.
        about: for people: terms, origin, version, figures by protocol.
    """

    folder: Path
    looks: Looks
    places: int
    temperature: float = 1.0
    combine: Combine = "mean"
    rule: Rule = "blank"
    finders: int = 1
    cut_temperature: float | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finder_files(self) -> list[Path]:
        """The networks that find."""
        first = self.folder / FINDER
        others = range(2, self.finders + 1)
        return [first, *(first.with_stem(f"{first.stem}-{n}") for n in others)]

    def open(self, threads: int = 1, *, whole: bool = False) -> Reader:
        """The reader, ready.

        Args:
            threads: that each network may use for one picture; 0 takes all cores.
            whole: nothing is looked for, and nothing is cut out: pictures are cut-out
                numbers, looked at once for each turn.

        Raises:
            ReaderError: networks that are missing or cannot be run.
        """
        # ONNX Runtime takes a tenth of a second to import, which a list of
        # settings need not wait for
        from convatlas.reading.onnx_network import OnnxNetwork

        network = OnnxNetwork(self.folder / READER, threads)
        temperature = (whole and self.cut_temperature) or self.temperature
        tell = PlaceByPlace(network, temperature, self.combine, self.rule)
        if whole:
            return Reader(replace(self.looks, margins=(0.0,)), tell)
        found = tuple(OnnxNetwork(file, threads) for file in self.finder_files)
        return Reader(self.looks, tell, found)

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``reader.json``."""
        plain = asdict(replace(self, about={}))
        del plain["folder"]
        return {"format": FORMAT, **plain, "about": dict(self.about)}


def load_bundle(folder: Path) -> Bundle:
    """The bundle in a folder.

    Raises:
        ReaderError: none there, a damaged or a newer one.
    """
    path = folder / NOTE
    if not path.is_file():
        raise ReaderError(
            f"{folder}: is no reader (there is no {NOTE} in it); "
            "'convatlas export RUN --finder RUN --out FOLDER' makes one"
        )
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain.pop("format") > FORMAT:
            raise ReaderError(
                f"{folder}: was made by a newer convatlas: pip install -U convatlas"
            )
        looks: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in plain.pop("looks").items()
        }
        bundle = Bundle(folder, Looks(**looks), **plain)
        if bundle.combine not in get_args(Combine) or not (
            bundle.looks.margins and bundle.looks.turns and bundle.finders > 0
        ):
            raise ValueError(bundle.combine)
        return bundle
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReaderError(f"{path}: is damaged ({error!r})") from None


def shipped_bundle() -> Bundle:
    """The reader that comes with the package.

    Raises:
        ReaderError: this copy of the package has none.
    """
    if not (SHIPPED / NOTE).is_file():
        raise ReaderError(
            "this copy of convatlas comes without a trained reader; name one of your "
            "own: --reader FOLDER (made by 'convatlas export'), or --run RUN"
        )
    return load_bundle(SHIPPED)
