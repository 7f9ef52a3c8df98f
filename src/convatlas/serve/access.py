"""Who may ask: by which name the server is called, with which token, from where."""

from collections.abc import Mapping
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from convatlas.serve.faults import Fault
from convatlas.serve.settings import LOOPBACK_NAMES, Settings

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# all but the page, which holds nothing of anybody, and what an orchestrator asks
GUARDED = ("/v1/", "/metrics", "/openapi.json", "/docs")
COOKIE_DAYS = 30

Headers = Mapping[bytes, bytes]


class Access:
    """The rules of one server.

    Args:
        settings: host, token and further names.
    """

    def __init__(self, settings: Settings) -> None:
        self._token = None if settings.token is None else settings.token.encode()
        self._any_host = not settings.loopback and not settings.allow_hosts
        self._hosts = {*LOOPBACK_NAMES, *map(str.casefold, settings.allow_hosts)}
        # servers on one host share their cookies, whatever the port
        self.cookie = f"convatlas-{settings.port}"

    def check(self, method: str, path: str, headers: Headers) -> None:
        """Refuses a request that is not meant for this server, or has no token.

        Raises:
            Fault: 403 or 401.
        """
        host = headers.get(b"host", b"").decode("latin-1").casefold()
        if not self._any_host and _name_of(host) not in self._hosts:
            raise Fault(
                403,
                "host_refused",
                f"the server was called by the name {host!r:.80}, which is not its "
                "own; start it with --allow-host NAME",
            )
        if method not in SAFE_METHODS:
            _check_origin(host, headers)
        if self._token is not None and _is_guarded(path):
            self._check_token(headers)

    def link_accepted(self, query: bytes) -> tuple[bytes, bytes] | None:
        """Of the link of a page: its address without the token, and the cookie for it.

        None where the query holds no token, or a wrong one.
        """
        if self._token is None or b"token=" not in query:
            return None
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in pairs if name == "token"), "")
        if not compare_digest(given.encode(), self._token):
            return None
        rest = urlencode([pair for pair in pairs if pair[0] != "token"])
        cookie = (
            f"{self.cookie}={given}; Path=/; Max-Age={COOKIE_DAYS * 86400}; HttpOnly; "
            "SameSite=Strict"
        )
        return rest.encode(), cookie.encode()

    def _check_token(self, headers: Headers) -> None:
        assert self._token is not None
        kind, _, given = headers.get(b"authorization", b"").partition(b" ")
        if kind.lower() == b"bearer" and compare_digest(given.strip(), self._token):
            return
        if compare_digest(self._from_cookie(headers), self._token):
            return
        raise Fault(
            401,
            "token_needed",
            "the server wants its token: open the link that it printed, or send "
            "'Authorization: Bearer TOKEN'",
        )

    def _from_cookie(self, headers: Headers) -> bytes:
        try:
            cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return b""
        found = cookies.get(self.cookie)
        return b"" if found is None else found.value.encode("latin-1")


def _is_guarded(path: str) -> bool:
    return path.startswith(GUARDED)


def _name_of(host: str) -> str:
    """A host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _check_origin(host: str, headers: Headers) -> None:
    """Pages of others must not send anything, whatever the browser would let them."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        allowed = site in (b"same-origin", b"none")
    else:
        origin = headers.get(b"origin")
        # who is no browser sends neither
        allowed = origin is None or _host_of(origin) == host
    if not allowed:
        raise Fault(
            403, "origin_refused", "another site's page may not use this server"
        )


def _host_of(origin: bytes) -> str:
    try:
        return urlsplit(origin.decode("latin-1")).netloc.casefold()
    except ValueError:
        return ""
