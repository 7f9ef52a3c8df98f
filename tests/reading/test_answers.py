"""The same as ``convatlas.readings`` says, and what it cannot be asked."""

from itertools import product

import numpy as np
import pytest
import torch

from convatlas.reading.answers import read_looks
from convatlas.readings import readings
from convatlas.training.tasks import DigitsTask

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("rule", ["blank", "likeliest"])
def test_it_agrees_with_torch(looks: int, temperature: float, rule: str) -> None:
    answers = RANDOM.normal(0, 3, (50, looks, 5, 11)).astype(np.float32)
    answers[:, :, 3:, 10] += 4  # or hardly any number would end early
    expected = readings(
        DigitsTask(),
        [torch.from_numpy(answers[:, look]) for look in range(looks)],
        temperature=temperature,
        rule=rule,  # type: ignore[arg-type]
    )
    lengths = (1, 5) if rule == "likeliest" else None
    for one, true in zip(answers, expected, strict=True):
        said, _ = read_looks(one, temperature=temperature, lengths=lengths)
        assert said.number == true.number
        assert said.confidence == pytest.approx(true.confidence)
        assert said.digits == pytest.approx(true.digits)


def test_the_likeliest_of_some_lengths_by_trying_all_numbers() -> None:
    logits = RANDOM.normal(0, 2, (1, 3, 11))
    logs = torch.from_numpy(logits)[0].log_softmax(1).numpy()

    def log(number: str) -> float:
        end = logs[len(number), 10] if len(number) < 3 else 0
        return float(sum(logs[i, int(d)] for i, d in enumerate(number)) + end)

    for fewest, most in ((1, 1), (2, 2), (1, 2), (2, 3), (3, 3)):
        numbers = [
            "".join(digits)
            for length in range(fewest, most + 1)
            for digits in product("0123456789", repeat=length)
        ]
        best = max(numbers, key=log)
        said, _ = read_looks(logits, lengths=(fewest, most))
        assert said.number == best
        assert said.confidence == pytest.approx(np.exp(log(best)))


def test_whole_numbers_are_mixed_not_their_digits() -> None:
    """Two looks see 17, two see 43 and are less sure of it: never 13 or 47."""
    looks = np.zeros((4, 3, 11))
    for look, (number, sure) in enumerate((("17", 3), ("17", 3), ("43", 2), ("43", 2))):
        for place, digit in enumerate(number):
            looks[look, place, int(digit)] = sure
        looks[look, 2, 10] = 5
    looks[2:, 0, 1] = 1.9
    said, look = read_looks(looks, combine="mixture", lengths=(1, 3))
    assert said.number == "17" and look in (0, 1)
    logs = torch.from_numpy(looks).log_softmax(2)
    each = (logs[:, 0, 1] + logs[:, 1, 7] + logs[:, 2, 10]).exp()
    assert said.confidence == pytest.approx(float(each.mean()))
    assert said.digits == pytest.approx(
        [float(logs[:, 0, 1].exp().mean()), float(logs[:, 1, 7].exp().mean())]
    )
    # one look is the same in every way
    ways = [read_looks(looks[:1], combine=way) for way in ("mean", "surest", "mixture")]
    assert len({reading.number for reading, _ in ways}) == 1
    assert ways[2][0].confidence == pytest.approx(ways[0][0].confidence)
    nothing, _ = read_looks(np.eye(11)[[10, 10]][None] * 9, combine="mixture")
    assert nothing.number == "" and nothing.confidence > 0.9


def test_the_surest_look_counts_alone_and_is_named() -> None:
    unsure, sure = RANDOM.normal(0, 1, (3, 11)), np.full((3, 11), -9.0)
    sure[0, 4] = sure[1, 2] = sure[2, 10] = 9
    said, look = read_looks(np.stack([unsure, sure, unsure]), combine="surest")
    assert (said.number, look) == ("42", 1) and said.confidence > 0.99
    averaged, _ = read_looks(np.stack([unsure, sure, unsure]), combine="mean")
    assert averaged.confidence < said.confidence


def test_large_logits_do_not_overflow() -> None:
    logits = np.zeros((1, 2, 11), dtype=np.float32)
    logits[0, 0, 7], logits[0, 1, 10] = 5e4, 5e4
    said, _ = read_looks(logits)
    assert said.number == "7" and said.confidence == pytest.approx(1)
