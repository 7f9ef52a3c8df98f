"""The typefaces of drawn numbers, and their digits as masks.

The files under ``faces/`` are unmodified from npm's ``@fontsource`` packages 5.3.0,
each family beside its licence (SIL Open Font License 1.1). A family belongs to one
split only: who reads the test split has not met its digits.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from PIL import Image, ImageDraw, ImageFont

from convatlas.data.dataset import SplitName

DRAWN = 160  # size in pixels at which characters are drawn once; smaller ones from it
CHARACTERS = "0123456789ABCDEFGHIKLMNOPRSTUVWYabcdeghilnorstuw"


@dataclass(frozen=True)
class Face:
    """A typeface in one weight.

    Attributes:
        family: its folder, as its package calls it.
        weight: 100 ... 900.
        plain: how often it is chosen; house numbers are seldom fancy.
    """

    family: str
    weight: int
    plain: float = 1.0


FACES: dict[SplitName, tuple[Face, ...]] = {
    "train": (
        Face("abril-fatface", 400, 0.6),  # fat, with hair lines
        Face("allerta-stencil", 400, 0.3),
        Face("anton", 400, 0.7),  # condensed, fat
        Face("arvo", 700),  # slab
        Face("jost", 400),  # Futura's shapes
        Face("jost", 600, 1.5),
        Face("league-gothic", 400, 0.6),  # condensed
        Face("libre-baskerville", 700, 1.5),  # serif
        Face("old-standard-tt", 700, 1.2),  # serif
        Face("oswald", 500, 1.2),  # condensed
        Face("overpass", 700, 2.0),  # street signs
        Face("playball", 400, 0.5),  # script
        Face("poiret-one", 400, 0.2),  # hair lines
        Face("rokkitt", 500, 0.8),  # slab
    ),
    "validation": (
        Face("bebas-neue", 400),
        Face("nunito", 700),
        Face("stardos-stencil", 700, 0.5),
    ),
    "test": (
        Face("alfa-slab-one", 400, 0.6),
        Face("barlow-condensed", 500),
        Face("cinzel", 600),
        Face("josefin-sans", 400),
    ),
}


@dataclass(frozen=True)
class Character:
    """A character's shape.

    Attributes:
        mask: mode L, cut to what is inked, 255 where it is.
        rise: from the baseline up to the top of the mask, in pixels.
    """

    mask: Image.Image
    rise: int


@cache
def characters(face: Face) -> dict[str, Character]:
    """All ``CHARACTERS`` of a face, drawn once per process."""
    name = f"{face.family}-latin-{face.weight}-normal.woff2"
    resource = files("convatlas.data.synthetic") / "faces" / face.family / name
    with as_file(resource) as path:
        font = ImageFont.truetype(path, DRAWN, layout_engine=ImageFont.Layout.BASIC)
        return {text: _drawn(font, text) for text in CHARACTERS}


def _drawn(font: ImageFont.FreeTypeFont, text: str) -> Character:
    canvas = Image.new("L", (4 * DRAWN, 3 * DRAWN))
    baseline = 2 * DRAWN
    ImageDraw.Draw(canvas).text((DRAWN, baseline), text, 255, font, anchor="ls")
    box = canvas.getbbox()
    if box is None:
        raise ValueError(f"{font.getname()} has no {text!r}")
    return Character(canvas.crop(box), baseline - box[1])
