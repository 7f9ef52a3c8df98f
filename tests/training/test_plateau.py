import pytest

from convatlas.training.plateau import at_chance
from convatlas.training.records import EpochRecord


@pytest.mark.parametrize(
    ("epoch", "accuracy", "steps", "warns"),
    [
        (1, 0.1, 900, False),
        (2, 0.1, 900, True),
        (5, 0.119, 100, True),
        (5, 0.2, 900, False),
        (5, 0.1, 10, False),
    ],
)
def test_only_guessing_for_two_epochs_is_a_plateau(
    epoch: int, accuracy: float, steps: int, warns: bool
) -> None:
    record = EpochRecord(epoch, 2.3, accuracy, None, None, 0.1, 1.0, 1.0, True)
    assert at_chance(record, 0.1, steps) is warns
