from benchmarks.winograd import Case, row


def test_a_row_of_the_page() -> None:
    cells = row(Case("here", 4, 8, 8, (6, 6)), rounds=1).split(" | ")
    assert cells[:5] == ["| 8 → 8", "3×3", "6×6", "4", "here"]
    assert float(cells[5]) > 0 and float(cells[6]) > 0
    assert 0 < float(cells[8]) < 1e-5 and 0 < float(cells[9]) < 1e-5
    assert cells[10] == "no |\n"
