"""Why a network says what it says: sections for ``explain``.

``heat`` and ``alike`` are about a picture; ``forgetting``, ``excited`` and ``embedded``
about the network.
"""

from collections.abc import Iterator, Sequence

from torch import Tensor

from convatlas.importance.pictures import Pictures
from convatlas.looking.subjects import Subject
from convatlas.progress import Progress
from convatlas.verbs.explain.section import Section
from convatlas.verbs.explain.why.alike import similar_sections
from convatlas.verbs.explain.why.embedded import embedding_section
from convatlas.verbs.explain.why.excited import exciting_section
from convatlas.verbs.explain.why.forgetting import sanity_section
from convatlas.verbs.explain.why.heat import heat_section
from convatlas.verbs.explain.why.options import Why
from convatlas.verbs.split_pictures import split_pictures

__all__ = ["Why", "of_network", "of_picture", "of_pictures", "pictures_for"]


def pictures_for(subject: Subject, why: Why, progress: Progress) -> Pictures | None:
    """The data set that is looked through; None where nothing asks for one.

    Raises:
        MissingData: it is not on this machine.
        DataError: it does not fit the network.
    """
    if not why.needs_pictures:
        return None
    return split_pictures(
        subject, why.data, why.split, data_dir=why.data_dir, progress=progress
    )


def of_picture(subject: Subject, seen: Tensor, why: Why) -> Iterator[Section]:
    """What is asked about one picture alone."""
    if why.heat:
        yield heat_section(subject, seen, why)


def of_pictures(
    subject: Subject,
    seen: Sequence[Tensor],
    pictures: Pictures | None,
    why: Why,
    progress: Progress,
) -> list[tuple[Section, ...]]:
    """What is asked about each picture beside those of a data set."""
    if pictures is None or not why.similar or not seen:
        return [()] * len(seen)
    found = similar_sections(subject, seen, pictures, why, progress)
    return [(one,) for one in found]


def of_network(
    subject: Subject,
    seen: Sequence[Tensor],
    pictures: Pictures | None,
    why: Why,
    progress: Progress,
) -> Iterator[Section]:
    """What is asked about the network."""
    if why.sanity:
        yield sanity_section(subject, seen, why, progress)
    if pictures is not None and why.exciting:
        yield exciting_section(subject, pictures, why, progress)
    if pictures is not None and why.embedding:
        yield embedding_section(subject, pictures, why, progress)
