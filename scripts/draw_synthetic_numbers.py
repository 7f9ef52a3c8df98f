"""Draws docs/images/synthetic-numbers.png: the first training pictures.

python scripts/draw_synthetic_numbers.py docs/images/synthetic-numbers.png
"""

import sys

from PIL import Image

from convatlas.data.synthetic.picture import draw

ROWS, COLUMNS, SIZE, GAP = 6, 8, (128, 64), 2


def main(path: str) -> None:
    step = SIZE[0] + GAP, SIZE[1] + GAP
    sheet = Image.new("RGB", (COLUMNS * step[0] - GAP, ROWS * step[1] - GAP), "white")
    for index in range(ROWS * COLUMNS):
        photo = draw(0, "train", index).image.resize(SIZE, Image.Resampling.BILINEAR)
        sheet.paste(photo, (index % COLUMNS * step[0], index // COLUMNS * step[1]))
    sheet.save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
