"""Pictures out of a request's body, in memory alone.

A body is one picture, or a form (``multipart/form-data``) with any number of files.
What a client says about a file, its type or its name, decides nothing: the name is
only given back.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from PIL import Image
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from convatlas.errors import NoPicture, PictureError, PictureTooLarge
from convatlas.picture_files import READABLE, upright
from convatlas.serve.faults import Fault
from convatlas.serve.settings import Settings

FORM = "multipart/form-data"
NAMELESS = "picture"
MOST_FIELDS = 20  # of a form that are no files; they are not looked at


@dataclass(frozen=True)
class Upload:
    """A file as it came.

    Attributes:
        name: as the client calls it; only ever given back.
        content: its bytes.
    """

    name: str
    content: bytes

    def image(self, settings: Settings, mode: Literal["L", "RGB"]) -> Image.Image:
        """The picture upright, without anything but its pixels; takes a thread's time.

        Raises:
            Fault: 413, 415 or 400.
        """
        try:
            return upright(
                self.content, mode, self.name, most_pixels=settings.most_pixels
            )
        except PictureTooLarge as error:
            raise Fault(413, "picture_too_large", str(error)) from None
        except NoPicture as error:
            raise Fault(415, "not_a_picture", str(error)) from None
        except PictureError as error:
            raise Fault(400, "picture_unreadable", str(error)) from None


async def uploads_of(request: Request, settings: Settings) -> tuple[list[Upload], bool]:
    """The pictures of a request, and whether they came as a form of several.

    Raises:
        Fault: 400 or 413.
    """
    try:
        body = await request.body()
    except ClientDisconnect:
        raise Fault(400, "incomplete", "the request ended early") from None
    kind = request.headers.get("content-type", "")
    if not kind.casefold().startswith(FORM):
        if not body:
            raise _no_picture()
        return [Upload(NAMELESS, body)], False
    found = await _from_form(request, body, settings.most_pictures)
    if not found:
        raise _no_picture()
    return found, len(found) > 1


async def one_upload(request: Request, settings: Settings) -> Upload:
    """The one picture of a request.

    Raises:
        Fault: 400 or 413.
    """
    found, several = await uploads_of(request, settings)
    if several:
        raise Fault(
            400, "too_many_pictures", f"{len(found)} pictures came; send one at a time"
        )
    return found[0]


class _InMemory(MultiPartParser):
    spool_max_size = 0  # never onto the disk: the body was limited before


async def _from_form(request: Request, body: bytes, most: int) -> list[Upload]:
    parser = _InMemory(
        request.headers, _at_once(body), max_files=most, max_fields=MOST_FIELDS
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many files"):
            raise Fault(
                413, "too_many_pictures", f"more than {most} pictures in one request"
            ) from None
        raise Fault(
            400, "form_unreadable", f"the form is damaged: {error.message}"
        ) from None
    except Exception:  # the parser trips over some damaged headers
        raise Fault(400, "form_unreadable", "the form is damaged") from None
    uploads = []
    for _, part in form.multi_items():
        if isinstance(part, UploadFile):
            uploads.append(Upload(_shown(part.filename), await part.read()))
    await form.close()
    return uploads


async def _at_once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _shown(name: str | None) -> str:
    """A file's name without its folders and without what cannot be printed."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:200] or NAMELESS


def _no_picture() -> Fault:
    return Fault(
        400,
        "no_picture",
        f"the request holds no picture; send one ({READABLE}) as the body, or in a "
        "form's field 'file'",
    )
