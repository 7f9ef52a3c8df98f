"""What the user chose, checked."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from convatlas.errors import UsageError

MEBIBYTE = 1 << 20
MEGAPIXEL = 1_000_000
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
RATE_BEYOND_LOOPBACK = 50.0  # requests a second of one client, unless chosen


@dataclass(frozen=True)
class Settings:
    """How a server behaves.

    Attributes:
        host: name or address to listen on.
        port: 0 takes a free one.
        token: without it nobody is answered; None asks for none.
        allow_hosts: names beside those of this machine by which it may be called.
        allow_train: whether trainings can be started over HTTP.
        runs_folder: where such trainings are put.
        data_dir: where data sets lie; see ``convatlas data``.
        most_bytes: of a request's body.
        most_pixels: of a picture.
        most_pictures: of a request.
        queue: requests that are worked on at a time; the next is told to come back.
        rate: requests a second of one client on average; 0: any number.
        patience: seconds that a client may take to send a request.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    allow_hosts: tuple[str, ...] = ()
    allow_train: bool = False
    runs_folder: Path = Path("runs")
    data_dir: Path | None = None
    most_bytes: int = 32 * MEBIBYTE
    most_pixels: int = 50 * MEGAPIXEL
    most_pictures: int = 100
    queue: int = 256
    rate: float | None = None
    patience: float = 30.0

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise UsageError(f"--port {self.port}: 1 to 65535, or 0 for a free one")
        for name, value in (
            ("--max-pictures", self.most_pictures),
            ("--queue", self.queue),
        ):
            if value < 1:
                raise UsageError(f"{name} {value}: must be 1 or more")
        if self.rate is not None and not 0 <= self.rate < float("inf"):
            raise UsageError(f"--rate {self.rate:g}: requests a second, or 0 for any")
        if self.token is not None and not _can_be_sent(self.token):
            raise UsageError(
                "--token: at least 8 letters, digits or any of -._~ (it is sent in a "
                "header and in a link)"
            )
        if self.token is None and not self.loopback:
            raise UsageError(
                f"--host {self.host}: whoever reaches this machine could use it; add "
                "--token SECRET, or listen on 127.0.0.1"
            )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:  # a name
            return False

    @property
    def most_rate(self) -> float:
        """Requests a second of one client; 0: any number."""
        if self.rate is not None:
            return self.rate
        return 0.0 if self.loopback else RATE_BEYOND_LOOPBACK


def whole(flag: str, given: float, unit: int) -> int:
    """A limit in bytes or pixels, e.g. 33,554,432 for 32 MiB.

    Args:
        flag: of the command line, for a fault.
        given: in units.
        unit: bytes or pixels of one.

    Raises:
        UsageError: it is no number, infinite, or less than a byte or pixel.
    """
    if not 1 <= given * unit < float("inf"):
        raise UsageError(f"{flag} {given:g}: must be more than 0")
    return round(given * unit)


def _can_be_sent(token: str) -> bool:
    return len(token) >= 8 and all(
        letter.isascii() and (letter.isalnum() or letter in "-._~") for letter in token
    )
