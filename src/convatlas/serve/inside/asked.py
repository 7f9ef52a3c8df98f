"""What requests to look inside have in common: parameters, the picture, the state."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from PIL import Image

from convatlas.looking.message import MEDIA_TYPE
from convatlas.serve.inside.exciting import Search
from convatlas.serve.inside.opened import Opened
from convatlas.serve.inside.turns import Turns
from convatlas.serve.served import Served
from convatlas.serve.uploads import one_upload

Run = Annotated[
    str | None,
    Query(
        description="id of a run, or network:NAME for an untrained network of the "
        "atlas; the default run if none",
        examples=["lenet5", "network:vgg16"],
    ),
]
RunId = Annotated[
    str, Path(description="id of a run, or network:NAME", examples=["lenet5"])
]
LayerName = Annotated[
    str, Query(description="as in the structure", examples=["features.conv1"])
]
Preparation = Annotated[
    Literal["digit", "none"] | None,
    Query(
        description="digit: cut out and centred as MNIST's were; none: scaled; as the "
        "run was trained if none of both"
    ),
]
PICTURE = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/png", "image/jpeg", "image/webp")
        },
    }
}
MAPS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a binary maps message: CVAM, length of the header (uint32, "
        "little-endian), a JSON header, zero bytes up to a multiple of 8, uint8 maps",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@dataclass(frozen=True)
class Inside:
    """What these routes share."""

    turns: Turns
    opened: Opened = field(default_factory=Opened)
    search: Search = field(default_factory=Search)


async def inside_of(request: Request) -> Inside:
    """Made by the first request."""
    state = request.app.state
    if not hasattr(state, "inside"):
        state.inside = Inside(Turns(state.served))
    inside: Inside = state.inside
    return inside


Looking = Annotated[Inside, Depends(inside_of)]


class Maps(Response):
    """A binary maps message."""

    media_type = MEDIA_TYPE


async def picture_of(request: Request, served: Served) -> Image.Image:
    """The one picture of a request, upright.

    Raises:
        Fault: there is none, or it cannot be read.
    """
    upload = await one_upload(request, served.settings)
    return await served.in_thread(upload.image, served.settings, "RGB")
