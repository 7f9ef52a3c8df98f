"""Routes of looking inside: what a network makes of a picture, and why."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from PIL import Image

from convatlas.serve.inside import looks
from convatlas.serve.inside.answers import Arithmetic, Seen
from convatlas.serve.inside.asked import (
    MAPS,
    PICTURE,
    Inside,
    LayerName,
    Looking,
    Maps,
    Preparation,
    Run,
    RunId,
    picture_of,
)
from convatlas.serve.inside.exciting import MOST_PATCHES, Patches
from convatlas.serve.inside.opened import Key
from convatlas.serve.inside.structure import Structure, structure_of
from convatlas.serve.served import Served, State

if TYPE_CHECKING:
    from convatlas.looking.subjects import Subject

T = TypeVar("T")

router = APIRouter(tags=["look inside"])

Method = Literal["grad-cam", "integrated-gradients", "occlusion", "guided-backprop"]
MOST_SIDE = 1024  # pixels of a map that is sent
MOST_CHANNELS = 4096


@router.post("/v1/explain", response_class=Maps, responses=MAPS, openapi_extra=PICTURE)
async def explain(
    request: Request,
    served: State,
    inside: Looking,
    run: Run = None,
    channels: Annotated[int, Query(ge=0, le=MOST_CHANNELS)] = 16,
    side: Annotated[int, Query(ge=1, le=MOST_SIDE)] = 64,
    layer: LayerName | None = None,
    prepare: Preparation = None,
    top: Annotated[int, Query(ge=1, le=1000)] = 10,
) -> Response:
    """The maps of every layer for a picture, or all maps of one layer in full."""
    content = await _of_picture(
        request,
        served,
        inside,
        run,
        lambda subject, image: looks.explained(
            subject,
            image,
            prepare,
            channels=channels,
            side=side,
            layer=layer,
            top=top,
        ),
    )
    return Maps(content)


@router.post(
    "/v1/explain/heat", response_class=Maps, responses=MAPS, openapi_extra=PICTURE
)
async def heat(
    request: Request,
    served: State,
    inside: Looking,
    run: Run = None,
    method: Method = "grad-cam",
    target: Annotated[int | None, Query(ge=0, le=100_000)] = None,
    digit: Annotated[str, Query(pattern=r"^(\d{1,3}|length)$")] = "0",
    layer: LayerName | None = None,
    prepare: Preparation = None,
) -> Response:
    """Which pixels speak for a class: one map in the size of the network's input."""
    content = await _of_picture(
        request,
        served,
        inside,
        run,
        lambda subject, image: looks.heat(
            subject,
            image,
            prepare,
            method=method,
            target=target,
            digit="length" if digit == "length" else int(digit),
            layer=layer,
        ),
    )
    return Maps(content)


@router.post("/v1/explain/value", openapi_extra=PICTURE)
async def value(
    request: Request,
    served: State,
    inside: Looking,
    layer: LayerName,
    unit: Annotated[
        str,
        Query(
            pattern=r"^\d{1,6}(,\d{1,6}){0,2}$",
            description="channel,row,column; of a vector its place",
            examples=["0,14,14", "3"],
        ),
    ],
    run: Run = None,
    prepare: Preparation = None,
) -> Arithmetic:
    """How one value of a layer came about, step by step."""
    place = tuple(int(number) for number in unit.split(","))
    return await _of_picture(
        request,
        served,
        inside,
        run,
        lambda subject, image: looks.worked_out(subject, image, prepare, layer, place),
    )


@router.get("/v1/runs/{id}/structure")
async def structure(
    request: Request, served: State, inside: Looking, id: RunId
) -> Structure:
    """The layers, the edges between them, and stages that can be folded."""
    key = inside.opened.key(served, id)
    return await inside.turns.take(request, _structure, inside, key)


@router.get("/v1/runs/{id}/kernels", response_class=Maps, responses=MAPS)
async def kernels(
    request: Request,
    served: State,
    inside: Looking,
    id: RunId,
    layer: LayerName,
    channel: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """The weights of a layer: a map for each slice of each filter.

    Of a large layer the first filters; ``channel`` asks for one.
    """
    key = inside.opened.key(served, id)
    content = await inside.turns.take(
        request,
        lambda: looks.kernels(inside.opened.subject(key), layer, channel),
    )
    return Maps(content)


@router.get("/v1/runs/{id}/field")
async def field_of(
    request: Request,
    served: State,
    inside: Looking,
    id: RunId,
    layer: LayerName,
    unit: Annotated[
        str,
        Query(
            pattern=r"^\d{1,6}(,\d{1,6}){0,2}$",
            description="row,column; of a vector its place",
            examples=["14,14", "3"],
        ),
    ],
) -> Seen:
    """What a unit sees of the input and of every layer before it, exactly."""
    key = inside.opened.key(served, id)
    place = [int(number) for number in unit.split(",")]
    return await inside.turns.take(
        request,
        lambda: looks.seen_by(
            inside.opened.regions(key), inside.opened.table(key), layer, place
        ),
    )


@router.get("/v1/runs/{id}/exciting")
async def exciting(
    request: Request,
    served: State,
    inside: Looking,
    id: RunId,
    layer: LayerName,
    channel: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=MOST_PATCHES)] = 9,
) -> Patches:
    """The parts of the data set's pictures in which a channel is strongest."""
    key = inside.opened.key(served, id)
    return await inside.turns.take(
        request,
        lambda: inside.search.most_exciting(
            inside.opened.subject(key),
            key,
            layer,
            channel,
            count,
            served.settings.data_dir,
        ),
    )


async def _of_picture(
    request: Request,
    served: Served,
    inside: Inside,
    run: str | None,
    look: "Callable[[Subject, Image.Image], T]",
) -> T:
    """What is computed of a request's picture, when it is the request's turn."""
    key = inside.opened.key(served, run)
    image = await picture_of(request, served)
    return await inside.turns.take(
        request, lambda: look(inside.opened.subject(key), image)
    )


def _structure(inside: Inside, key: Key) -> Structure:
    return structure_of(inside.opened.table(key))
