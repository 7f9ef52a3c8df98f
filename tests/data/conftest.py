"""Real data where there is some."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real files, or the test is skipped."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    named = os.environ.get("CONVATLAS_DATA")
    folder = Path(named) if named else beside
    if not (folder / "MNIST" / "raw").is_dir():
        pytest.skip("no MNIST/raw in CONVATLAS_DATA or shared/data")
    return folder
