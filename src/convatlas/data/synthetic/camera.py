"""From a flat scene to a photo: perspective, light, optics, grain, JPEG."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from convatlas.data.synthetic.grounds import Pixels, Rng, cloud

Map = NDArray[np.floating[Any]]  # 3 × 3, of the plane
Points = NDArray[np.floating[Any]]
# of real pictures: mean grey level, and from the 3rd to the 97th percentile of the grey
# levels in their inner half, at these shares of them
AT = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
LIGHT = (25.0, 40.0, 75.0, 108.0, 142.0, 186.0, 205.0)
CONTRAST = (45.0, 53.0, 75.0, 102.0, 129.0, 185.0, 210.0)


def perspective(rng: Rng, scene: tuple[int, int], photo: tuple[int, int]) -> Map:
    """A random view: the map from points of the photo to points of the scene, 3 × 3.

    Args:
        rng: all random numbers come from it.
        scene: width and height; larger than the photo.
        photo: width and height, in pixels of the same size.
    """
    width, height = photo
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    middle = np.array([width, height]) / 2
    angle = np.radians(
        rng.choice([rng.normal(0, 2.0), rng.normal(0, 7.0)], p=[0.8, 0.2])
    )
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[1.0, rng.normal(0, 0.04)], [rng.normal(0, 0.04), 1.0]])
    seen = (corners - middle) @ (turn @ lean).T
    seen = seen * (1 + rng.normal(0, 0.035, (4, 2)))
    return _homography(corners, seen + np.array(scene) / 2)


def mapped(matrix: Map, points: Points) -> Points:
    """Points × 2 through a map of the plane."""
    made = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(made[:, :2] / made[:, 2:])


def lit(rng: Rng, scene: Pixels, unit: float) -> Pixels:
    """Light that fades over the scene, seldom a hard shadow across it."""
    height, width = scene.shape[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    amount = rng.normal(0, 0.12, 2).astype(np.float32)
    field = np.exp(amount[0] * x) * np.exp(amount[1] * y)
    field *= 1 + np.float32(0.04) * cloud(rng, height, width, max(height, width) / 3)
    if rng.random() < 0.12:
        angle = rng.uniform(0, 2 * np.pi)
        across = np.cos(angle) * x * width / height + np.sin(angle) * y
        soft = rng.uniform(0.02, 0.15)
        edge = np.clip((across - rng.normal(0, 0.6)) / soft, -30, 30)
        field *= 1 - rng.uniform(0.2, 0.55) / (1 + np.exp(-edge))
    made: Pixels = scene * field[..., None].astype(np.float32)
    return made


def holding(matrix: Map, points: Points, photo: tuple[int, int]) -> Map:
    """The map, moved and widened as far as points need to be in the photo.

    Args:
        matrix: from points of the photo to points of the scene.
        points: of the scene, Points × 2.
        photo: width and height.
    """
    seen = mapped(np.linalg.inv(matrix), points)
    low, high, size = seen.min(axis=0), seen.max(axis=0), np.array(photo, float)
    rim = 0.02 * size
    wider = np.maximum((high - low) / (size - 2 * rim), 1.0)
    # a new point p shows what p · wider + move showed
    move = np.where(wider > 1, low - rim * wider, 0.0)
    move = np.where(wider > 1, move, np.minimum(low - rim, 0))
    move = np.where((wider == 1) & (move == 0), np.maximum(high + rim - size, 0), move)
    change = np.array([[wider[0], 0, move[0]], [0, wider[1], move[1]], [0, 0, 1]])
    return np.asarray(matrix @ change)


def taken(
    rng: Rng,
    scene: Pixels,
    matrix: Map,
    size: tuple[int, int],
    scale: int,
) -> Image.Image:
    """The photo, mode RGB.

    Args:
        rng: all random numbers come from it.
        scene: height × width × 3, 0 ... 255 and beyond.
        matrix: from the photo, ``scale`` times as large, to the scene.
        size: width and height.
        scale: scene pixels for one of the photo.
    """
    photo = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)).transform(
        (size[0] * scale, size[1] * scale),
        Image.Transform.PERSPECTIVE,
        (matrix / matrix[2, 2]).flatten()[:8].tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=tuple(scene[::8, ::8].mean(axis=(0, 1)).astype(int).tolist()),
    )
    if rng.random() < 0.5:
        photo = _fringed(rng, photo, scale)
    photo = photo.reduce(scale) if scale > 1 else photo
    blur = float(np.clip(np.exp(rng.normal(-0.05, 0.33)), 0.5, 1.8))
    photo = photo.filter(ImageFilter.GaussianBlur(blur))
    photo = _exposed(rng, photo)
    if rng.random() < 0.45:  # as telephones and street view do
        amount = int(rng.uniform(40, 160))
        photo = photo.filter(ImageFilter.UnsharpMask(1.2, amount, 0))
    grain = 1.2 + rng.exponential(1.0)
    pixels: Pixels = np.asarray(photo, np.float32)
    noise = rng.standard_normal(pixels.shape, dtype=np.float32)
    pixels = pixels + grain * (0.6 * noise + 0.6 * noise[..., :1])
    stain = min(
        rng.exponential(2.0), 5.0
    )  # coarse noise of colour, what is left of packing
    for channel in (0, 1, 2):
        pixels[..., channel] += stain * cloud(rng, size[1], size[0], 5.0)
    photo = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return _packed(photo, int(rng.uniform(30, 90)))


def _exposed(rng: Rng, photo: Image.Image) -> Image.Image:
    """Exposure, contrast, weak colours, a cast of colour: one product of matrices.

    Light and contrast come near to values that real pictures have as often.
    """
    width, height = photo.size
    grey = np.asarray(photo.convert("L"), np.float32)
    inner = grey[height // 4 : -height // 4, width // 4 : -width // 4]
    mean, contrast = grey.mean(), np.subtract(*np.percentile(inner, [97, 3]))
    brighter = (np.interp(rng.random(), AT, LIGHT) / max(mean, 5.0)) ** 0.85
    wanted = np.interp(rng.random(), AT, CONTRAST)
    steeper = np.clip((wanted / max(contrast * brighter, 5.0)) ** 0.75, 0.3, 2.5)
    strong = rng.uniform(0.45, 1.1)
    colours = np.full((3, 3), (1 - strong) / 3) + strong * np.eye(3)
    cast = rng.normal(1, 0.03, (3, 1)) * [[1.005], [0.995], [1.01]]
    matrix = colours * cast * brighter * steeper
    offset = np.full((3, 1), (1 - steeper) * brighter * mean)
    return photo.convert("RGB", tuple(np.hstack([matrix, offset]).flatten().tolist()))


def _fringed(rng: Rng, photo: Image.Image, scale: int) -> Image.Image:
    """Red and blue a little aside from green, as cheap lenses do: purple edges."""
    channels = list(photo.split())
    shift = rng.normal(0, 0.4 * scale, 2)
    for at, own in ((0, 0.8), (2, 1.0)):
        shift = shift * own
        channels[at] = channels[at].transform(
            photo.size,
            Image.Transform.AFFINE,
            (1, 0, float(shift[0]), 0, 1, float(shift[1])),
            Image.Resampling.BILINEAR,
        )
    return Image.merge("RGB", channels)


def _packed(photo: Image.Image, quality: int) -> Image.Image:
    held = io.BytesIO()
    photo.save(held, "JPEG", quality=quality)
    return Image.open(held).convert("RGB")


def _homography(before: Points, after: Points) -> Map:
    rows, values = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(values))
    return np.append(solved, 1.0).reshape(3, 3)
