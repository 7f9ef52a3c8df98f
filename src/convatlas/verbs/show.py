"""Shows what is inside a network."""

from dataclasses import dataclass

from convatlas.anatomy import Table, trace
from convatlas.anatomy.timing import Timing, time_layers
from convatlas.errors import UsageError
from convatlas.machine import processor
from convatlas.verbs.subject import Subject, find_subject


@dataclass(frozen=True)
class Shown:
    """A network taken apart.

    Attributes:
        subject: what was looked at.
        table: layer by layer.
        timing: measured here, if asked for.
        processor: of the machine it was measured on.
    """

    subject: Subject
    table: Table
    timing: Timing | None = None
    processor: str = ""


def show(
    name: str,
    *,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
    time: bool = False,
    batch: int = 16,
    threads: int | None = None,
) -> Shown:
    """The layers of a network, with what each costs and sees.

    Args:
        name: of a network of the atlas, or ``package.module:Class`` of one's own.
        input: (channels, height, width), or (height, width), or (side,).
        classes: outputs; as published when None.
        time: measure each layer's forward and backward on this machine.
        batch: pictures per measured run.
        threads: of the measured runs; as set when None.

    Raises:
        UnknownName: no such network.
        UsageError: a module or class that is not there, a value that cannot be.
        NetworkError: it cannot be built or traced so.
    """
    for value, what in ((batch, "--batch"), (threads, "--threads")):
        if value is not None and value < 1:
            raise UsageError(f"{what} {value}: must be at least 1")
    subject = find_subject(name, input, classes)
    table = trace(subject.empty(), subject.input)
    if not time:
        return Shown(subject, table)
    timing = time_layers(subject.build(), subject.input, batch, threads)
    return Shown(subject, table, timing, processor())
