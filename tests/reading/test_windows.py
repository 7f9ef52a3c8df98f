import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convatlas.reading.windows import SMALLEST, part_of, seen, turned, whole, widened

SHARE = st.floats(-1, 2)


def test_a_window_is_scaled_from_the_pictures_own_pixels() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    image = Image.fromarray(noise)
    cut = image.crop((10, 20, 40, 50))
    shown = seen(image, (10, 20, 40, 50), (15, 10))
    assert shown.shape == (3, 15, 10) and shown.dtype == np.uint8
    expected = np.asarray(cut.resize((10, 15), Image.Resampling.BILINEAR))
    # at the edges the window sees a little of what is outside, the cut-out does not
    inner = (slice(None), slice(1, -1), slice(1, -1))
    assert np.array_equal(shown[inner], expected.transpose(2, 0, 1)[inner])


def test_large_pictures_look_the_same_when_scaled_in_two_steps() -> None:
    ramp = np.linspace(0, 255, 4000, dtype=np.uint8)
    image = Image.fromarray(np.broadcast_to(ramp, (3000, 4000)).copy()).convert("RGB")
    shown = seen(image, whole(image), (96, 192)).astype(int)
    exact = image.resize((192, 96), Image.Resampling.BILINEAR)
    assert np.abs(shown - np.asarray(exact).transpose(2, 0, 1)).max() <= 1


@given(
    st.tuples(SHARE, SHARE, SHARE, SHARE),
    st.floats(-0.4, 2),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_windows_stay_inside_and_never_vanish(
    shares: tuple[float, ...], margin: float, width: int, height: int
) -> None:
    image = Image.new("RGB", (width, height))
    x1, y1, x2, y2 = shares
    ordered = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    window = widened(part_of(whole(image), ordered), margin, image)
    left, top, right, bottom = window
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert right - left >= min(SMALLEST, width) - 1e-9
    assert bottom - top >= min(SMALLEST, height) - 1e-9
    assert seen(image, window, (4, 4)).shape == (3, 4, 4)


def test_views_are_turned_clockwise_about_their_middle() -> None:
    view = np.full((3, 41, 97), 50, dtype=np.uint8)
    view[:, 18:23, :] = 200  # a bar from left to right
    assert turned(view, 0) is view
    tilted = turned(view, 10)
    assert tilted.shape == view.shape and tilted.dtype == np.uint8
    rows = np.arange(41)[:, None]
    light = tilted[0].astype(float) - 50
    middles = (light * rows).sum(axis=0) / light.sum(axis=0)
    slope = np.polyfit(np.arange(97), middles, 1)[0]
    assert np.degrees(np.arctan(slope)) == pytest.approx(10, abs=0.3)
    assert middles[48] == pytest.approx(20, abs=0.1)
    # what comes in from outside is the edge going on, no black corner
    assert tilted.min() >= 50


def test_margins_are_shares_of_the_box_and_cut_at_the_edge() -> None:
    image = Image.new("RGB", (100, 100))
    assert widened((40, 40, 60, 50), 0.5, image) == (30, 35, 70, 55)
    assert widened((0, 90, 20, 100), 0.5, image) == (0, 85, 30, 100)
    assert part_of((10, 10, 30, 50), (0.5, 0.5, 1, 2)) == pytest.approx(
        (20, 30, 30, 50)
    )
