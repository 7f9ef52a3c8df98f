"""How often a client may ask: a bucket that fills by itself, one a client."""

from collections import OrderedDict
from time import monotonic

SECONDS_AT_ONCE = 2.0  # of its rate that a client may use up in one go
MOST_CLIENTS = 10_000  # that are remembered; the one longest silent is forgotten


class Rate:
    """Requests of all clients.

    Args:
        per_second: of one client, on average; 0: any number.
    """

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = max(per_second * SECONDS_AT_ONCE, 1.0)
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Counts a request; 0 if it may go on, else the seconds until one may."""
        if self._per_second == 0:
            return 0.0
        now = monotonic()
        left, then = self._clients.pop(client, (self._most, now))
        left = min(left + (now - then) * self._per_second, self._most)
        allowed = left >= 1
        self._clients[client] = (left - 1 if allowed else left, now)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second
