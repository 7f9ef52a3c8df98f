"""How answers look, for the documentation of the API; nothing is made through these."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from convatlas.picture_files import READABLE

EXAMPLE_BOX = [143, 40, 189, 80]


class Example(BaseModel):
    """With an example in the documentation."""

    model_config = ConfigDict(extra="forbid")


class ErrorSaid(Example):
    """What was wrong."""

    code: str = Field(description="for programs", examples=["picture_unreadable"])
    message: str = Field(
        description="one line: what was wrong, what is allowed, what to do",
        examples=["picture: is damaged or cut off (image file is truncated)"],
    )


class Error(Example):
    """Any answer but 2xx."""

    error: ErrorSaid


class Answer(Example):
    """A class and how probable it is."""

    name: str = Field(alias="class", examples=["3"])
    probability: float = Field(ge=0, le=1, examples=[0.9998])


class Predicted(Example):
    """The answers to one picture, best first."""

    run: str = Field(examples=["lenet5"])
    answers: list[Answer]
    milliseconds: float = Field(examples=[1.9])


class PredictedFile(Example):
    """The answers to one of several, or why it has none."""

    file: str = Field(examples=["three.png"])
    answers: list[Answer] | None = None
    error: ErrorSaid | None = None


class PredictedSeveral(Example):
    """In the order in which the files came."""

    run: str = Field(examples=["lenet5"])
    results: list[PredictedFile]
    milliseconds: float


class Digit(Example):
    """One digit of a number."""

    digit: str = Field(pattern="^[0-9]$", examples=["5"])
    confidence: float = Field(ge=0, le=1, examples=[0.99])


class NumberRead(Example):
    """The number in one picture."""

    run: str = Field(examples=["reader"])
    number: str | None = Field(
        description="null where none was seen, or it is less sure than asked for",
        examples=["52"],
    )
    confidence: float = Field(ge=0, le=1, examples=[0.94])
    digits: list[Digit]
    box: list[int] | None = Field(
        description="left, top, right, bottom in pixels of the upright picture",
        examples=[EXAMPLE_BOX],
    )
    width: int = Field(ge=1, examples=[241])
    height: int = Field(ge=1, examples=[103])
    milliseconds: float = Field(examples=[21.5])


class NumberReadFile(Example):
    """The number in one of several pictures, or why it has none."""

    file: str = Field(examples=["door.jpg"])
    number: str | None = None
    confidence: float | None = None
    digits: list[Digit] | None = None
    box: list[int] | None = None
    width: int | None = None
    height: int | None = None
    milliseconds: float | None = None
    error: ErrorSaid | None = None


class NumbersRead(Example):
    """In the order in which the files came."""

    run: str = Field(examples=["reader"])
    results: list[NumberReadFile]


class Accuracy(Example):
    """On how many pictures of which split."""

    split: str = Field(examples=["test"])
    value: float = Field(ge=0, le=1, examples=[0.9931])
    n: int = Field(examples=[10_000])


class RunShown(Example):
    """A run or reader that is served."""

    id: str = Field(examples=["lenet5"])
    title: str = Field(examples=["lenet5-tanh, mnist"])
    network: str = Field(examples=["lenet5-tanh"])
    data: str = Field(examples=["mnist"])
    answers: str = Field(description="class, number or box", examples=["class"])
    trained: bool
    classes: list[str] = Field(examples=[["0", "1"]])
    input: list[int] = Field(
        description="channels, height, width", examples=[[1, 28, 28]]
    )
    centred_digits: bool = Field(
        description="whether pictures are taken for one digit, cut out and centred"
    )
    parameters: int | None = Field(examples=[61_706])
    accuracy: Accuracy | None
    state: str = Field(
        description="finished, training or stopped", examples=["finished"]
    )
    built_in: bool


class Runs(Example):
    """What is served."""

    runs: list[RunShown]
    default: str = Field(
        description="id of the run that answers where none is named",
        examples=["lenet5"],
    )


class Alive(Example):
    """That the server answers."""

    ok: bool = Field(examples=[True])


class Ready(Example):
    """Whether every run is ready."""

    ready: bool = Field(examples=[True])
    runs: dict[str, str] = Field(
        description="ready, preparing, or why it will not answer",
        examples=[{"lenet5": "ready", "reader": "ready"}],
    )


# of every route, for what went wrong
FAULTS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Error, "description": "the request was wrong, or is refused"},
    "5XX": {"model": Error, "description": "come back after Retry-After seconds"},
}

_FILE = {"type": "string", "format": "binary"}
# of a route that takes pictures
PICTURES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"A picture ({READABLE}; told by content), or a form with "
        "several.",
        "content": {
            "image/png": {"schema": _FILE},
            "image/jpeg": {"schema": _FILE},
            "image/webp": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": _FILE}},
                }
            },
        },
    }
}
