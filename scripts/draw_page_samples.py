"""Draws the sample photos that the page's view Read offers.

Six synthetic numbers of the test typefaces: five plain ones, and a blurred one that the
reader is so unsure of that it refuses. JPEG files, about 18 kB together.

Run from the repository: python scripts/draw_page_samples.py
"""

from pathlib import Path

from convatlas.data.synthetic.picture import draw

FOLDER = Path("src/convatlas/serve/page/samples")
INDICES = (24, 47, 104, 125, 15, 99)  # of the test split, seed 0


def main() -> None:
    """Writes door-1.jpg and so on."""
    FOLDER.mkdir(exist_ok=True)
    for place, index in enumerate(INDICES, start=1):
        photo = draw(0, "test", index).image
        photo.save(FOLDER / f"door-{place}.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
