"""How many epochs a tutorial's loop needs to an accuracy, told by the fast loop.

Equal maths: the tutorial's network, optimizer, batch and learning rate (a shipped
``tutorial-...`` recipe), all 60,000 training pictures, test accuracy after every epoch
as the tutorials print it. Only ``--precision bf16`` departs from it, where an epoch in
float32 takes too long; the page says so. Adds a JSON line a seed to ``--out`` and
replaces it after every epoch; an interrupted training goes on where it stopped.

    python benchmarks/epochs_needed.py lenet5-tanh:mnist:tutorial-003-lenet \\
        --data-dir FOLDER --seeds 5 --out docs/results/epochs-needed.jsonl
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import torch

from convatlas import recipes
from convatlas.errors import Diverged
from convatlas.machine import processor
from convatlas.preparation import prepare
from convatlas.runs.atomic import write
from convatlas.training.examples import Examples
from convatlas.training.inference import logits_of
from convatlas.training.loop import fit
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState

SAVE_EVERY_SECONDS = 120.0


def accuracies(
    job: str, seed: int, epochs: int, precision: str, data_dir: Path, checkpoint: Path
) -> list[float]:
    """Test accuracy after each epoch; fewer, perhaps none, if the loss diverged."""
    network, data, name = job.split(":")
    recipe = recipes.load(name).changed(epochs=epochs, precision=precision)
    prepared = prepare(network, data, recipe=recipe, seed=seed, data_dir=data_dir)
    held_out, test = prepared.validation, prepared.dataset.test
    train = Examples(
        torch.cat([prepared.train.images, held_out.images]),
        torch.cat([prepared.train.labels, held_out.labels]),
        held_out.classes,
    )
    state = TrainingState.fresh(prepared.network, prepared.recipe, seed)
    found: list[float] = []
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        found = saved.pop("found")
        state.load_state_dict(saved)
    saved_at = monotonic()
    records = fit(state, train, None, prepared.transform)
    for record in _until_diverged(records):
        if isinstance(record, EpochRecord):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                logits = logits_of(state.network, test.images, prepared.preprocess)
            found.append(float((logits.argmax(1) == test.labels).double().mean()))
            print(
                f"{job} seed {seed} epoch {record.epoch}: {found[-1]:.4f}", flush=True
            )
        if monotonic() - saved_at > SAVE_EVERY_SECONDS:
            torch.save({**state.state_dict(), "found": found}, checkpoint)
            saved_at = monotonic()
    checkpoint.unlink(missing_ok=True)
    return found


def _until_diverged(
    records: Iterator[StepRecord | EpochRecord],
) -> Iterator[StepRecord | EpochRecord]:
    try:
        yield from records
    except Diverged as error:
        print(error, flush=True)


def main() -> None:
    """Trains every seed that is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job", help="NETWORK:DATA:RECIPE")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, help="at most; the recipe's if not given")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    epochs = arguments.epochs or int(recipes.load(arguments.job.split(":")[2]).epochs)
    for seed in range(arguments.seeds):
        lines = arguments.out.read_text().splitlines() if arguments.out.exists() else []
        rows = [json.loads(line) for line in lines]
        if any((row["job"], row["seed"]) == (arguments.job, seed) for row in rows):
            continue
        stem = arguments.job.replace(":", "-")
        row = {
            "job": arguments.job,
            "seed": seed,
            "precision": arguments.precision,
            "accuracies": accuracies(
                arguments.job,
                seed,
                epochs,
                arguments.precision,
                arguments.data_dir,
                arguments.out.with_name(f"{stem}-{seed}.ckpt"),
            ),
            "processor": processor(),
            "date": str(datetime.now(UTC).date()),
        }
        text = "".join(json.dumps(each) + "\n" for each in [*rows, row])
        write(arguments.out, text.encode())


if __name__ == "__main__":
    main()
