"""Made house numbers as the contest has them, and quick trainings on them."""

import random
from pathlib import Path

from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.verbs.train import train

from ..data.number_pictures import contest, draw

TRAIN, VALIDATION, TEST = 48, 16, 24
QUICK = Recipe(epochs=1, batch_size=16, lr=2e-3, optimizer="adam", schedule="constant")


def folder_of_numbers(folder: Path) -> Path:
    """``mchar`` and ``protocol-p``; among the test numbers one has seven digits."""
    made = random.Random(0)

    def numbers(count: int) -> dict[str, str]:
        return {
            f"{i:06}.png": str(made.randrange(10 ** made.randint(1, 3)))
            for i in range(count)
        }

    where = folder / "house-numbers"
    contest(where, "mchar_train", numbers(TRAIN))
    contest(where, "mchar_val", numbers(VALIDATION))
    contest(where, "svhn_test_rest", {**numbers(TEST), "000003.png": "1234567"})
    for name in ("000010.png", "000002.png", "000001.png"):
        draw(where / "mchar_test_a" / name, "12")
    return folder


def quick_run(folder: Path, out: Path, network: str, **values: object) -> Run:
    """A network after one epoch on ``protocol-p``: it knows next to nothing."""
    return train(
        network,
        "protocol-p",
        recipe=QUICK.changed(**values),
        data_dir=folder,
        device="cpu",
        out=out,
    ).run
