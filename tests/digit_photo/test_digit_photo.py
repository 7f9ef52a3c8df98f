import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from convatlas.data import load
from convatlas.digit_photo import as_mnist, is_mnist
from convatlas.digit_photo.ink import ground_is_light
from convatlas.errors import DataError

Change = Callable[[np.ndarray], np.ndarray]
DIGITS = range(0, 500, 17)  # of the validation split; three of each class


def random() -> np.random.RandomState:
    return np.random.RandomState(1)


def enlarge(digit: np.ndarray, factor: int = 6) -> np.ndarray:
    size = (28 * factor, 28 * factor)
    return np.array(Image.fromarray(digit).resize(size, Image.Resampling.BICUBIC)) * 1.0


def paper(digit: np.ndarray) -> np.ndarray:
    return 230 - digit * 0.75


def shift(picture: np.ndarray) -> np.ndarray:
    """Somewhere on a larger sheet of the same ground."""
    height, width = picture.shape
    sheet = np.full((height * 3 // 2, width * 2), picture[0, 0])
    sheet[height // 3 : height // 3 + height, width // 8 : width // 8 + width] = picture
    return sheet


def shade(picture: np.ndarray) -> np.ndarray:
    """Half as light on the left as on the right, and darker at the top."""
    height, width = picture.shape
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return picture * (0.5 + 0.5 * x) * (0.8 + 0.2 * y)


def jpeg(picture: np.ndarray) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG")
    with Image.open(buffer) as image:
        return np.array(image) * 1.0


def noise(picture: np.ndarray) -> np.ndarray:
    return picture + random().normal(0, 8, picture.shape)


def crop(picture: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(np.abs(picture - picture[0, 0]) > 40)
    top, left = max(rows.min() - 4, 0), max(columns.min() - 4, 0)
    return picture[top : rows.max() + 5, left : columns.max() + 5]


def lines(picture: np.ndarray) -> np.ndarray:
    """Ruled paper."""
    ruled = picture.copy()
    ruled[7::40] -= 50
    return ruled


def dirt(picture: np.ndarray) -> np.ndarray:
    dirty = picture.copy()
    dirty[5:9, 5:9] = 255 - dirty[0, 0]
    dirty[-30:, -12:] = 255 - dirty[0, 0]
    return dirty


CHANGES: dict[str, tuple[float, Change]] = {
    "inverted": (0.95, lambda digit: 255.0 - digit),
    "enlarged": (0.92, lambda digit: enlarge(digit)),
    "on paper": (0.92, lambda digit: paper(enlarge(digit))),
    "shifted": (0.92, lambda digit: shift(paper(enlarge(digit)))),
    "JPEG": (0.92, lambda digit: jpeg(shift(paper(enlarge(digit))))),
    "shaded": (0.92, lambda digit: shade(shift(paper(enlarge(digit))))),
    "shaded, noise": (0.92, lambda digit: noise(shade(shift(paper(enlarge(digit)))))),
    "faint": (0.92, lambda digit: jpeg(140 + enlarge(digit) * 0.2)),
    "cropped": (0.92, lambda digit: crop(paper(enlarge(digit)))),
    "cropped, light": (0.92, lambda digit: crop(enlarge(digit))),
    "ruled": (0.9, lambda digit: lines(shift(paper(enlarge(digit))))),
    "dirty": (0.92, lambda digit: dirt(shift(paper(enlarge(digit))))),
    "large": (0.92, lambda digit: shift(paper(enlarge(digit, 30)))),
    "far away": (0.9, lambda digit: np.pad(paper(enlarge(digit, 4)), 150, mode="edge")),
    "small": (0.85, lambda digit: enlarge(digit, 1)[::2, ::2]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_picture_of_a_digit_becomes_the_digit(name: str) -> None:
    least, change = CHANGES[name]
    images = load().validation.images[DIGITS, 0].numpy()
    likeness = []
    for digit in images:
        picture = change(digit).clip(0, 255).astype(np.uint8)
        made = as_mnist(picture)
        assert made.shape == (28, 28) and made.dtype == np.uint8
        likeness.append(np.corrcoef(made.ravel(), digit.ravel())[0, 1])
    assert np.mean(likeness) > least
    assert np.quantile(likeness, 0.1) > 0.7


def test_digits_of_mnist_stay_as_they_are() -> None:
    images = load().validation.images
    for image in images[:, 0].numpy():
        assert is_mnist(image)
        assert np.array_equal(as_mnist(image), image)


def test_the_result_has_mnists_form() -> None:
    for digit in load().validation.images[DIGITS, 0].numpy():
        picture = shift(paper(enlarge(digit))).astype(np.uint8)
        assert is_mnist(as_mnist(picture))


def test_hair_thin_strokes_are_made_thicker() -> None:
    picture = np.full((300, 300), 230, np.uint8)
    picture[50:250, 150] = 20
    picture[50, 100:150] = 20
    made = as_mnist(picture)
    assert int((made > 128).sum()) >= 20
    assert int(made.max()) > 200


def test_an_edge_in_the_light_is_no_stroke() -> None:
    for digit in load().validation.images[DIGITS[:10], 0].numpy():
        sheet = shift(paper(enlarge(digit)))
        sheet[:, : sheet.shape[1] // 3] *= 0.6
        picture = jpeg(sheet).clip(0, 255).astype(np.uint8)
        made = as_mnist(picture)
        assert np.corrcoef(made.ravel(), digit.ravel())[0, 1] > 0.7


@pytest.mark.parametrize("light", [True, False])
def test_the_ground_is_what_there_is_more_of(light: bool) -> None:
    picture = np.full((60, 60), 200.0 if light else 30.0)
    picture[..., 20:40, 25:35] = 30.0 if light else 200.0
    assert ground_is_light(picture) is light


def blank(kind: str) -> np.ndarray:
    if kind == "noise":
        return random().normal(200, 8, (200, 200))
    if kind == "gradient":
        return np.tile(np.linspace(100, 240, 120), (90, 1))
    height, width = map(int, kind.split("×"))
    return np.full((height, width), 200.0)


@pytest.mark.parametrize(
    "kind", ["noise", "gradient", "50×80", "1×1", "3×500", "28×28"]
)
def test_a_blank_picture_is_said_to_be_blank(kind: str) -> None:
    picture = blank(kind).clip(0, 255).astype(np.uint8)
    with pytest.raises(DataError, match="the picture is blank: nothing stands out"):
        as_mnist(picture)
