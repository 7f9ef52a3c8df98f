import pytest
import torch
from torch import Tensor

from convatlas.data.augment import Augment
from convatlas.training.examples import Examples, of_images
from convatlas.training.group import ALONE, Share


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [1, 2, 9, 10, 48, 51])
def test_shares_are_the_batch_and_count_it_once(size: int, count: int) -> None:
    shares = [Share.of(rank, size, count) for rank in range(size)]
    rows = [list(range(count))[share.rows] for share in shares]
    assert sum(share.count for share in shares) == pytest.approx(count)
    if count < 2 * size:
        assert all(share.whole and share.scale == 1 for share in shares)
        assert rows == [list(range(count))] * size
    else:
        assert sum(rows, []) == list(range(count))
        assert max(map(len, rows)) - min(map(len, rows)) <= 1
        assert all(share.whole == (size == 1) for share in shares)


def test_the_mean_of_scaled_gradients_is_that_of_the_weighted_mean_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    losses = torch.rand(11, generator=generator, dtype=torch.float64)
    worth = torch.rand(11, generator=generator, dtype=torch.float64)
    shares = [Share.of(rank, 3, 11, worth) for rank in range(3)]

    def mean(rows: slice) -> Tensor:
        return (losses[rows] * worth[rows]).sum() / worth[rows].sum()

    whole = mean(slice(0, 11))
    assert sum(s.scale * mean(s.rows) for s in shares) / 3 == pytest.approx(whole)
    assert sum(s.count * mean(s.rows) for s in shares) == pytest.approx(11 * whole)


def test_alone_is_everything_unchanged() -> None:
    share = ALONE.share_of(7)
    assert (share.rows, share.count, share.scale) == (slice(0, 7), 7, 1)
    assert ALONE.leads and ALONE.shared(5) == ALONE.highest(5) == 5
    assert ALONE.recalled("run") is None


def noise(images: Tensor, generator: torch.Generator) -> Tensor:
    return images + torch.randn(images.shape, generator=generator)


@pytest.mark.parametrize(
    "change",
    [noise, Augment(0.2, 20, 0.2, 10, 0.5, True), Augment(erasing=0.7, flip=True)],
)
def test_a_share_is_augmented_as_the_whole_batch(change) -> None:
    pictures = torch.randint(0, 256, (20, 1, 12, 12), dtype=torch.uint8)
    train = Examples(pictures, torch.arange(20), 20)
    part = torch.randperm(20)[:11]
    augmentation = of_images(change)

    def made(share: Share) -> tuple[Examples, Tensor]:
        generator = torch.Generator().manual_seed(5)
        batch = share.taken(train, part, augmentation, generator)
        return batch, generator.get_state()

    whole, after = made(ALONE.share_of(11))
    for rank in range(3):
        share = Share.of(rank, 3, 11)
        batch, state = made(share)
        torch.testing.assert_close(batch.images, whole.images[share.rows])
        assert torch.equal(batch.labels, whole.labels[share.rows])
        assert torch.equal(state, after)
