"""What is wrong with a data set: files, boxes, labels, copies."""

import hashlib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from convatlas.data.ahead import in_order
from convatlas.data.dataset import SplitName
from convatlas.data.likeness import SIDE, code, near_pairs
from convatlas.data.numbered import NumberedPicture, NumberList
from convatlas.data.pictures import decode, look_at
from convatlas.errors import PictureError
from convatlas.progress import Progress

SLACK = 1.0  # pixels by which a box may stick out; rounding makes that much
STEEP = 3
JOB = "checking the pictures"
KINDS = {
    "missing": "in the list but not there",
    "unlisted": "there but not in the list, so without a label",
    "unreadable": "cannot be read",
    "box": "a box without area or outside the picture",
    "order": "digits not in reading order",
    "long": "a number longer than the network has places",
    "duplicate": "the same bytes twice",
    "similar": "nearly the same picture twice",
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes:
        kind: a key of ``KINDS``.
        file: name of the picture.
        what: the particulars.
        splits: on different sides of the cut, for copies that are: a network that
            learns the one is tested on the other.
    """

    kind: str
    file: str
    what: str
    splits: tuple[SplitName, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """A picture after it was opened."""

    split: SplitName
    item: NumberedPicture
    digest: str
    code: bytes | None
    size: tuple[int, int]


def check_numbers(listed: NumberList, places: int, progress: Progress) -> list[Finding]:
    """Looks at every list entry and every picture of a data set of house numbers.

    Args:
        listed: the pictures.
        places: digits that a network can express.
        progress: told the pictures so far.

    Returns:
        What was found, by kind in the order of ``KINDS``.
    """
    found = [Finding("missing", name, KINDS["missing"]) for name in listed.missing]
    found += [Finding("unlisted", name, KINDS["unlisted"]) for name in listed.unlisted]
    gone = set(listed.missing)
    items = [
        (part, item)
        for part, pictures in listed.splits.items()
        for item in pictures
        if item.name not in gone
    ]
    seen: list[_Seen] = []
    for done, result in enumerate(_opened(items)):
        progress(JOB, done, len(items), "pictures")
        if isinstance(result, Finding):
            found.append(result)
        else:
            seen.append(result)
    progress(JOB, len(items), len(items), "pictures")
    for one in seen:
        found += _label_faults(one, places)
    found += _copies(seen)
    order = list(KINDS)
    return sorted(found, key=lambda finding: order.index(finding.kind))


def _label_faults(seen: _Seen, places: int) -> Iterator[Finding]:
    item, (height, width) = seen.item, seen.size
    for digit, (left, top, wide, high) in zip(item.number, item.boxes, strict=False):
        edges = f"{left:g}, {top:g} to {left + wide:g}, {top + high:g}"
        if wide <= 0 or high <= 0:
            yield Finding("box", item.name, f"the {digit} has no area ({edges})")
            continue
        out = max(-left, -top, left + wide - width, top + high - height)
        if out > SLACK:
            what = f"the {digit} is {out:g} pixels outside {width}×{height} ({edges})"
            yield Finding("box", item.name, what)
    if not _in_order(item):
        yield Finding("order", item.name, f"{item.number}: {_places(item)}")
    if len(item.number) > places:
        what = f"{item.number} has {len(item.number)} digits, places are {places}"
        yield Finding("long", item.name, what)


def _in_order(item: NumberedPicture) -> bool:
    """Whether digits go from left to right, or downwards where they stand upon each
    other: where they go down (or up) more than three times as far as to the right."""
    if len(item.boxes) < 2:
        return True
    across = [left + width / 2 for left, _, width, _ in item.boxes]
    down = [top + height / 2 for _, top, _, height in item.boxes]
    stacked = max(down) - min(down) > STEEP * (max(across) - min(across))
    return all(a <= b for a, b in pairwise(down if stacked else across))


def _places(item: NumberedPicture) -> str:
    middles = [f"{x + w / 2:.0f}, {y + h / 2:.0f}" for x, y, w, h in item.boxes]
    return f"the digits' middles are {'; '.join(middles)}"


def _copies(seen: Sequence[_Seen]) -> Iterator[Finding]:
    """Pictures with the same bytes, then those that only look the same."""
    by_digest: defaultdict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        by_digest[one.digest].append(one)
    for first, *others in by_digest.values():
        for other in others:
            yield _pair("duplicate", first, other)
    for a, b in near_pairs([one.code for one in seen]):
        if seen[a].digest != seen[b].digest:
            yield _pair("similar", seen[a], seen[b])


def _pair(kind: str, first: _Seen, other: _Seen) -> Finding:
    what = f"as {first.item.name}"
    if first.item.number != other.item.number:
        what += f", labelled {first.item.number or '–'} and {other.item.number or '–'}"
    splits: tuple[SplitName, ...] = ()
    if first.split != other.split:
        splits = first.split, other.split
        what += f", in {first.split} and {other.split}"
    return Finding(kind, other.item.name, what, splits)


def _opened(
    items: Iterable[tuple[SplitName, NumberedPicture]],
) -> Iterator[_Seen | Finding]:
    """All pictures in their order."""

    def work(pair: tuple[SplitName, NumberedPicture]) -> _Seen | Finding:
        split, item = pair
        try:
            height, width, _ = look_at(item.path)
            small = decode(item.path, 1, (SIDE, SIDE))
            content = item.path.read_bytes()
        except (PictureError, OSError) as error:
            why = str(error).removeprefix(f"{item.path}: ")
            return Finding("unreadable", item.name, why)
        digest = hashlib.sha256(content).hexdigest()
        return _Seen(split, item, digest, code(small), (height, width))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd notes in a picture's header
        yield from in_order(work, items)
