"""A server as a process: its socket, its signals, its end."""

import contextlib
import errno
import logging
import signal
import socket
import warnings
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from convatlas.errors import UsageError
from convatlas.serve.guard import Guard
from convatlas.serve.memory import give_back_freed_memory
from convatlas.serve.protocol import PatientProtocol
from convatlas.serve.settings import Settings

BACKLOG = 1024  # connections that wait to be accepted
KEEP_ALIVE_SECONDS = 30
GRACE_SECONDS = 30  # for what was begun when the end came
CHATTY = ("python_multipart", "PIL")  # about what clients send
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listening(settings: Settings) -> socket.socket:
    """A socket that takes connections at once, though nobody answers yet.

    Raises:
        UsageError: it cannot be had.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(
            f"--host {settings.host}: {error.strerror}; give a name or an address of "
            "this machine"
        ) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(
                f"--host {settings.host}: is no address of this machine; 127.0.0.1 is, "
                "and 0.0.0.0 stands for all of them"
            ) from None
        raise UsageError(
            f"--port {settings.port}: cannot listen on {where} ({error.strerror}); "
            "choose another, or 0 for a free one"
        ) from None
    return listener


def address_of(listener: socket.socket, settings: Settings) -> str:
    """Of the page, e.g. ``http://127.0.0.1:8000/``."""
    host = settings.host
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}/"


def run(
    app: Guard, listener: socket.socket, ready: Callable[[], None]
) -> signal.Signals:
    """Answers requests until a signal comes, then finishes what was begun.

    Args:
        app: made by ``create_app``.
        listener: made by ``listening``.
        ready: called when requests are answered.

    Returns:
        The signal.
    """
    give_back_freed_memory()
    warnings.simplefilter("ignore")  # PIL has many on odd pictures
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, ready, app.served.stopping.set)
    server.run(sockets=[listener])
    return server.ended_by


class _Server(uvicorn.Server):
    """Keeps signals to itself, so that the exit status is ours to choose.

    Args:
        config: of uvicorn.
        ready: called when requests are answered.
        ending: called when the end begins.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.ended_by = signal.SIGTERM
        self._ready = ready
        self._ending = ending

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {one: signal.signal(one, self.handle_exit) for one in SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.ended_by = signal.Signals(sig)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)
