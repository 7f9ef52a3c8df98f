import pytest
import torch
from torch.nn import functional as F

from convatlas.training.speed.toom_cook import POINTS, matrices


@pytest.mark.parametrize(("step", "taps"), [(1, 1), (2, 3), (4, 3), (2, 5), (4, 5)])
def test_a_window_is_filtered(step, taps) -> None:
    torch.manual_seed(0)
    window = torch.randn(step + taps - 1, dtype=torch.float64)
    kernel = torch.randn(taps, dtype=torch.float64)
    by = matrices(step, taps)
    found = by.outputs @ ((by.kernels @ kernel) * (by.windows @ window))
    torch.testing.assert_close(found, F.conv1d(window[None], kernel[None, None])[0])


def test_lavin_and_gray_up_to_scale() -> None:
    """The rows of their F(2, 3), where a row's factor may stand in another matrix."""
    by = matrices(2, 3)
    theirs = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
    for ours, row in zip(by.windows, torch.tensor(theirs).double(), strict=True):
        assert torch.equal(ours / ours.abs().max(), row) or torch.equal(
            -ours / ours.abs().max(), row
        )


def test_too_few_points() -> None:
    with pytest.raises(ValueError, match="more points"):
        matrices(len(POINTS), 3)
