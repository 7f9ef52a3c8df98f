"""The networks that were looked into last, ready to be asked again."""

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from convatlas.runs.files import WEIGHTS
from convatlas.serve.served import Served

if TYPE_CHECKING:
    from torch import nn

    from convatlas.anatomy import Table
    from convatlas.looking.regions import Regions
    from convatlas.looking.subjects import Subject

UNTRAINED = "network:"
MOST_BYTES = 1 << 30  # of all weights that are kept; the last one is kept anyway
MOST_OPENED = 8
MOST_TABLES = 32
MOST_REGIONS = 8

Key = tuple[str, Path | None, int]


class Opened:
    """Networks by the id that requests name them by.

    ``key`` belongs to the event loop, the rest to the one thread of torch.
    """

    def __init__(self) -> None:
        self._subjects: OrderedDict[Key, Subject] = OrderedDict()
        self._tables: OrderedDict[Key, Table] = OrderedDict()
        self._regions: OrderedDict[Key, Regions] = OrderedDict()

    def key(self, served: Served, id: str | None) -> Key:
        """What an id stands for now: a run that is trained on is another one.

        Raises:
            Fault: 404, nobody has this id; 422, it cannot be looked into.
        """
        if id is not None and id.startswith(UNTRAINED):
            return id, None, 0
        subject = served.run(id)
        weights = subject.folder / WEIGHTS
        changed = weights.stat().st_mtime_ns if weights.is_file() else 0
        return subject.id, subject.folder, changed

    def subject(self, key: Key) -> "Subject":
        """The network, with its weights.

        Raises:
            UnknownName: no such network in the atlas.
            RunError: a run without weights, or with damaged ones.
        """
        found = self._subjects.get(key)
        if found is None:
            found = _load(key)
            self._subjects[key] = found
            self._forget()
        self._subjects.move_to_end(key)
        return found

    def table(self, key: Key) -> "Table":
        """The network's layers, for which no weights are needed.

        Raises:
            UnknownName: no such network in the atlas.
            RunError: a broken run.
        """
        if key in self._subjects:
            return self.subject(key).table
        if key not in self._tables:
            from convatlas.anatomy import trace

            self._tables[key] = trace(*_empty(key))
            if len(self._tables) > MOST_TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        return self._tables[key]

    def regions(self, key: Key) -> "Regions":
        """What the network's units depend on; see ``table``.

        Raises:
            NetworkError: its course depends on numbers.
        """
        if key not in self._regions:
            from convatlas.looking.regions import Regions

            self._regions[key] = Regions(_empty(key)[0], self.table(key))
            if len(self._regions) > MOST_REGIONS:
                self._regions.popitem(last=False)
        self._regions.move_to_end(key)
        return self._regions[key]

    def _forget(self) -> None:
        def held() -> int:
            return sum(one.table.parameter_bytes for one in self._subjects.values())

        while len(self._subjects) > 1 and (
            len(self._subjects) > MOST_OPENED or held() > MOST_BYTES
        ):
            self._subjects.popitem(last=False)


def _load(key: Key) -> "Subject":
    from convatlas.looking.subjects import of_network, of_run
    from convatlas.runs import Run

    id, folder, _ = key
    if folder is None:
        return of_network(id.removeprefix(UNTRAINED))
    return of_run(Run(folder), id)


def _empty(key: Key) -> "tuple[nn.Module, tuple[int, int, int]]":
    """The network without numbers, and the shape of its input."""
    from convatlas.anatomy.building import without_numbers
    from convatlas.networks import build, find
    from convatlas.runs import Run

    id, folder, _ = key
    if folder is None:
        name = id.removeprefix(UNTRAINED)
        return without_numbers(lambda: build(name)), find(name).input
    run = Run(folder)
    return without_numbers(run.untrained_network), run.preprocess().target
