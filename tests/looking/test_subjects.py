from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas import data
from convatlas.errors import DataError, RunError, UnknownName
from convatlas.looking.subjects import find_subject, of_network, of_run
from convatlas.runs import Run
from convatlas.verbs.predict import predict


def digit(index: int) -> Image.Image:
    pixels = data.load("digits-5k").test.images[index, 0].numpy()
    return Image.fromarray(pixels)


def test_a_run_sees_and_answers_as_predict_does(
    trained_run: Run, tmp_path: Path
) -> None:
    page = Image.new("L", (200, 160), 255)
    page.paste(Image.fromarray(255 - np.array(digit(7).resize((90, 90)))), (60, 30))
    page.save(tmp_path / "photo.png")
    subject = of_run(trained_run)
    with Image.open(tmp_path / "photo.png") as photo:
        seen = subject.prepare(photo.convert("RGB"))
    assert seen.shape == (1, 28, 28) and seen.dtype == torch.uint8
    ours = subject.said(subject.look(seen).result, top=10)
    (theirs,) = predict(trained_run, [tmp_path / "photo.png"], top=10).predictions
    assert [a.name for a in ours] == [a.name for a in theirs.answers]
    assert [a.probability for a in ours] == pytest.approx(
        [a.probability for a in theirs.answers], abs=1e-6
    )


def test_a_digit_is_centred_unless_it_is_not_wanted(trained_run: Run) -> None:
    subject = of_run(trained_run, "mine")
    assert subject.id == "mine" and subject.trained
    moved = Image.new("L", (56, 56))
    moved.paste(digit(3), (28, 0))
    centred = subject.prepare(moved)
    whole = subject.prepare(moved, digit=False)
    assert centred.float().mean() > 2 * whole.float().mean()
    with pytest.raises(DataError, match="blank"):
        subject.prepare(Image.new("L", (50, 50), 9))


def test_a_network_of_the_atlas_has_the_same_weights_each_time() -> None:
    torch.manual_seed(99)
    state = torch.get_rng_state()
    one = of_network("lenet5-tanh")
    assert torch.equal(torch.get_rng_state(), state)
    other = find_subject("network:lenet5-tanh")
    for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert one.id == other.id == "network:lenet5-tanh" and not one.trained
    assert not any(m.training for m in one.network.modules())


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("lenet5", (1, 32, 32)),
        ("googlenet-gray", (1, 96, 96)),
        ("resnet20", (3, 32, 32)),
        ("street-cnn", (3, 64, 128)),
    ],
)
@pytest.mark.parametrize("asked", [None, True, False])
def test_any_network_takes_any_picture(
    name: str, shape: tuple[int, int, int], asked: bool | None
) -> None:
    subject = of_network(name)
    for picture in (digit(0).resize((70, 70)), Image.new("RGB", (90, 50), "red")):
        if asked is not False and picture.mode == "RGB":
            if asked or subject.centred_digits:
                continue
        seen = subject.prepare(picture, digit=asked)
        assert tuple(seen.shape) == shape and seen.dtype == torch.uint8


def test_a_window_alone_is_shown() -> None:
    subject = of_network("street-cnn")
    picture = Image.new("RGB", (100, 80), "black")
    picture.paste("white", (40, 20, 80, 60))
    inside = subject.prepare(picture, window=(45.0, 25.0, 75.0, 55.0))
    assert tuple(inside.shape) == (3, 64, 128) and bool((inside == 255).all())


def test_numbers_and_finders_answer_in_their_way() -> None:
    reader = of_network("street-cnn")
    seen = reader.prepare(Image.new("RGB", (100, 80), "black"))
    (said,) = reader.said(reader.look(seen).result)
    assert set(said.name) <= set("0123456789") and 0 <= said.probability <= 1
    finder = of_network("street-finder")
    assert finder.said(torch.zeros(1, 6, 12, 24)) == ()


def test_what_is_neither_run_nor_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no run or network is called 'lenet55'"):
        find_subject("lenet55")
    with pytest.raises(RunError, match="is not a run"):
        find_subject(tmp_path)
