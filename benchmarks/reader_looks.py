"""Which looks a reader bundle should take, by trying many on validation pictures.

    python benchmarks/reader_looks.py FOLDER --data protocol-p
    python benchmarks/reader_looks.py FOLDER --data protocol-p --zooms 1.5 1.75 2 2.5

Whole pictures: each is looked for up to three times with each zoom, and every box is
read with each margin; then the answers are put together in many ways. Accuracies differ
by chance (n = 957: two standard errors are 1.6 points near 93 %): of ways that are as
good, take the one with fewer looks, and never look at test pictures here. True crops +
15 %: they are read at several turns.
"""

import argparse
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path
from typing import get_args

import numpy as np

from convatlas.exporting.reader_figures import (
    MARGIN,
    TRUE,
    Answers,
    figures,
    fitted_temperature,
)
from convatlas.exporting.street_files import street_pictures
from convatlas.progress import silent
from convatlas.reading.answers import Combine, Floats
from convatlas.reading.bundle import Bundle, load_bundle
from convatlas.reading.reader import PlaceByPlace, Reader
from convatlas.reading.windows import crop

MARGINS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.28, 0.35, 0.45)
TURNS = ((0,), (-4, 4), (0, -4, 4), (-8, 8), (0, -8, 8))  # degrees
TIMES = 3  # that the number is looked for, at most
SHOWN = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--zooms", type=float, nargs="+", default=[1.75])
    parser.add_argument("--pictures", type=int, help="the first so many alone")
    chosen = parser.parse_args()
    bundle = load_bundle(chosen.reader)
    _turns(bundle, chosen)
    opened = bundle.open(threads=0)
    assert isinstance(opened.tell, PlaceByPlace)
    rows = []
    for zoom in chosen.zooms:
        looks = replace(
            bundle.looks, again=(zoom,) * (TIMES - 1), every_box=True, margins=MARGINS
        )
        reader = Reader(looks, opened.tell, opened.finders)
        pictures = street_pictures(chosen.data, "validation", chosen.data_dir, silent)
        numbers: list[str] = []
        logits: list[Floats] = []
        for picture in islice(pictures, chosen.pictures):
            views = reader.views(picture.image, reader.boxes(picture.image))
            answers = opened.tell.network(views)
            shape = TIMES, bundle.finders, len(MARGINS), *answers.shape[1:]
            logits.append(answers.reshape(shape))
            numbers.append(picture.number)
        rows += _ways(np.stack(logits), tuple(numbers), zoom)
    # the same accuracy with fewer looks is better
    rows.sort(key=lambda row: (-row["accuracy"], row["finds"] + row["reads"]))
    print(f"{chosen.data}, validation, n = {rows[0]['count']}")
    print(f"{'right':>7} {'cover.98':>8} {'finds':>5} {'reads':>5}  way")
    for row in rows[:SHOWN]:
        print(
            f"{row['accuracy']:>7.2%} {row['coverage_at_98']:>8.1%} {row['finds']:>5} "
            f"{row['reads']:>5}  {row['way']}"
        )


def _turns(bundle: Bundle, chosen: argparse.Namespace) -> None:
    """Prints how cut-out numbers are read at some turns."""
    print("  right cover.98  reads  way (true crops)")
    for turns in TURNS:
        looks = replace(bundle.looks, turns=turns)
        reader = replace(bundle, looks=looks).open(threads=0, whole=True)
        assert isinstance(reader.tell, PlaceByPlace)
        numbers: list[str] = []
        answers: list[Floats] = []
        pictures = street_pictures(chosen.data, "validation", chosen.data_dir, silent)
        for picture in islice(pictures, chosen.pictures):
            assert picture.box is not None
            cut = crop(picture.image, picture.box, MARGIN)
            answers.append(reader.tell.network(reader.views(cut, reader.boxes(cut))))
            numbers.append(picture.number)
        known = Answers(TRUE, tuple(answers), tuple(numbers))
        one = figures(known, 1.0, bundle.combine, "likeliest")
        print(
            f"{one['accuracy']:>7.2%} {one['coverage_at_98']:>8.1%} {len(turns):>6}  "
            f"--turns {' '.join(map(str, turns))}"
        )


def _ways(logits: Floats, numbers: tuple[str, ...], zoom: float) -> list[dict]:
    """Figures of each way to put looks together.

    Args:
        logits: pictures × times × finders × margins × places × 11.
        numbers: the true ones.
        zoom: of the looks after the first.
    """
    told = []
    margins = [*combinations(range(len(MARGINS)), 1)]
    margins += combinations(range(1, len(MARGINS)), 3)
    for finds in range(1, TIMES + 1):
        for every in (False, True) if finds > 1 else (False,):
            boxes = slice(0 if every else finds - 1, finds)
            for some in margins:
                part = logits[:, boxes][:, :, :, list(some)]
                looks = part.reshape(len(part), -1, *part.shape[4:])
                known = Answers("whole pictures", tuple(looks), numbers)
                for combine in get_args(Combine) if looks.shape[1] > 1 else ("mean",):
                    temperature = (
                        fitted_temperature(known, combine) if combine != "mean" else 1.0
                    )
                    one = figures(known, temperature, combine, "likeliest")
                    again = f" --again {' '.join([f'{zoom:g}'] * (finds - 1))}"
                    way = (
                        f"--margins {' '.join(f'{MARGINS[i]:g}' for i in some)}"
                        + (again if finds > 1 else "")
                        + (" --every-box" if every else "")
                        + f" --combine {combine}"
                    )
                    reads = looks.shape[1]
                    told.append({**one, "finds": finds, "reads": reads, "way": way})
    return told


if __name__ == "__main__":
    main()
