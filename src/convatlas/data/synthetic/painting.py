"""Digits on their ground: painted, cast in metal, carved, with edges and shadows."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from convatlas.data.synthetic.grounds import Pixels, Rng, cloud

# of digits that are screwed or painted on a wall: colour, how often
INKS = (
    ((24, 22, 24), 4.0),
    ((236, 236, 238), 4.0),
    ((188, 150, 84), 1.5),
    ((150, 152, 156), 1.5),
    ((58, 44, 34), 1.0),
    ((30, 40, 92), 0.8),
    ((150, 34, 34), 0.4),
    ((96, 64, 40), 0.6),
)
GREY = np.array([0.299, 0.587, 0.114], np.float32)


def ink_for(rng: Rng, behind: Pixels) -> Pixels:
    """A colour that can be told from what is behind, if sometimes only just.

    Args:
        rng: all random numbers come from it.
        behind: mean colour of the ground, 3.
    """
    least = rng.choice([40.0, 70.0, 110.0], p=[0.2, 0.4, 0.4])
    weights = np.array([often for _, often in INKS])
    colours = np.array([colour for colour, _ in INKS], np.float32)
    contrast = np.abs((colours - behind) @ GREY)
    weights = np.where(contrast >= least, weights, 1e-6)
    chosen = colours[rng.choice(len(INKS), p=weights / weights.sum())]
    return np.asarray(chosen + rng.normal(0, 8, 3), np.float32)


def painted(
    rng: Rng,
    scene: Pixels,
    mask: Image.Image,
    ink: Pixels,
    unit: float,
    light: Pixels,
    *,
    raised: bool,
) -> Pixels:
    """The scene, changed in place, with digits on it.

    Args:
        rng: all random numbers come from it.
        scene: height × width × 3.
        mask: of all digits, mode L.
        ink: their colour.
        unit: height of a digit in pixels.
        light: x and y of the way that shadows fall, of length 1.
        raised: whether they may stand off their ground: shadow, metal, carving.
    """
    box = mask.getbbox()
    if box is None:
        return scene
    region, mask = cut_out(mask, box, 0.3 * unit)
    part = scene[region]
    inked = shares(mask)
    kind = "flat"
    if raised:
        kind = str(rng.choice(["flat", "metal", "carved"], p=[0.55, 0.39, 0.06]))
    if raised and kind != "carved" and rng.random() < 0.7:
        fall = unit * rng.uniform(0.02, 0.13)
        soft = unit * rng.uniform(0.01, 0.06)
        shade = moved(mask, light * fall).filter(ImageFilter.GaussianBlur(soft))
        part = part * (1 - rng.uniform(0.2, 0.75) * shares(shade))
    if not raised and rng.random() < 0.06:  # a line of another colour around
        wide = mask.filter(ImageFilter.MaxFilter(3))
        part = mixed(part, 255 - ink, shares(wide))
    if kind == "carved":
        ink = part.mean(axis=(0, 1)) * rng.choice([0.55, 0.7, 1.3, 1.5])
    height, width = part.shape[:2]
    tone = 1 + rng.uniform(0, 0.08) * cloud(rng, height, width, unit * 0.3)
    if kind == "metal":
        tone += rng.uniform(0.05, 0.3) * cloud(rng, height, width, unit * 0.6)
    if kind != "flat":
        deep = rng.uniform(0.15, 0.5) * (-1 if kind == "carved" else 1)
        step = light * max(0.04 * unit, 1.0)
        slope = shares(moved(mask, step)) - shares(moved(mask, -step))
        tone = tone + deep * slope[..., 0]
    if rng.random() < 0.1:  # worn paint
        gone = cloud(rng, height, width, unit * 0.12) > rng.uniform(1.0, 2.0)
        inked = inked * np.where(gone, rng.uniform(0.2, 0.7), 1.0)[..., None]
    scene[region] = mixed(part, ink * tone[..., None], inked)
    return scene


def cut_out(
    mask: Image.Image, box: tuple[float, float, float, float], rim: float
) -> tuple[tuple[slice, slice], Image.Image]:
    """The part of a scene that a change reaches: its rows and columns, and the mask.

    Args:
        mask: of the whole scene, mode L.
        box: left, top, right, bottom of what is drawn.
        rim: how far shadows and such may go beyond.
    """
    left, top = max(int(box[0] - rim), 0), max(int(box[1] - rim), 0)
    right = max(min(int(box[2] + rim) + 1, mask.width), left + 1)
    bottom = max(min(int(box[3] + rim) + 1, mask.height), top + 1)
    return (slice(top, bottom), slice(left, right)), mask.crop(
        (left, top, right, bottom)
    )


def moved(mask: Image.Image, by: Pixels) -> Image.Image:
    """The mask some whole pixels further, x and y."""
    return ImageChops.offset(mask, round(float(by[0])), round(float(by[1])))


def shares(mask: Image.Image) -> Pixels:
    """Height × width × 1, 0 ... 1."""
    return np.asarray(mask, np.float32)[..., None] / np.float32(255)


def mixed(scene: Pixels, colour: Pixels, share: Pixels) -> Pixels:
    """The colour where the share is 1, the scene where it is 0."""
    return scene + (colour - scene) * share
