import pytest
import torch

from benchmarks.pooling import Case, row
from convatlas.training.speed.native.building import compiler


@pytest.mark.skipif(compiler() is None, reason="needs g++ on Linux")
def test_a_row_of_the_page() -> None:
    cells = row(Case("here", 4, (8, 6, 6), 3, 2, 1), torch.bfloat16, 1).split(" | ")
    assert cells[:5] == ["| here", "4", "8×6×6", "3, 2, 1", "bf16"]
    assert float(cells[5]) > 0 and float(cells[6]) > 0
