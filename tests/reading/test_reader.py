from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.reading.answers import Floats
from convatlas.reading.reader import Looks, Network, PlaceByPlace, Reader
from convatlas.reading.windows import Pixels, seen, turned

from .oracle import oracle_bundle, painted


@pytest.mark.parametrize("number", ["7", "42", "905", "1234"])
def test_the_number_is_found_cut_out_and_read(reader: Reader, number: str) -> None:
    located = reader.read(painted(number))
    assert located.reading.number == number
    assert located.reading.confidence > 0.9
    assert located.box == pytest.approx((60, 30, 120, 70), abs=1.1)


def test_a_small_number_keeps_the_resolution_of_its_picture(tmp_path: Path) -> None:
    """In the finder's input it is three pixels wide; its digits are read all the same,
    once a second look has found its edges."""
    picture = painted("8261", (1700, 800, 1724, 830), (1800, 900))
    once = oracle_bundle(tmp_path / "once").open()
    again = oracle_bundle(tmp_path / "again", again=(1.75, 1.5)).open()
    first, second = once.read(picture).box, again.read(picture)
    truth = np.array((1700, 800, 1724, 830))
    assert np.abs(np.array(second.box) - truth).max() < 1
    assert np.abs(np.array(first) - truth).max() > 3
    assert second.reading.number == "8261"


def test_every_box_on_the_way_is_read_if_wanted(tmp_path: Path) -> None:
    bundle = oracle_bundle(
        tmp_path, again=(2.0,), every_box=True, margins=(0.0, 0.04, 0.3)
    )
    reader = bundle.open()
    shown: list[tuple[int, ...]] = []

    def tell(views, lengths):  # type: ignore[no-untyped-def]
        shown.append(views.shape)
        return reader.tell(views, lengths)

    watched = Reader(bundle.looks, tell, reader.finders)
    watched.read(painted("12"))
    assert shown == [(6, 3, 40, 96)]
    assert len(reader.boxes(painted("12"))) == 2


def test_each_finder_goes_its_own_way(reader: Reader) -> None:
    """Four boxes of two finders; the right one is told."""
    true, off = [0.3, 0.3, 0.6, 0.7], [0.0, 0.0, 0.2, 0.2]
    answers = {"a": iter([true, [0.0, 0.0, 1.0, 1.0]]), "b": iter([off, off])}
    asked: list[str] = []

    def finder(name: str) -> Network:
        def find(pixels: Pixels) -> Floats:
            asked.append(name)
            return np.array([next(answers[name])])

        return find

    looks = Looks((40, 96), (0.0,), again=(1.0,), every_box=True)
    assert isinstance(reader.tell, PlaceByPlace)
    tell = PlaceByPlace(reader.tell.network, combine="mixture")
    both = Reader(looks, tell, (finder("a"), finder("b")))
    picture = on_no_digit(painted("345"))
    boxes = both.boxes(picture)
    assert asked == ["a", "b", "a", "b"]
    # the second look of a is at its own first box, which is blue all over
    assert boxes[0] == pytest.approx((60, 30, 120, 70))
    assert boxes[2] == pytest.approx(boxes[0]) and boxes[1] == (0, 0, 40, 20)
    views = both.views(picture, boxes)
    assert len(views) == 4
    for view, box in zip(views, boxes, strict=True):
        assert np.array_equal(view, seen(picture, box, (40, 96)))
    answers.update(a=iter([true, [0.0, 0.0, 1.0, 1.0]]), b=iter([off, off]))
    located = both.read(picture)
    assert located.reading.number == "345"
    assert located.box == pytest.approx((60, 30, 120, 70))


def on_no_digit(picture: Image.Image) -> Image.Image:
    """The ground between two digits, where a reader cannot be sure."""
    pixels = np.array(picture)
    pixels[pixels[:, :, 2] == 0, 0] = 30
    return Image.fromarray(pixels)


def test_a_number_that_is_cut_out_already_is_looked_at_turned(tmp_path: Path) -> None:
    bundle = oracle_bundle(tmp_path, margins=(0.0, 0.1), turns=(0.0, -3.0, 3.0))
    reader, picture = bundle.open(whole=True), painted("42", (0, 0, 96, 40), (96, 40))
    (box,) = reader.boxes(picture)
    straight, *others = reader.views(picture, [box])
    assert np.array_equal(straight, np.asarray(picture).transpose(2, 0, 1))
    for view, turn in zip(others, (-3.0, 3.0), strict=True):
        assert np.array_equal(view, turned(straight, turn))
    located = reader.read(picture)
    assert located.reading.number == "42" and located.box == box
    # what is found has margins
    assert len(bundle.open().views(picture, [box])) == 2


def test_the_box_of_the_surest_look_is_told(reader: Reader) -> None:
    """The second box alone shows the number, on a ground between two digits."""
    picture = on_no_digit(painted("345"))
    boxes = iter([[0.0, 0.0, 0.2, 0.2], [0.3, 0.3, 0.6, 0.7]])
    looks = Looks((40, 96), (0.0,), again=(10.0,), every_box=True)
    assert isinstance(reader.tell, PlaceByPlace)
    tell = PlaceByPlace(reader.tell.network, combine="surest")
    steered = Reader(looks, tell, (lambda _: np.array([next(boxes)]),))
    located = steered.read(picture)
    assert located.reading.number == "345"
    assert located.box == pytest.approx((60, 30, 120, 70))


def test_without_a_finder_the_whole_picture_is_read(reader: Reader) -> None:
    whole = Reader(Looks((40, 96), (0.0,)), reader.tell)
    located = whole.read(painted("678", (0, 0, 96, 40), (96, 40)))
    assert located.reading.number == "678" and located.box == (0, 0, 96, 40)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3)])
def test_the_smallest_pictures_give_some_answer(
    reader: Reader, size: tuple[int, int]
) -> None:
    located = reader.read(Image.new("RGB", size, (0, 0, 255)))
    left, top, right, bottom = located.box
    assert 0 <= left <= right <= size[0] and 0 <= top <= bottom <= size[1]


def test_how_many_digits_it_has_can_be_said(reader: Reader) -> None:
    for count in (1, 2, 3, 4):
        said = reader.read(painted("12"), (count, count)).reading
        assert len(said.number) == count
    assert reader.read(painted("12"), (1, 4)).reading.number == "12"
