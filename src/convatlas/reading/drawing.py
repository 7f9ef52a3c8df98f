"""A picture with the number that was read in it."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from convatlas.reading.windows import Window

SHORTEST, LONGEST = 320, 1600  # pixels of the drawing's longer side
ORANGE, BLACK = (255, 140, 0), (0, 0, 0)
TEXT_SHARE = 14  # of the longer side for one line of text


def drawn(image: Image.Image, box: Window, text: str) -> Image.Image:
    """A box around the number and what was read on a strip below the picture.

    Args:
        image: RGB; small ones are enlarged so that the text can be read.
        box: in pixels of the picture.
        text: one line.
    """
    longer = max(image.size)
    scale = min(max(longer, SHORTEST), LONGEST) / longer
    width, height = (max(round(side * scale), 1) for side in image.size)
    line = max(width, height) // TEXT_SHARE
    font = ImageFont.load_default(line)
    canvas = Image.new("RGB", (max(width, SHORTEST), height + 2 * line), BLACK)
    canvas.paste(image.resize((width, height), Image.Resampling.BICUBIC))
    pen = ImageDraw.Draw(canvas)
    thick = max(2, line // 10)
    # the line lies outside the box, as far as the picture goes
    left, top, right, bottom = (side * scale for side in box)
    edges = (
        max(left - thick, 0),
        max(top - thick, 0),
        min(right + thick, width) - 1,
        min(bottom + thick, height) - 1,
    )
    pen.rectangle(edges, outline=BLACK, width=thick + 2)
    pen.rectangle(edges, outline=ORANGE, width=thick)
    pen.text((line // 2, height + line), text, fill=ORANGE, font=font, anchor="lm")
    return canvas


class FreeNames:
    """Names of PNG files in a folder that nothing has yet.

    Args:
        folder: need not be there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        there = folder.iterdir() if folder.is_dir() else ()
        # a disk may take A.png and a.png for the same
        self._taken = {path.name.casefold() for path in there}

    def take(self, stem: str) -> Path:
        """``STEM.png``, or ``STEM-2.png`` and so on."""
        name, number = f"{stem}.png", 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}.png"
        self._taken.add(name.casefold())
        return self.folder / name
