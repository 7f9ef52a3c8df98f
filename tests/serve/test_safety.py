"""Limits, headers, tokens, names and origins, asked of real servers."""

import contextlib
import io
import select
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

DIGIT = (Path(__file__).parent / "data" / "digit.png").read_bytes()
TOKEN = "a-long.secret_1"
ADDRESSES = ("/", "/v1/runs", "/healthz", "/openapi.json", "/docs", "/nothing")


@pytest.fixture(scope="module")
def strict(start_server) -> Iterator[object]:
    """A server with small limits, a token and a further name."""
    limits = ["--max-mb", "0.05", "--max-megapixels", "0.1", "--max-pictures", "3"]
    name = ["--allow-host", "digits.example"]
    with start_server("--token", TOKEN, *name, *limits) as one:
        one.http.headers["authorization"] = f"Bearer {TOKEN}"
        yield one


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, kind)
    return buffer.getvalue()


# limits


def test_a_body_that_is_too_long_is_refused_by_what_is_said_of_it(strict) -> None:
    answer = strict.http.post("/v1/predict", content=bytes(60_000))
    assert code(answer) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/read"])
def test_a_body_that_goes_on_and_on_is_given_up(strict, path: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 10_000
            yield bytes(10_000)

    try:
        assert code(strict.http.post(path, content=endless())) == (
            413,
            "body_too_large",
        )
    except httpx.WriteError:  # the server hung up while we were still sending
        pass
    assert sent < 20_000_000


def test_pixels_are_counted_before_they_are_decoded(strict) -> None:
    assert code(strict.http.post("/v1/predict", content=picture(400, 400))) == (
        413,
        "picture_too_large",
    )


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it has very many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + crc

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + bytes([1, 0, 0, 0, 0]))
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [12_000, 60_000, 2**31 - 1])
def test_a_decompression_bomb_is_not_opened(site, side: int) -> None:
    started = time.perf_counter()
    status, said = code(site.http.post("/v1/read", content=bomb(side, side)))
    assert (status, said) in ((413, "picture_too_large"), (400, "picture_unreadable"))
    assert time.perf_counter() - started < 5


def test_a_form_holds_only_so_many_pictures(strict) -> None:
    files = [("file", ("a.png", DIGIT))] * 4
    assert code(strict.http.post("/v1/predict", files=files)) == (
        413,
        "too_many_pictures",
    )
    assert len(strict.http.post("/v1/predict", files=files[:3]).json()["results"]) == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\n\r\n--x--", b"--x\r\nContent-Disposition: \xff\r\n"],
)
def test_damaged_forms_are_told(site, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = site.http.post("/v1/predict", content=body, headers=headers)
    assert answer.status_code == 400
    no_boundary = {"content-type": "multipart/form-data"}
    answer = site.http.post("/v1/predict", content=body, headers=no_boundary)
    assert answer.status_code == 400


def test_who_asks_too_often_is_told_when_to_come_back(start_server) -> None:
    with start_server("--rate", "2") as own:
        answers = [own.http.get("/v1/runs") for _ in range(8)]
        refused = [one for one in answers if one.status_code == 429]
        assert answers[0].status_code == 200 and refused
        assert code(refused[0]) == (429, "too_many_requests")
        assert int(refused[0].headers["retry-after"]) >= 1
        assert own.http.get("/healthz").status_code == 200  # not counted


def test_when_the_queue_is_full_the_next_is_told_to_come_back(start_server) -> None:
    head = b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    with start_server("--queue", "2") as own:
        place = own.address.removeprefix("http://").rstrip("/").split(":")
        where = (place[0], int(place[1]))
        with (
            socket.create_connection(where) as one,
            socket.create_connection(where) as two,
        ):
            one.sendall(head)
            two.sendall(head)
            deadline = time.monotonic() + 10
            while (answer := own.http.get("/v1/runs")).status_code == 200:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert code(answer) == (503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
            one.sendall(b"no pictur")
            assert one.recv(100).startswith(b"HTTP/1.1 415")
        while own.http.get("/v1/runs").status_code == 503:
            assert time.monotonic() < deadline + 10


def test_bodies_that_are_too_much_together_have_to_come_back(strict) -> None:
    head = (
        "POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n"
        f"Authorization: Bearer {TOKEN}\r\n\r\n"
    )
    place = strict.address.removeprefix("http://").rstrip("/").split(":")
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(9):
            one = socket.create_connection((place[0], int(place[1])), timeout=20)
            connections.append(stack.enter_context(one))
            one.sendall(head.encode() + bytes(49_000))
        told, _, _ = select.select(connections, [], [], 20)
        assert told
        for one in connections:
            with contextlib.suppress(OSError):
                one.sendall(bytes(1000))
        lines = sorted(one.recv(4000).split(b"\r\n")[0] for one in connections)
        assert lines[:1] == [b"HTTP/1.1 415 Unsupported Media Type"]
        assert lines[-1:] == [b"HTTP/1.1 503 Service Unavailable"]
        # all is given back in the end
        assert strict.http.post("/v1/predict", content=DIGIT).status_code == 200


# headers


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_has_the_usual_headers(site, path: str) -> None:
    headers = site.http.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy and "http" not in policy
    assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "server" not in headers and "access-control-allow-origin" not in headers


# names and origins


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
def test_it_answers_to_its_own_names_alone(site, host: str) -> None:
    for path in ("/", "/v1/runs"):
        answer = site.http.get(path, headers={"host": host})
        assert answer.status_code in (400, 403)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "LOCALHOST", "[::1]:80"])
def test_its_own_names_are_those_of_this_machine(site, host: str) -> None:
    assert site.http.get("/v1/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # no browser
        ({"origin": "SELF"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "SELF"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": "http://[bad"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "SELF"}, 403),
    ],
)
def test_pages_of_others_may_not_send(site, headers, status: int) -> None:
    own = site.address.rstrip("/")
    given = {name: value.replace("SELF", own) for name, value in headers.items()}
    answer = site.http.post("/v1/predict", content=DIGIT, headers=given)
    assert answer.status_code == status


def test_other_names_can_be_allowed(strict) -> None:
    headers = {"host": "digits.example", "origin": "https://digits.example"}
    answer = strict.http.post("/v1/predict", content=DIGIT, headers=headers)
    assert answer.status_code == 200
    assert strict.http.get("/v1/runs", headers={"host": "x"}).status_code == 403


# tokens


@pytest.mark.parametrize("path", ["/v1/runs", "/metrics", "/openapi.json", "/docs"])
@pytest.mark.parametrize(
    "given", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x"]
)
def test_without_the_token_nothing_is_told(strict, path: str, given) -> None:
    headers = {} if given is None else {"authorization": given}
    answer = httpx.get(strict.address.rstrip("/") + path, headers=headers)
    assert code(answer) == (401, "token_needed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_page_and_the_health_are_open(strict) -> None:
    for path in ("", "healthz", "readyz"):
        assert httpx.get(strict.address + path).status_code == 200


def test_the_printed_link_becomes_a_cookie(strict) -> None:
    assert strict.link == f"{strict.address}?token={TOKEN}"
    with httpx.Client() as browser:
        answer = browser.get(strict.link + "&x=1")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/?x=1"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert browser.get(strict.address + "v1/runs").status_code == 200
    wrong = httpx.get(strict.address + "?token=wrong-token")
    assert wrong.status_code == 200 and "set-cookie" not in wrong.headers


def test_the_link_leads_to_no_other_host(strict) -> None:
    for path in ("//evil.example", "/%2Fevil.example", "/\\evil.example/"):
        answer = httpx.get(f"{strict.address.rstrip('/')}{path}?token={TOKEN}")
        location = answer.headers.get("location", "/")
        assert location[:1] == "/" and location[1:2] not in ("/", "\\")


# files


@pytest.mark.parametrize(
    "path",
    [
        "/../settings.py",
        "/%2e%2e/settings.py",
        "/..%2fsettings.py",
        "/js/../../app.py",
        "//etc/passwd",
        "/etc/passwd",
        "/js",
        "/index.html%00.png",
        "/v1/runs/..%2f..%2fetc/structure",
    ],
)
def test_no_address_reaches_the_file_system(site, path: str) -> None:
    host, port = site.address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert answer.split(b" ")[1] in (b"404", b"400")
    assert b"root:" not in answer and b"import" not in answer


def test_files_of_the_page_are_checked_for_changes_only(site) -> None:
    first = site.http.get("/")
    tag = first.headers["etag"]
    again = site.http.get("/", headers={"if-none-match": tag})
    assert again.status_code == 304 and again.content == b""


# slow clients


@pytest.fixture(scope="module")
def impatient(start_server) -> Iterator[tuple[str, int]]:
    """Where a server listens that waits a second for a header, half of one for more."""
    program = (
        "from dataclasses import replace; "
        "from convatlas.serve import process, settings; "
        "process.KEEP_ALIVE_SECONDS = 1; S = settings.Settings; "
        "settings.Settings = lambda **given: replace(S(**given), patience=0.5); "
        "from convatlas.cli import main; main(['serve', '--port', '0'])"
    )
    with start_server(program=program) as own:
        host, port = own.address.removeprefix("http://").rstrip("/").split(":")
        yield host, int(port)


def test_a_client_that_sends_its_header_letter_by_letter_is_left(impatient) -> None:
    with socket.create_connection(impatient, timeout=20) as connection:
        started = time.monotonic()
        with pytest.raises(OSError):
            for letter in b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 500:
                connection.sendall(bytes([letter]))
                time.sleep(0.05)
        assert 0.8 < time.monotonic() - started < 20


def test_a_body_that_does_not_come_is_given_up(impatient) -> None:
    head = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    with socket.create_connection(impatient, timeout=20) as connection:
        connection.sendall(head + b"half")
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")
