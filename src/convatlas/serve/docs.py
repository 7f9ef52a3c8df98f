"""``/openapi.json``, and ``/docs``: the same for people, made here, without scripts."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from convatlas.serve.shapes import FAULTS

router = APIRouter(include_in_schema=False)

FAULT = {"$ref": "#/components/schemas/Error"}


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The description of the API."""
    content = json.dumps(_description(request.app), ensure_ascii=False)
    return Response(content.encode(), media_type="application/json")


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The same as a page."""
    return HTMLResponse(_page(request.app, str(request.base_url).rstrip("/")))


@lru_cache(maxsize=1)
def _description(app: FastAPI) -> dict[str, Any]:
    description = app.openapi()
    for methods in description["paths"].values():
        for operation in methods.values():
            for status in FAULTS:
                # the framework takes the type of the answer for that of the faults
                response = operation["responses"][status]
                response["content"] = {"application/json": {"schema": FAULT}}
    return description


def _page(app: FastAPI, address: str) -> str:
    environment = Environment(
        loader=PackageLoader("convatlas.serve", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    description = _description(app)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["others"])[0]
            shown = _operation(path, method, operation, description, address)
            groups.setdefault(tag, []).append(shown)
    template = environment.get_template("docs.html")
    return template.render(info=description["info"], groups=groups)


def _operation(
    path: str,
    method: str,
    operation: Mapping[str, Any],
    description: Mapping[str, Any],
    address: str,
) -> dict[str, Any]:
    """What the template shows of an operation."""
    parameters = operation.get("parameters", [])
    bodies = operation.get("requestBody", {}).get("content", {})
    responses = []
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {"": {}}).items():
            example = _example(content.get("schema", {}), description)
            responses.append(
                {
                    "status": status,
                    "text": response.get("description", ""),
                    "kind": kind,
                    "example": _pretty(example) if "json" in kind else "",
                }
            )
    return {
        "id": f"{method}{path}".replace("/", "-").strip("-"),
        "method": method.upper(),
        "path": path,
        "summary": operation.get("description", operation.get("summary", "")),
        "parameters": [_parameter(one) for one in parameters],
        "curl": _curl(path, method, parameters, bodies, description, address),
        "bodies": list(bodies),
        "responses": responses,
    }


def _parameter(one: Mapping[str, Any]) -> dict[str, str]:
    schema = one.get("schema", {})
    kinds = [
        kind
        for part in schema.get("anyOf", [schema])
        if (kind := part.get("type")) and kind != "null"
    ]
    limits = [
        f"{name} {schema[key]}"
        for key, name in (("minimum", "from"), ("maximum", "to"), ("default", "else"))
        if schema.get(key) is not None
    ]
    choices = [
        str(choice)
        for part in schema.get("anyOf", [schema])
        for choice in part.get("enum", ())
    ]
    return {
        "name": one["name"],
        "where": one["in"] + (", needed" if one.get("required") else ""),
        "kind": " ".join([*kinds, *limits]),
        "text": one.get("description", schema.get("description", "")),
        "choices": ", ".join(choices),
    }


def _curl(
    path: str,
    method: str,
    parameters: list[Any],
    bodies: Mapping[str, Any],
    description: Mapping[str, Any],
    address: str,
) -> str:
    """A line for a terminal that does it."""
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", _sample(one))
    needed = [
        f"{one['name']}={_sample(one)}"
        for one in parameters
        if one["in"] == "query" and one.get("required")
    ]
    query = f"?{'&'.join(needed)}" if needed else ""
    line = f"curl '{address}{path}{query}'"
    if "image/png" in bodies:
        return f"{line} --data-binary @picture.png"
    if "application/json" in bodies:
        body = _example(bodies["application/json"].get("schema", {}), description)
        sent = json.dumps(body, ensure_ascii=False)
        return f"{line} -H 'Content-Type: application/json' -d '{sent}'"
    return f"{line} -X POST" if method == "post" else line


def _sample(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", {})
    examples = schema.get("examples") or [parameter.get("example", parameter["name"])]
    return str(examples[0])


def _example(schema: Mapping[str, Any], description: Mapping[str, Any]) -> Any:
    """A value that fits a schema, of its examples where it has some."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(description["components"]["schemas"][name], description)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _example(schema[key][0], description)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            needed = schema.get("required", properties)
            return {
                name: _example(part, description)
                for name, part in properties.items()
                if name in needed
            }
        case "array":
            return [_example(schema.get("items", {}), description)]
        case "string":
            return "…"
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 0)
    return None


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
