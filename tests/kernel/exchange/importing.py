"""Sheets for tests of imports, and the steps of the wizard as a person takes them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from quancheng.kernel.exchange.models import ImportRun


def book(*rows: Sequence[Any]) -> bytes:
    """A workbook of one sheet; the first row has the headings."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def upload(client: Client, code: str, content: bytes, *, name: str = "表.xlsx", **given: Any) -> HttpResponse:
    """Send a filled sheet."""
    answer = client.post(f"/exchange/imports/of/{code}", {"sheet": SimpleUploadedFile(name, content), **given})
    return answer  # type: ignore[return-value]


def checked(client: Client, code: str, content: bytes, **given: Any) -> ImportRun:
    """Send a sheet that can be read; the run with its preview."""
    answer = upload(client, code, content, **given)
    assert answer.status_code == 303, answer.content.decode()
    return ImportRun.objects.get(pk=answer.headers["Location"].rsplit("/", 1)[1])


def commit(client: Client, run: ImportRun, **more: Any) -> HttpResponse:
    return client.post(f"/exchange/imports/{run.pk}/commit", more)  # type: ignore[return-value]


def undo(client: Client, run: ImportRun) -> HttpResponse:
    return client.post(f"/exchange/imports/{run.pk}/undo")  # type: ignore[return-value]


def imported(client: Client, code: str, content: bytes, **given: Any) -> ImportRun:
    """Send, look, commit."""
    run = checked(client, code, content, **given)
    assert run.state == "checked", run.errors
    answer = commit(client, run)
    assert answer.status_code in (200, 303), answer.content.decode()
    run.refresh_from_db()
    assert run.state == "committed"
    return run


def reasons(run: ImportRun) -> list[tuple[str, str]]:
    """Cell and code of every error."""
    return [(one["cell"], one["code"]) for one in run.errors]


def exported(client: Client, url: str) -> list[list[Any]]:
    """The rows of a list's spreadsheet, from its headings on."""
    answer = client.get(url)
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]
