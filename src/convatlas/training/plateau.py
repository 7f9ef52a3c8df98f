"""Noticing a training that has not left the level of guessing."""

from convatlas.training.records import EpochRecord

PATIENCE = 2  # epochs that every training may need to get going,
PATIENCE_STEPS = 100  # or steps, where epochs are short
MARGIN = 1.2  # times the accuracy of guessing


def at_chance(record: EpochRecord, largest_share: float, steps: int) -> bool:
    """Whether an epoch's training accuracy is no better than guessing.

    Args:
        record: of the epoch.
        largest_share: of the most frequent class among the labels: what always
            answering with that class would reach.
        steps: made so far.
    """
    begun = record.epoch >= PATIENCE and steps >= PATIENCE_STEPS
    return begun and record.train_accuracy < MARGIN * largest_share
