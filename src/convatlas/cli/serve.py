"""``convatlas serve``."""

import signal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import MissingExtra

app = new_app("serve")

PACKAGES = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")
STOPPED = 130


@app.default
def serve(
    runs: Annotated[list[Path] | None, Parameter(consume_multiple=True)] = None,
    /,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    allow_train: Annotated[bool, Parameter(negative=())] = False,
    open: Annotated[bool, Parameter(negative=())] = False,
    allow_host: Annotated[list[str] | None, Parameter(consume_multiple=True)] = None,
    runs_folder: Path = Path("runs"),
    data_dir: Path | None = None,
    max_mb: float = 32,
    max_megapixels: float = 50,
    max_pictures: int = 100,
    queue: int = 256,
    rate: float | None = None,
) -> int:
    """Draw, look inside, read, learn: a page in the browser, and the API under it.

    Without any run it serves a small trained LeNet-5 and the reader of house numbers
    that come with the package. Only this machine can reach it, unless --host says
    otherwise; then a token is needed. Ctrl-C finishes what was begun and stops.

    Examples: convatlas serve; convatlas serve runs/resnet20-mnist-1 --port 0 --open;
    curl --data-binary @digit.png http://127.0.0.1:8000/v1/predict

    Parameters
    ----------
    runs
        Run directories, and readers made by 'convatlas export'.
    host
        Name or address to listen on; 0.0.0.0 is every one of this machine.
    port
        To listen on; 0 takes a free one.
    token
        Who has it may use the server: in a link (?token=...) or as a bearer.
    allow_train
        Trainings may be started from the page.
    open
        Open the page in the browser.
    allow_host
        Further names by which browsers may call the server, e.g. behind a proxy.
    runs_folder
        Where trainings from the page are put.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    max_mb
        Longest request, in MiB.
    max_megapixels
        Largest picture.
    max_pictures
        Most pictures of a request.
    queue
        Requests that are worked on at a time; the next is told to come back.
    rate
        Requests a second of one client, 0 for any number; 50 beyond this machine.
    """
    _check_extra()
    from convatlas.serve.settings import MEBIBYTE, MEGAPIXEL, Settings, whole

    settings = Settings(
        host=host,
        port=port,
        token=token,
        allow_hosts=tuple(allow_host or ()),
        allow_train=allow_train,
        runs_folder=runs_folder,
        data_dir=data_dir,
        most_bytes=whole("--max-mb", max_mb, MEBIBYTE),
        most_pixels=whole("--max-megapixels", max_megapixels, MEGAPIXEL),
        most_pictures=max_pictures,
        queue=queue,
        rate=rate,
    )
    # each import a second or a part of it, after what can be refused without it
    from convatlas.serve.subjects import subjects_of

    subjects = subjects_of(runs or ())
    from convatlas.serve.process import address_of, listening, run

    listener = listening(settings)
    address = address_of(listener, settings)
    link = f"{address}?token={token}" if token else address

    def ready() -> None:
        print(f"convatlas serves on {link} (Ctrl-C stops)", flush=True)
        if open:
            import webbrowser
            from threading import Thread

            # a browser in the terminal is waited for, and needs answers meanwhile
            Thread(target=webbrowser.open, args=[link], daemon=True).start()

    from convatlas.serve.app import create_app

    ended_by = run(create_app(settings, subjects), listener, ready)
    return STOPPED if ended_by == signal.SIGINT else 0


def _check_extra() -> None:
    from importlib.util import find_spec

    for package in PACKAGES:
        if find_spec(package) is None:
            name = package.replace("_", "-")
            raise MissingExtra("convatlas serve", name, "serve")
