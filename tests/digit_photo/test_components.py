import numpy as np
import pytest

from convatlas.digit_photo.components import components


def mask(*rows: str) -> np.ndarray:
    return np.array([[character == "#" for character in row] for row in rows])


def test_parts_their_areas_and_edges() -> None:
    labels, areas, at_edge = components(
        mask(
            "#......",
            "#..##..",
            "....#..",
            ".......",
            "..#....",
            "...#...",
            ".......",
        )
    )
    pairs = zip(areas, at_edge, strict=True)
    by_area = {int(a): (int(i), bool(e)) for i, (a, e) in enumerate(pairs)}
    assert sorted(areas.tolist()) == [2, 2, 3]
    assert by_area[3][1] is False
    assert int((labels == by_area[3][0] + 1).sum()) == 3
    assert sorted(at_edge.tolist()) == [False, False, True]
    assert int(labels[4, 2]) == int(labels[5, 3]) != 0  # diagonals hang together


def test_a_long_winding_part_is_one() -> None:
    rows = ["#" * 61 if i % 2 == 0 else "." * 61 for i in range(61)]
    for i in range(1, 61, 4):
        rows[i] = "." * 60 + "#"
    for i in range(3, 61, 4):
        rows[i] = "#" + "." * 60
    _, areas, _ = components(mask(*rows))
    assert len(areas) == 1


@pytest.mark.parametrize(("rows", "count"), [(("..", ".."), 0), (("##", "##"), 1)])
def test_nothing_and_everything(rows: tuple[str, ...], count: int) -> None:
    labels, areas, at_edge = components(mask(*rows))
    assert len(areas) == len(at_edge) == count
    assert int(labels.max()) == count
