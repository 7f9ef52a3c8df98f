"""What every request goes through: who may ask, how much at a time, what is counted.

Around the framework, not inside it: a request that is refused costs almost nothing, and
``/v1/predict``, which has to be fast, does not pay for what it does not use.
"""

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from convatlas.serve.access import Access
from convatlas.serve.body import Held, LimitedBody, check_length
from convatlas.serve.faults import Fault, busy
from convatlas.serve.metrics import Metrics
from convatlas.serve.rate import Rate
from convatlas.serve.served import Served
from convatlas.serve.settings import Settings

LOG = logging.getLogger(__name__)
INTERNAL = Fault(500, "internal", "the server made a mistake; its log says more")

Endpoint = Callable[[Request], Awaitable[Response]]

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
    "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
]
COUNTED = "/v1/"  # addresses that the limits are about
ELSEWHERE = "other"  # counted for addresses that are no route


class Guard:
    """The application as the world sees it.

    Args:
        app: the routes.
        settings: limits and token.
        direct: endpoints by method and address that are called past the framework.

    Attributes:
        served: what the routes share.
    """

    def __init__(
        self,
        app: FastAPI,
        settings: Settings,
        direct: Mapping[tuple[str, str], Endpoint],
    ) -> None:
        self._app = app
        self.served: Served = app.state.served
        self._access = Access(settings)
        self._rate = Rate(settings.most_rate)
        self._settings = settings
        self._direct = direct
        self._metrics: Metrics = app.state.metrics
        self._working = 0
        self._held = Held()
        self._metrics.in_flight.set_function(lambda: self._working)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status, begun = 500, False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = message["headers"]
                own = {name for name, _ in headers}  # a diagram has its own policy
                headers.extend(pair for pair in HEADERS if pair[0] not in own)
            await send(message)

        self._working += 1
        limited = LimitedBody(receive, self._settings, self._held)
        try:
            await self._answer(scope, limited, answer)
        except Fault as fault:
            await fault.response()(scope, receive, answer)
        except Exception:
            if begun:
                raise
            LOG.exception("%s %s", scope["method"], scope["path"])
            await INTERNAL.response()(scope, receive, answer)
        finally:
            self._working -= 1
            limited.release()
            seconds = perf_counter() - started
            self._metrics.answered(_route(scope), status, seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        self._access.check(method, path, dict(scope["headers"]))
        if method == "GET" and not path.startswith(COUNTED):
            accepted = self._access.link_accepted(scope["query_string"])
            if accepted is not None:
                await _without_token(scope, *accepted)(scope, receive, send)
                return
        if path.startswith(COUNTED):
            self._check_limits(scope)
        check_length(scope, self._settings)
        endpoint = self._direct.get((method, path))
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        scope["direct"] = path
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)

    def _check_limits(self, scope: Scope) -> None:
        most = self._settings.queue
        if self._working > most:
            raise busy(f"{most} requests are worked on already; come back")
        client = scope.get("client")
        wait = self._rate.wait(client[0] if client else "")
        if wait > 0:
            raise Fault(
                429,
                "too_many_requests",
                "more requests than one client may send; wait a moment",
                max(math.ceil(wait), 1),
            )


def _route(scope: Scope) -> str:
    """The pattern of a request's route."""
    if "direct" in scope:
        return str(scope["direct"])
    pattern = getattr(scope.get("route"), "path", ELSEWHERE)
    return ELSEWHERE if pattern == "/{path:path}" else str(pattern)


def _without_token(scope: Scope, query: bytes, cookie: bytes) -> Response:
    """To the same page; the token is in a cookie now, not in the history."""
    # two slashes would lead to another host
    path = "/" + scope["raw_path"].decode("latin-1").lstrip("/\\")
    target = path + (f"?{query.decode()}" if query else "")
    response = Response(status_code=303, headers={"location": target})
    response.raw_headers.append((b"set-cookie", cookie))
    return response
