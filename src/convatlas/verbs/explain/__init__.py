"""Shows what a network does with pictures: ``explain`` gathers sections.

Sections about one picture are made in ``_of_picture``, those about the network alone
in ``_of_network``; each kind has a file of its own in this package. What is asked about
reasons (heat maps and the like) is in ``why``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convatlas.looking.activations import Looked
from convatlas.looking.subjects import Answer, Subject, find_subject, of_run
from convatlas.picture_names import find_pictures
from convatlas.progress import Progress, silent
from convatlas.runs import Run
from convatlas.verbs.explain.filters import filters_section
from convatlas.verbs.explain.maps import maps_section, wanted_rows
from convatlas.verbs.explain.options import Options
from convatlas.verbs.explain.preparing import Preparing
from convatlas.verbs.explain.section import Section
from convatlas.verbs.explain.values import values_section
from convatlas.verbs.explain.why import (
    Why,
    of_network,
    of_picture,
    of_pictures,
    pictures_for,
)

__all__ = ["Explained", "ExplainedPicture", "Options", "Why", "explain"]


@dataclass(frozen=True)
class ExplainedPicture:
    """What a network did with one picture.

    Attributes:
        file: that it was read from.
        seen: C H W, uint8, as the network got it.
        answers: the likeliest, best first; of a finder none.
        sections: what there is to see.
    """

    file: Path
    seen: NDArray[np.uint8]
    answers: tuple[Answer, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Explained:
    """A network, and what it did with pictures.

    Attributes:
        subject: what was looked into.
        sections: about the network alone, e.g. its filters.
        pictures: one for each file.
    """

    subject: Subject
    sections: tuple[Section, ...]
    pictures: tuple[ExplainedPicture, ...]

    def to_json(self) -> dict[str, Any]:
        """The numbers behind all pictures, as plain values."""
        return {
            "network": self.subject.name,
            "id": self.subject.id,
            "trained": self.subject.trained,
            "pictures": [
                {
                    "file": str(one.file),
                    "answers": [
                        {"class": answer.name, "probability": answer.probability}
                        for answer in one.answers
                    ],
                    **{section.name: section.figures for section in one.sections},
                }
                for one in self.pictures
            ],
            **{section.name: section.figures for section in self.sections},
        }


def explain(
    what: Run | Subject | Path | str,
    pictures: Sequence[str | Path],
    *,
    options: Options | None = None,
    digit: bool | None = None,
    finder: Path | str | None = None,
    progress: Progress = silent,
) -> Explained:
    """Looks into a network while it looks at pictures.

    Args:
        what: a run or its path, or the name of a network of the atlas, which then has
            the weights of its first moment (seed 0).
        pictures: files, folders and globs.
        options: what is shown; feature maps, filters and the arithmetic of two values
            when None.
        digit: cut one digit out of each picture and centre it as MNIST's were; as the
            run was trained when None.
        finder: a run that finds the number which the other one reads; it looks at
            whole pictures when None.
        progress: told how far it is.

    Raises:
        UnknownName: no such run, network or layer.
        RunError: a run that is broken, or without weights.
        DataError: pictures that are not there or cannot be read.
        UsageError: options that do not fit.
    """
    options = options or Options()
    files = find_pictures(pictures)
    subject = what if isinstance(what, Subject) else _subject(what)
    rows = wanted_rows(subject, options)
    preparing = Preparing(subject, digit, finder)
    why = options.why
    others = pictures_for(subject, why, progress)  # before all that takes time
    explained, inputs = [], list[Tensor]()
    for number, file in enumerate(files):
        progress("looking", number, len(files), "pictures")
        seen = preparing(file)
        inputs.append(seen)
        looked = subject.look(seen)
        sections = tuple(_of_picture(subject, seen, looked, rows, options))
        answers = subject.said(looked.result)
        explained.append(ExplainedPicture(file, seen.numpy(), answers, sections))
    progress("looking", len(files), len(files), "pictures")
    beside = of_pictures(subject, inputs, others, why, progress)
    sections = (
        *_of_network(subject, options),
        *of_network(subject, inputs, others, why, progress),
    )
    return Explained(
        subject,
        sections,
        tuple(
            replace(one, sections=one.sections + more)
            for one, more in zip(explained, beside, strict=True)
        ),
    )


def _subject(what: Run | Path | str) -> Subject:
    return of_run(what) if isinstance(what, Run) else find_subject(what)


def _of_picture(
    subject: Subject,
    seen: Tensor,
    looked: Looked,
    rows: tuple[int, ...],
    options: Options,
) -> Iterator[Section]:
    """What there is to see of one picture."""
    yield maps_section(subject, looked, rows, options)
    yield values_section(subject, seen, looked, rows, options)
    yield from of_picture(subject, seen, options.why)


def _of_network(subject: Subject, options: Options) -> Iterator[Section]:
    """What there is to see of the network, whatever the picture."""
    yield filters_section(subject, options)
