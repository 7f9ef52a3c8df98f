"""What a heat map is asked about: one logit of an answer, or some of them added."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from convatlas.anatomy import trace
from convatlas.errors import NetworkError, UsageError
from convatlas.house_number import NONE
from convatlas.importance.undisturbed import attributing
from convatlas.networks.registry import Answers
from convatlas.training.tasks import LengthTask

Place = int | Literal["length"]


@dataclass(frozen=True)
class Target:
    """The part of an answer that is asked about.

    Attributes:
        units: positions in the answer to one picture; their logits are added.
        name: in words, e.g. ``"3"`` or ``"digit 2 = 7"``.
        asked: the class, of which ``name`` tells the place too.
    """

    units: tuple[tuple[int, ...], ...]
    name: str
    asked: int

    def score(self, answers: Tensor) -> Tensor:
        """N: the sum of the logits in the answers to N pictures.

        Raises:
            UsageError: the answers have no such positions.
        """
        shape, whole = tuple(answers.shape[1:]), (slice(None),)
        for unit in self.units:
            if len(unit) != len(shape) or any(
                not 0 <= at < side for at, side in zip(unit, shape, strict=False)
            ):
                place, sides = ",".join(map(str, unit)), "×".join(map(str, shape))
                raise UsageError(f"{self.name}: no {place} in an answer of {sides}")
        return torch.stack([answers[whole + unit] for unit in self.units]).sum(dim=0)


def answers_of(network: nn.Module, picture: Tensor) -> Tensor:
    """The network's answer to one picture, C H W, without the batch's dimension.

    Raises:
        NetworkError: the picture does not fit, or the answer is no tensor.
    """
    with attributing(network) as ready, torch.no_grad():
        try:
            answers = network(ready(picture))
        except RuntimeError as error:
            trace(network, tuple(picture.shape))  # which says what does not fit
            first = str(error).strip().splitlines()[0]
            raise NetworkError(f"{type(network).__name__} fails: {first}") from None
    if not isinstance(answers, Tensor):
        raise NetworkError(
            f"{type(network).__name__} answers with {type(answers).__name__}; one "
            "tensor is needed: name a function that returns the logits alone"
        )
    return answers[0].detach()


def target_of(
    answers: Tensor,
    kind: Answers = "class",
    asked: int | None = None,
    digit: Place = 0,
) -> Target:
    """What is asked about a network's answer.

    Args:
        answers: to one picture: classes, or places × 11, columns × 11, a vector of
            length and digits, or a finder's maps.
        kind: of the answers.
        asked: the class; of a place 10 means that there is no digit. The likeliest
            when None.
        digit: the place in a number, from 0 on; ``"length"`` asks how long it is.

    Raises:
        UsageError: a class or a place that the answer does not have.
    """
    if digit == "length" and kind != "length":
        raise UsageError(
            "digit length: this network tells no length; ask for a place, 0 or more"
        )
    return _TARGETS[kind](answers, asked, digit)


def _of_class(answers: Tensor, asked: int | None, digit: Place) -> Target:
    if answers.ndim != 1:
        shape = "×".join(map(str, answers.shape))
        raise UsageError(
            f"the network answers with {shape} numbers, which are not the logits of "
            "one class: say what kind of answers these are"
        )
    chosen = _chosen(answers, asked, "class")
    return Target(((chosen,),), f"class {chosen}", chosen)


def _of_place(answers: Tensor, asked: int | None, digit: Place) -> Target:
    place = _place(digit, len(answers))
    chosen = _chosen(answers[place], asked, "class of a digit")
    return Target(((place, chosen),), _digit_name(place, chosen), chosen)


def _of_length(answers: Tensor, asked: int | None, digit: Place) -> Target:
    places = (len(answers) - 2) // 11
    lengths, digits = LengthTask(places).parts(answers[None])
    if digit == "length":
        chosen = _chosen(lengths[0], asked, "length")
        name = f"length {chosen}" if chosen <= places else f"longer than {places}"
        return Target(((chosen,),), name, chosen)
    place = _place(digit, places)
    chosen = _chosen(digits[0, place], asked, "digit")
    unit = places + 2 + 10 * place + chosen
    return Target(((unit,),), _digit_name(place, chosen), chosen)


def _of_columns(answers: Tensor, asked: int | None, digit: Place) -> Target:
    """The columns of the best path that spell one digit (Graves et al. 2006)."""
    path = answers.argmax(dim=1).tolist()
    spelled: list[list[int]] = []  # the columns of each digit
    for column, read in enumerate(path):
        if read == NONE:
            continue
        if column and path[column - 1] == read:
            spelled[-1].append(column)
        else:
            spelled.append([column])
    if not spelled:
        raise UsageError("no digit was read, so there is none to ask about")
    place = _place(digit, len(spelled), "were read")
    columns = spelled[place]
    chosen = path[columns[0]] if asked is None else asked
    _chosen(answers[columns[0]], chosen, "class of a digit")
    units = tuple((column, chosen) for column in columns)
    return Target(units, _digit_name(place, chosen), chosen)


def _of_box(answers: Tensor, asked: int | None, digit: Place) -> Target:
    """All positions in which a finder sees a digit, at least the surest."""
    there = answers[0]
    seen = (there > 0) | (there == there.max())
    units = tuple((0, int(y), int(x)) for y, x in seen.nonzero().tolist())
    return Target(units, "where digits are", 0)


_TARGETS: dict[Answers, Callable[[Tensor, int | None, Place], Target]] = {
    "class": _of_class,
    "digits": _of_place,
    "attention": _of_place,
    "length": _of_length,
    "columns": _of_columns,
    "box": _of_box,
}


def _chosen(logits: Tensor, asked: int | None, what: str) -> int:
    if asked is None:
        return int(logits.argmax())
    if not 0 <= asked < len(logits):
        raise UsageError(
            f"target {asked}: a {what} from 0 to {len(logits) - 1} can be asked about"
        )
    return asked


def _place(digit: Place, places: int, are: str = "can be asked about") -> int:
    if not isinstance(digit, int) or not 0 <= digit < places:
        raise UsageError(f"digit {digit}: the places 0 to {places - 1} {are}")
    return digit


def _digit_name(place: int, chosen: int) -> str:
    return f"digit {place} = {'none' if chosen == NONE else chosen}"
