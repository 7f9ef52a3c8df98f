import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convatlas.errors import DataError
from convatlas.house_number import (
    CLASSES,
    NONE,
    decode,
    encode,
    is_number,
    label_spec,
    read,
)
from convatlas.spec import Reading

NUMBERS = st.text("0123456789", min_size=1, max_size=6)


def certain(*rows: list[int]) -> torch.Tensor:
    """Log-probabilities that leave no doubt."""
    chosen = torch.nn.functional.one_hot(torch.tensor(rows), CLASSES)
    return chosen.to(torch.float32).log()


def of(*places: dict[int, float]) -> torch.Tensor:
    """One answer: the probabilities of some classes at each place."""
    shares = torch.zeros(1, len(places), CLASSES)
    for place, given_shares in enumerate(places):
        for number, share in given_shares.items():
            shares[0, place, number] = share
    return shares.log()


@given(st.lists(NUMBERS, max_size=5), st.integers(6, 8))
def test_what_was_encoded_is_decoded(numbers: list[str], digits: int) -> None:
    labels = encode(numbers, digits)
    assert labels.shape == (len(numbers), digits) and labels.dtype == torch.int64
    assert decode(labels) == numbers


@given(st.lists(st.lists(st.integers(0, 10), min_size=5, max_size=5), min_size=1))
def test_both_ways_of_reading_stop_at_the_first_empty_place(
    rows: list[list[int]],
) -> None:
    numbers = decode(torch.tensor(rows))
    readings = read(certain(*rows))
    assert [r.number for r in readings] == numbers
    for row, number, reading in zip(rows, numbers, readings, strict=True):
        assert number == "".join(map(str, [*row, NONE][: [*row, NONE].index(NONE)]))
        assert reading.confidence == 1 and reading.digits == (1.0,) * len(number)


def test_a_gap_joins_nothing() -> None:
    assert decode(torch.tensor([[1, NONE, 3], [NONE, 1, 3]])) == ["1", ""]


def test_zero_is_a_digit_and_leading_zeros_stay() -> None:
    assert encode(["007"], 4).tolist() == [[0, 0, 7, NONE]]
    assert decode(torch.tensor([[0, 0, 7, NONE]])) == ["007"]


@pytest.mark.parametrize("number", ["", "1a", "²", "٣", "-1", " 1"])
def test_what_is_no_number(number: str) -> None:
    assert not is_number(number)
    with pytest.raises(DataError, match="is no house number; allowed are digits 0 to"):
        encode([number])


def test_a_number_that_is_too_long_is_not_cut_in_silence() -> None:
    with pytest.raises(DataError, match="123456 has 6 digits; there are places for 5"):
        encode(["123456"], 5)
    assert decode(encode(["123456"], 6)) == ["123456"]


def test_confidence_is_of_the_digits_and_of_the_end() -> None:
    answer = of({1: 0.9, 7: 0.1}, {9: 0.8, 4: 0.2}, {NONE: 0.5, 3: 0.4}, {3: 1.0})
    (reading,) = read(answer)
    assert reading.number == "19"
    assert reading.digits == pytest.approx((0.9, 0.8))
    assert reading.confidence == pytest.approx(0.9 * 0.8 * 0.5)


def test_a_number_that_fills_all_places_needs_no_end() -> None:
    (reading,) = read(of({1: 0.9, NONE: 0.1}, {2: 0.6, NONE: 0.4}))
    assert reading.number == "12" and reading.confidence == pytest.approx(0.54)


def test_the_likeliest_number_can_differ_from_the_likeliest_places() -> None:
    # each place prefers emptiness a little, yet no digit at all is no house number
    answer = of({NONE: 0.4, 1: 0.35, 7: 0.25}, {NONE: 0.45, 9: 0.55})
    assert read(answer)[0] == Reading("", pytest.approx(0.4), ())
    (best,) = read(answer, "likeliest")
    assert best.number == "19" and best.confidence == pytest.approx(0.35 * 0.55)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_probabilities_of_all_numbers_sum_to_one(seed: int, places: int) -> None:
    logs = torch.randn(
        1, places, CLASSES, generator=torch.Generator().manual_seed(seed)
    )
    logs = logs.double().log_softmax(2)
    # by length: any digits, then the end; the likeliest of each length is below its sum
    digit, end = logs[0, :, :NONE].exp().sum(1), logs[0, :, NONE].exp()
    reached = torch.cat([torch.ones(1), digit.cumprod(0)])
    ends = torch.cat([end, torch.ones(1)])
    assert float((reached * ends).sum()) == pytest.approx(1)
    best = read(logs, "likeliest")[0]
    greedy = read(logs)[0]
    if greedy.number:
        assert best.confidence >= greedy.confidence - 1e-12
    length = len(best.number)
    assert best.confidence <= float(reached[length] * ends[length]) + 1e-12
    product = torch.tensor(best.digits).double().prod() * ends[length]
    assert best.confidence == pytest.approx(float(product), rel=1e-5)


def test_an_even_answer_is_a_digit_rather_than_nothing() -> None:
    assert read(torch.zeros(1, 2, CLASSES).log_softmax(2))[0].number == "00"


def test_names_of_the_classes() -> None:
    spec = label_spec(6)
    assert spec.digits == 6 and spec.classes == CLASSES
    assert spec.names[0] == "0" and spec.names[NONE] == ""
    assert label_spec().digits == 5
