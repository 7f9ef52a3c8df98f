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
        Face("archivo-black", 400, 0.8),  # fat
        Face("arimo", 400, 1.5),  # Arial's widths
        Face("arimo", 700, 2.5),
        Face("arvo", 700),  # slab
        Face("berkshire-swash", 400, 0.4),
        Face("black-ops-one", 400, 0.3),  # stencil
        Face("bodoni-moda", 600, 0.8),  # high contrast
        Face("cabin-condensed", 600),
        Face("courier-prime", 700, 0.6),  # typewriter
        Face("crimson-text", 600, 1.2),  # serif
        Face("dancing-script", 600, 0.4),  # script
        Face("dm-serif-display", 400, 0.8),
        Face("eb-garamond", 600),  # serif
        Face("federo", 400, 0.4),  # art nouveau
        Face("fjalla-one", 400),  # condensed
        Face("graduate", 400, 0.6),  # octagonal
        Face("jost", 400),  # Futura's shapes
        Face("jost", 600, 1.5),
        Face("kaushan-script", 400, 0.4),  # brush
        Face("kelly-slab", 400, 0.4),
        Face("lato", 700, 1.5),
        Face("league-gothic", 400, 0.6),  # condensed
        Face("libre-baskerville", 700, 1.5),  # serif
        Face("limelight", 400, 0.3),  # art deco
        Face("lobster", 400, 0.5),  # brush
        Face("montserrat", 600, 1.5),
        Face("old-standard-tt", 700, 1.2),  # serif
        Face("orbitron", 600, 0.3),  # square
        Face("oswald", 500, 1.2),  # condensed
        Face("overpass", 700, 2.0),  # street signs
        Face("patrick-hand", 400, 0.6),  # by hand
        Face("playball", 400, 0.5),  # script
        Face("poiret-one", 400, 0.2),  # hair lines
        Face("quicksand", 600, 0.8),  # round ends
        Face("rajdhani", 600, 0.6),  # square
        Face("righteous", 400, 0.4),  # art deco
        Face("rokkitt", 500, 0.8),  # slab
        Face("rye", 400, 0.4),  # western
        Face("teko", 500, 0.6),  # condensed, square
        Face("tinos", 400),  # Times' widths
        Face("tinos", 700, 2.0),
        Face("vollkorn", 600, 0.6),  # old-style figures
        Face("zilla-slab", 600, 0.8),  # slab
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
