"""The API's description as a page of our own: no script, no foreign host."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quancheng.runtime.api import api


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, body and answer; open, as the program text is."""
    schema = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    shapes = [_shape(name, shape) for name, shape in sorted(schema["components"]["schemas"].items())]
    return render(request, "exchange/api_docs.html", {"groups": sorted(groups.items()), "shapes": shapes})


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    answer = operation["responses"].get(200) or operation["responses"].get("200") or {}
    return {
        "method": method.upper(),
        "path": path,
        "id": operation["operationId"],
        "summary": operation.get("summary", ""),
        "parameters": [
            {
                "name": each["name"],
                "where": each["in"],
                "required": each.get("required", False),
                "type": _type(each["schema"]),
                "said": each["schema"].get("description", ""),
            }
            for each in operation.get("parameters", [])
        ],
        "body": [(kind, _type(content["schema"])) for kind, content in body.items()],
        "answer": [_type(content["schema"]) for content in answer.get("content", {}).values()],
    }


def _shape(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    needed = shape.get("required", [])
    return {
        "name": name,
        "said": shape.get("description", ""),
        "fields": [
            (field, _type(each), field in needed, each.get("description", ""))
            for field, each in shape.get("properties", {}).items()
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    """A type in a word or two: ``string (uuid)``, ``list of ItemOut``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind
