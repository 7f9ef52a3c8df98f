import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from convatlas.data.mapped import create_mapped, open_mapped

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "mapped_cache.py"


def test_what_was_written_is_read_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.pixels"
    made = create_mapped(path, 10, (3, 4, 5))
    assert made.shape == (10, 3, 4, 5) and made.dtype == torch.uint8
    assert not made.any() and path.stat().st_size == 600
    made.copy_(torch.arange(10, dtype=torch.uint8).reshape(10, 1, 1, 1))
    del made
    found = open_mapped(path, 10, (3, 4, 5))
    assert found[:, 2, 3, 4].tolist() == list(range(10))
    found.zero_()
    assert open_mapped(path, 10, (3, 4, 5))[9].sum() == 9 * 60


@pytest.mark.slow  # a minute and 4.9 GB of disk
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_200_000_pictures_cost_no_memory_and_no_time(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--json", "--passes", "2", "--dir", tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["pictures"] == 200_000
    assert found["file_mb"] > 4_600  # all of it was looked at
    assert found["anonymous_growth_mb"] < 50
    # turns alternate, so a busy neighbour slows both sides
    assert all(row["ratio"] > 0.9 for row in found["passes"])
    assert list(tmp_path.iterdir()) == []
