import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from convatlas.data.cut import stratified_cut


@given(
    counts=some.lists(some.integers(1, 40), min_size=1, max_size=6),
    share=some.floats(0, 1),
    seed=some.integers(0, 5),
)
def test_every_picture_is_on_one_side_and_shares_are_kept(
    counts: list[int], share: float, seed: int
) -> None:
    labels = torch.repeat_interleave(torch.tensor(counts))
    labels = labels[
        torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))
    ]
    held_count = int(share * len(labels))
    stay, held = stratified_cut(labels, held_count, seed)
    assert len(held) == held_count
    both = torch.cat([stay, held])
    assert torch.equal(both.sort().values, torch.arange(len(labels)))
    for label, count in enumerate(counts):
        exact = count * held_count / len(labels)
        assert abs(int((labels[held] == label).sum()) - exact) < 1


def test_the_cut_is_the_same_for_ever() -> None:
    labels = torch.arange(60) % 3
    _, held = stratified_cut(labels, 6, seed=0)
    assert held.tolist() == [3, 4, 34, 41, 47, 54]
    _, other = stratified_cut(labels, 6, seed=1)
    assert other.tolist() != held.tolist()


def test_both_sides_are_ascending() -> None:
    stay, held = stratified_cut(torch.arange(100) % 7, 30)
    assert bool((stay.diff() > 0).all()) and bool((held.diff() > 0).all())


@pytest.mark.parametrize("held", [0, 10])
def test_none_and_all(held: int) -> None:
    stay, out = stratified_cut(torch.zeros(10, dtype=torch.int64), held)
    assert (len(stay), len(out)) == (10 - held, held)
