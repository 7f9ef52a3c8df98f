from collections import Counter

import numpy as np
import pytest

from convatlas.data.synthetic.numbers import FIRST, LAST, LENGTHS, MIDDLE, drawn_number

COUNT = 20_000


def drawn() -> list[str]:
    rng = np.random.default_rng(0)
    return [drawn_number(rng) for _ in range(COUNT)]


def test_shares_sum_to_one() -> None:
    for shares in (LENGTHS, MIDDLE, LAST, *FIRST.values()):
        assert sum(shares) == pytest.approx(1, abs=0.005)


def test_lengths_and_first_digits_are_as_on_houses() -> None:
    numbers = drawn()
    assert all(number.isdigit() and 1 <= len(number) <= 5 for number in numbers)
    lengths = Counter(map(len, numbers))
    for length, share in enumerate(LENGTHS, start=1):
        assert lengths[length] / COUNT == pytest.approx(share, abs=0.012)
    first = Counter(number[0] for number in numbers if len(number) == 2)
    assert first["1"] / lengths[2] == pytest.approx(FIRST[2][1], abs=0.02)
    order = [first[str(digit)] for digit in range(1, 10)]
    assert order == sorted(order, reverse=True)  # Benford's way
    assert first["0"] / lengths[2] < 0.005
