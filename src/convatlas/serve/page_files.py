"""The page: the files of ``page/``, which are the only ones that are ever sent."""

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from convatlas.serve.faults import fault_of_status

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
}
INDEX = "index.html"


class PageFiles:
    """The page's files by their address; an address is looked up, never opened.

    Args:
        folder: of the files, listed once.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: Mapping[str, Path] = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES and path.is_file()
        }

    async def send(self, request: Request) -> Response:
        """The file of a request's address."""
        path = self._files.get(request.path_params["path"] or INDEX)
        if path is None:
            return fault_of_status(404).response()
        content = path.read_bytes()
        tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=TYPES[path.suffix])
