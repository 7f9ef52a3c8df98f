"""``digitStruct.mat``: the numbers and boxes of SVHN's full pictures (HDF5).

MATLAB wrote a struct array into it: ``digitStruct/name`` and ``digitStruct/bbox`` are
columns of references. A name's target is a column of UTF-16 codes. A box's target is a
group with ``label``, ``left``, ``top``, ``width``, ``height``, each a column with a row
for each digit: for a number of one digit it holds the value, for a longer one again
references, each to a 1×1 array.
"""

from pathlib import Path
from typing import Any

from convatlas.data.numbered import Box
from convatlas.errors import DataError, MissingExtra
from convatlas.progress import Progress

FIELDS = ("label", "left", "top", "width", "height")


def read_digit_struct(
    path: Path, progress: Progress
) -> dict[str, tuple[str, tuple[Box, ...]]]:
    """The number of each picture and the boxes of its digits.

    Args:
        path: of the file.
        progress: told the pictures so far; there are 20 references or more to follow
            for each.

    Returns:
        By the picture's name: its digits, where the file's label 10 is the digit 0, and
        left, top, width and height of each in pixels.

    Raises:
        MissingExtra: h5py is not installed.
        DataError: no file of this form.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtra("svhn-numbers", "h5py", "svhn") from None
    try:
        with h5py.File(path) as file:
            return _entries(file, f"{path.parent.name}/{path.name}", progress)
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path}: is no digitStruct.mat of SVHN ({said}); fetch it again"
        ) from None


def _entries(
    file: Any, job: str, progress: Progress
) -> dict[str, tuple[str, tuple[Box, ...]]]:
    names, boxes = (file["digitStruct"][part][:, 0] for part in ("name", "bbox"))
    if len(names) != len(boxes):
        raise ValueError(f"{len(names)} names for {len(boxes)} boxes")
    found: dict[str, tuple[str, tuple[Box, ...]]] = {}
    for done, (name_at, box_at) in enumerate(zip(names, boxes, strict=True)):
        progress(job, done, len(names), "pictures")
        name = "".join(map(chr, file[name_at][:, 0]))
        if "/" in name or "\\" in name:
            raise ValueError(f"a picture is called {name!r}")
        group = file[box_at]
        columns = [_values(file, group[field]) for field in FIELDS]
        digits = ""
        for label in columns[0]:
            if label not in range(1, 11):
                raise ValueError(f"{name} has the label {label:g}, allowed are 1 to 10")
            digits += str(int(label) % 10)
        rows = zip(*columns[1:], strict=True)
        found[name] = digits, tuple((row[0], row[1], row[2], row[3]) for row in rows)
    progress(job, len(names), len(names), "pictures")
    return found


def _values(file: Any, column: Any) -> list[float]:
    """One value for each digit."""
    if column.shape[0] == 1:
        return [float(column[0, 0])]
    return [float(file[reference][0, 0]) for reference in column[:, 0]]
