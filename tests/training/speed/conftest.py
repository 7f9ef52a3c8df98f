import pytest

from convatlas.training.speed import foresight


@pytest.fixture
def small_maps_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small maps are put off as large ones are."""
    monkeypatch.setattr(foresight, "FEWEST_RECTIFIED", 1)
    monkeypatch.setattr(foresight, "FEWEST_STACKED", 1)
