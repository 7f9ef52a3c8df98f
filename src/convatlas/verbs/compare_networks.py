"""Compares networks: how large, how deep, where the parameters sit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convatlas.anatomy import trace
from convatlas.anatomy.comparing import Profile, profile
from convatlas.errors import UsageError
from convatlas.verbs.subject import find_subject


@dataclass(frozen=True)
class Compared:
    """Networks side by side.

    Attributes:
        profiles: in the order asked for.
        picture: the bars, if they were drawn.
    """

    profiles: tuple[Profile, ...]
    picture: Path | None = None


def compare_networks(
    names: Sequence[str],
    *,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
    out: Path | None = None,
) -> Compared:
    """The figures of some networks.

    Args:
        names: of networks of the atlas, or ``package.module:Class``.
        input: the same for all; each as published when None.
        classes: the same for all of the atlas; as published when None.
        out: a .png or .svg of bars.

    Raises:
        UnknownName: no such network.
        UsageError: no names, or a file that cannot be written.
        NetworkError: one cannot be built or traced so.
    """
    if not names:
        raise UsageError("name at least one network to compare")
    profiles = []
    for name in names:
        subject = find_subject(name, input, classes)
        profiles.append(profile(trace(subject.empty(), subject.input), name))
    picture = None
    if out is not None:
        from convatlas.plots.figure import save
        from convatlas.plots.network_bars import draw_network_bars

        picture = save(draw_network_bars(profiles), out)
    return Compared(tuple(profiles), picture)
