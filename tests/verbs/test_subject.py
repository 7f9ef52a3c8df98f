"""Networks by name, and users' own ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from torch import nn

from convatlas.errors import ConvatlasError, UnknownName
from convatlas.verbs.subject import find_subject

SOURCE = """
from torch import nn

class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return self.conv(x)

class Wide(nn.Module):
    def __init__(self, width, depth=2):
        super().__init__()

def made():
    return nn.Sequential(nn.Conv2d(1, 2, 3))

def wrong():
    return 7

ready = nn.Sequential(nn.Conv2d(2, 2, 3))
number = 7
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "nets_of_mine.py").write_text(SOURCE)
    (tmp_path / "needs_more.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    import sys

    sys.modules.pop("nets_of_mine", None)


def test_a_network_of_the_atlas() -> None:
    subject = find_subject("lenet5-tanh")
    assert subject.input == (1, 28, 28) and "2023" in subject.title
    assert next(subject.empty().parameters()).device.type == "meta"
    assert next(subject.build().parameters()).device.type == "cpu"


def test_a_trunk_of_the_atlas_under_another_head() -> None:
    assert find_subject("resnet-mini:attention").input == (3, 64, 128)
    with pytest.raises(UnknownName, match="did you mean attention"):
        find_subject("resnet-mini:attentoin")


@pytest.mark.parametrize(
    ("given", "input"),
    [((96,), (3, 96, 96)), ((64, 128), (3, 64, 128)), ((1, 64, 32), (1, 64, 32))],
)
def test_an_input_given_in_part(
    given: tuple[int, ...], input: tuple[int, int, int]
) -> None:
    assert find_subject("resnet18", given).input == input


def test_classes_of_a_network_of_the_atlas() -> None:
    network = find_subject("lenet5-tanh", classes=3).empty()
    assert list(network.parameters())[-1].shape == (3,)


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("nets_of_mine:Tiny", 3),
        ("nets_of_mine.py:Tiny", 3),
        ("nets_of_mine:made", 1),
        ("nets_of_mine:ready", 2),
    ],
)
def test_ones_own(here: Path, name: str, channels: int) -> None:
    subject = find_subject(name, (9, 9))
    assert subject.input == (channels, 9, 9)
    assert isinstance(subject.build(), nn.Module)


def test_the_search_path_is_as_before(here: Path) -> None:
    import sys

    before = list(sys.path)
    find_subject("nets_of_mine:Tiny", (9, 9))
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nets_of_mine:Tini", "nets_of_mine has no Tini; did you mean Tiny?"),
        ("nets_of_mine:Xyzw", "nets_of_mine has no Xyzw; it has Tiny, Wide"),
        (
            "nets_of_mine:Wide",
            "nets_of_mine:Wide cannot be made without arguments (missing a required "
            "argument: 'width'): write a function that gives them and returns the "
            "network, and name that",
        ),
        ("nets_of_mine:wrong", "nets_of_mine:wrong returns int; a torch.nn.Module is"),
        ("nets_of_mine:number", "nets_of_mine:number is int; a class or function"),
        ("nets_of_mine:", "nets_of_mine:: say which class, e.g. nets_of_mine:MyNet"),
        ("nets_of_mine.py", "nets_of_mine.py: say which class, e.g. nets_of_mine.py:"),
        ("nowhere:Net", "no module 'nowhere' can be imported from here"),
        ("nowhere.py:Net", "nowhere.py: no such file"),
        ("needs_more:Net", "needs_more imports 'a_package_that_is_not_there'"),
    ],
)
def test_names_that_lead_nowhere(here: Path, name: str, message: str) -> None:
    with pytest.raises(ConvatlasError) as caught:
        find_subject(name, (3, 9, 9)).build()
    assert str(caught.value).startswith(message)


def test_ones_own_needs_an_input_and_is_told_which_would_do(here: Path) -> None:
    with pytest.raises(ConvatlasError) as caught:
        find_subject("nets_of_mine:Tiny")
    assert str(caught.value) == (
        "nets_of_mine:Tiny: say how large its pictures are, --input CxHxW; 3x32x32 "
        "would do"
    )


def test_ones_own_takes_no_classes(here: Path) -> None:
    with pytest.raises(ConvatlasError, match="^--classes is for networks of the atlas"):
        find_subject("nets_of_mine:Tiny", (9, 9), classes=3)


def test_an_unknown_name() -> None:
    with pytest.raises(UnknownName, match="did you mean lenet5-tanh"):
        find_subject("lenet5-tan")
