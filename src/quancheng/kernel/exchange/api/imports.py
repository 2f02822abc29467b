"""Imports: a sheet checked without writing, committed in one act, taken back."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Query, Router, Schema, Status, UploadedFile

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.imports import queries, services
from quancheng.kernel.exchange.imports.declare import registers_for
from quancheng.kernel.exchange.models import ImportRun, ImportState
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["imports"])
#: Not demanded by the signature, so that who lacks the duty is told that first.
_FILE: Any = File(None)


class RegisterOut(Schema):
    """A register that the actor may import into."""

    code: str
    title: str
    hint: str
    most_rows: int


class CellErrorOut(Schema):
    """Why a cell cannot be taken; ``cell`` is its address in the sheet."""

    sheet: str
    cell: str
    row: int
    heading: str
    code: str
    reason: str
    value: str


class CellWarningOut(Schema):
    """What a person should know of a cell that can be taken."""

    row: int
    heading: str
    reason: str


class ImportOut(Schema):
    """A sheet and what became of it. ``counts`` has the rows by mark: new, changed, unchanged, gone, bad."""

    id: uuid.UUID
    register_code: str = Field(alias="register")
    state: str = Field(description="checked, bad, committed or undone")
    name: str
    sha256: str
    counts: dict[str, int]
    error_count: int
    errors: list[CellErrorOut]
    warnings: list[CellWarningOut] = Field(description="no reason to refuse the sheet")
    ignored: list[str] = Field(description="headings that were not read")
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None


class CommittedOut(Schema):
    """``secrets`` are told this once (of accounts: user name, name, organisation, initial password).

    A sheet of many rows is written as long work: ``work_id`` names it, and the import stays ``checked`` until then.
    """

    run: ImportOut
    work_id: uuid.UUID | None = None
    secrets: list[list[str]]


class ImportsIn(Paging):
    state: str = one_of(ImportState.values)


class UploadIn(Strict):
    values: str = Field("{}", max_length=10_000, description="JSON object: what the register asks for beside the sheet")


@router.get(
    "/registers",
    response={200: list[RegisterOut], **REFUSALS},
    operation_id="list_import_registers",
    summary="Registers that the actor may import into",
)
def registers(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"code": entry.code, "title": str(entry.title), "hint": str(entry.hint), "most_rows": entry.most_rows}
        for entry in registers_for(actor_of(request))
    ]


@router.get(
    "",
    response={200: Page[ImportOut], **REFUSALS},
    operation_id="list_imports",
    summary="Imports of the actor's organisation, the latest first",
)
def list_imports(request: HttpRequest, given: Query[ImportsIn]) -> dict[str, Any]:
    rows: QuerySet[ImportRun] = queries.list_runs(actor=actor_of(request))
    return page_of(rows.filter(state=given.state) if given.state else rows, given)


@router.post(
    "/registers/{code}",
    response={201: ImportOut, **REFUSALS},
    operation_id="check_import",
    summary="Check a sheet against a register without writing into it",
)
def check(
    request: HttpRequest, code: str, body: Form[UploadIn], file: UploadedFile | None = _FILE
) -> Status[ImportRun]:
    actor = actor_of(request)
    services.require_register(actor=actor, code=code)
    if file is None:
        raise Invalid(fields={"file": _("请选择文件。")})
    services.check_size(file.size or 0)
    run = services.check_upload(
        actor=actor, code=code, name=file.name or "", content=file.read(), given=_given(body.values),
        now=timezone.now(),
    )  # fmt: skip
    return Status(201, run)


@router.get(
    "/{uuid:run_id}",
    response={200: ImportOut, **REFUSALS},
    operation_id="get_import",
    summary="One import with its errors",
)
def get_import(request: HttpRequest, run_id: uuid.UUID) -> ImportRun:
    return queries.get_run(actor=actor_of(request), run_id=run_id)


@router.post(
    "/{uuid:run_id}/commit",
    response={200: CommittedOut, **REFUSALS},
    operation_id="commit_import",
    summary="Write every row of a checked sheet, or none",
)
def commit(request: HttpRequest, run_id: uuid.UUID) -> dict[str, Any]:
    actor, now, client_id = actor_of(request), timezone.now(), client_id_of(request)
    run = queries.get_run(actor=actor, run_id=run_id)
    work = services.begin_commit(actor=actor, run=run, now=now, client_id=client_id)
    if work is not None:
        return {"run": run, "work_id": work.pk, "secrets": []}
    done = services.commit(actor=actor, run_id=run_id, now=now, client_id=client_id)
    return {"run": done.run, "secrets": [list(line) for line in done.secrets]}


@router.post(
    "/{uuid:run_id}/undo",
    response={200: ImportOut, **REFUSALS},
    operation_id="undo_import",
    summary="Take an import back while nobody touched its rows",
)
def undo(request: HttpRequest, run_id: uuid.UUID) -> ImportRun:
    return services.undo(actor=actor_of(request), run_id=run_id, now=timezone.now(), client_id=client_id_of(request))


def _given(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(fields={"values": _("须为 JSON 对象。")})
    return {str(name): str(value) for name, value in found.items()}
