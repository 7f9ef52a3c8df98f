"""Pictures a second that augmentation makes, on one thread.

    python benchmarks/augmentation.py

Each figure is the median of some rounds; the rounds of all settings take turns, so a
neighbour on the same machine disturbs all alike.
"""

import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from convatlas.data.augment import Augment

BATCH = 256
ROUNDS, BATCHES = 15, 20
SETTINGS = {
    "shift, rotation, scale, shear": Augment(0.1, 10, 0.1, 5),
    "the same, erasing, flip": Augment(0.1, 10, 0.1, 5, 0.5, True),
    "erasing": Augment(erasing=0.5),
    "flip": Augment(flip=True),
}


def main() -> None:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    for shape in ((1, 28, 28), (3, 32, 32)):
        images = torch.randint(0, 256, (BATCH, *shape), dtype=torch.uint8)
        rates: dict[str, list[float]] = {name: [] for name in SETTINGS}
        for augment in SETTINGS.values():
            augment(images, generator)
        for _ in range(ROUNDS):
            for name, augment in SETTINGS.items():
                start = time.perf_counter()
                for _ in range(BATCHES):
                    augment(images, generator)
                seconds = time.perf_counter() - start
                rates[name].append(BATCH * BATCHES / seconds)
        for name, found in rates.items():
            size = "×".join(map(str, shape))
            print(f"{size}  {name:<30} {statistics.median(found):>10,.0f} pictures/s")


if __name__ == "__main__":
    main()
