"""The description of the API, and whether the server keeps to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
# Looking inside and training need PyTorch and have tests of their own.
LIGHT = r"^/(v1/(predict|read|runs|networks)|healthz|readyz|metrics)$"
WITH_SCHEMAS = f"{CHECKS},response_schema_conformance"


def described(site) -> dict:
    return site.http.get("/openapi.json").json()


def test_every_route_has_a_summary_and_says_how_it_fails(site) -> None:
    description = described(site)
    assert {"/v1/predict", "/v1/read", "/v1/runs", "/v1/explain", "/v1/train"} < set(
        description["paths"]
    )
    ids = set()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert {"4XX", "5XX"} <= set(operation["responses"]), (method, path)
            ids.add(operation["operationId"])
    assert len(ids) == sum(len(m) for m in description["paths"].values())


def test_the_page_of_the_api_shows_every_route_and_fetches_nothing(site) -> None:
    text = site.http.get("/docs").text
    for path in described(site)["paths"]:
        assert path in text
    assert "curl &#39;" in text
    own = site.address.rstrip("/")
    assert "http" not in text.replace(own, "").replace("http-equiv", "")
    for address in ("style.css", "css/docs.css", "icon.svg", "js/before.js"):
        assert f'"/{address}"' in text
        assert site.http.get(f"/{address}").status_code == 200


def test_what_is_served_is_as_described(site) -> None:
    from convatlas.serve.shapes import Alive, Ready, Runs

    Runs.model_validate(site.http.get("/v1/runs").json())
    Alive.model_validate(site.http.get("/healthz").json())
    assert Ready.model_validate(site.http.get("/readyz").json()).ready


def fuzzed(site, tmp_path: Path, *options: str) -> str:
    """Requests made up from the description; what was wrong, or nothing."""
    command = [
        *(str(SCHEMATHESIS), "run", f"{site.address}openapi.json"),
        *("--workers", "1", "--no-color", "--request-timeout", "60"),
        *("--generation-deterministic", *options),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200"},
    )
    return "" if done.returncode == 0 else done.stdout[-6000:] + done.stderr[-2000:]


def test_made_up_requests_are_answered_as_described(site, tmp_path: Path) -> None:
    options = ["--include-path-regex", LIGHT, "--checks", WITH_SCHEMAS]
    phases = ["--phases", "examples,fuzzing", "--max-examples", "5"]
    assert fuzzed(site, tmp_path, *options, *phases) == ""
    assert site.errors == []


@pytest.mark.slow
def test_no_made_up_request_makes_a_server_error(start_server, tmp_path: Path) -> None:
    options = ["--checks", CHECKS, "--max-examples", "100"]
    with start_server("--allow-train", "--runs-folder", str(tmp_path / "r")) as own:
        assert fuzzed(own, tmp_path, *options, "--exclude-path-regex", "events") == ""
        assert own.errors == []


def test_metrics_count_requests_by_route(site) -> None:
    digit = (Path(__file__).parent / "data" / "digit.png").read_bytes()
    before = counted(site)
    site.http.post("/v1/predict", content=digit)
    site.http.get("/v1/runs/lenet5-and-more/structure")
    site.http.get("/whatever-somebody-types")
    after = counted(site)
    status = Path(f"/proc/{site.process.pid}/status").read_text()
    resident = 1024 * int(status.split("VmRSS:")[1].split()[0])
    ok = 'convatlas_requests_total{route="/v1/predict",status="200"}'
    assert after[ok] == before.get(ok, 0) + 1
    assert not any("whatever" in name or "and-more" in name for name in after)
    assert after["convatlas_requests_in_flight"] == 1  # the one that asks
    memory = after["process_resident_memory_bytes"]
    assert memory == pytest.approx(resident, rel=0.2)


def counted(site) -> dict[str, float]:
    lines = site.http.get("/metrics").text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_json_is_utf8_and_says_so(site) -> None:
    answer = site.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    json.loads(answer.content.decode("utf-8"))


def test_faults_are_json_whatever_the_answer_is(site) -> None:
    for methods in described(site)["paths"].values():
        for operation in methods.values():
            assert list(operation["responses"]["4XX"]["content"]) == [
                "application/json"
            ]
