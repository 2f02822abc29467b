"""The wizard: choose a register, fill its template, upload, look at what would change, commit, take back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.kernel.exchange.imports import queries, services
from quancheng.kernel.exchange.imports.declare import GivenForm, Register, get_register, registers_for
from quancheng.kernel.exchange.imports.reading import open_session
from quancheng.kernel.exchange.models import ImportLine, ImportRun, ImportState
from quancheng.kernel.exchange.sheets import SheetColumn, write_errors, write_template
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.export import XLSX
from quancheng.kernel.pages.filters import Choice, Dates
from quancheng.kernel.pages.lists import Column, ListPage, Text
from quancheng.kernel.pages.respond import client_id_of, redirect_to
from quancheng.kernel.people.actors import actor_of

_TONES = {"checked": "active", "bad": "active", "committed": "done", "undone": "quiet"}


class SheetForm(forms.Form):
    """The filled sheet."""

    sheet = forms.FileField(
        label=gettext_lazy("填好的表格"),
        help_text=gettext_lazy("电子表格（.xlsx），不超过 20 MB；从本系统导出的表格也可以直接导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": gettext_lazy("请选择文件。"),
            "empty": gettext_lazy("该文件是空的，请检查后重新上传。"),
        },
    )


class RunList(ListPage):
    """Imports of the actor's organisation (导入记录)."""

    code = "exchange.imports"
    title = gettext_lazy("导入记录")
    default_sort = "-created_at"
    columns = (
        Column("name", gettext_lazy("文件名"), link=True, card="title", width="wide"),
        Column("register", gettext_lazy("登记内容"), sort="register", card="meta",
               value=lambda row: str(entry.title) if (entry := get_register(row.register)) else row.register),
        Column("state", gettext_lazy("状态"), value=lambda row: row.get_state_display(), card="meta", sort="state",
               render=lambda row: marks.badge(row.get_state_display(), _TONES[row.state])),
        Column("new", pgettext_lazy("import", "新增"), value=lambda row: row.counts.get("new", 0), numeric=True),
        Column("changed", pgettext_lazy("import", "修改"), value=lambda row: row.counts.get("changed", 0),
               numeric=True),
        Column("bad", gettext_lazy("有错误"), value=lambda row: row.counts.get("bad", 0), numeric=True),
        Column("user", gettext_lazy("上传人"), value=lambda row: row.user.name, card="meta"),
        Column("created_at", gettext_lazy("上传时间"), sort="created_at", card="meta"),
        Column("committed_by", gettext_lazy("导入人"),
               value=lambda row: row.committed_by.name if row.committed_by else ""),
        Column("committed_at", gettext_lazy("导入时间"), sort="committed_at"),
        Column("undone_at", gettext_lazy("撤销时间"), sort="undone_at", shown=False),
        Column("sha256", gettext_lazy("文件摘要"), shown=False),
    )  # fmt: skip
    filters = (
        Choice(name="register", label=gettext_lazy("登记内容"), field="register", pinned=True,
               choices=lambda actor: [(entry.code, entry.title) for entry in registers_for(actor)]),
        Choice(name="state", label=gettext_lazy("状态"), field="state", choices=ImportState.choices, pinned=True),
        Dates(name="on", label=gettext_lazy("上传时间"), field="created_at"),
    )  # fmt: skip
    empty_hint = gettext_lazy("每次导入的文件、核对结果和经办人都留在这里。")

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_runs(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("exchange:import_run", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("导入数据"), reverse("exchange:imports"))]


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Step 1: which register."""
    actor = actor_of(request)
    registers = registers_for(actor)
    recent = list(queries.list_runs(actor=actor)[:8])
    runs = [(run, marks.badge(run.get_state_display(), _TONES[run.state])) for run in recent]
    return render(request, "exchange/imports/choose.html", {"registers": registers, "runs": runs, "step": 1})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Steps 2 and 3: the template, and the filled sheet with what it does not say."""
    actor = actor_of(request)
    entry = services.require_register(actor=actor, code=code)
    if request.method != "POST":
        form = services.bind_form(entry, actor=actor)
        initial = {name: value for name, value in request.GET.items() if name in form.fields}
        if unknown := set(request.GET) - set(initial):
            raise unknown_parameter(min(unknown))
        form = services.bind_form(entry, actor=actor, initial=initial or None)
        return _upload_page(request, entry, form, SheetForm())
    form, sheet = services.bind_form(entry, actor=actor, data=request.POST), SheetForm(request.POST, request.FILES)
    if not (form.is_valid() and sheet.is_valid()):
        return _upload_page(request, entry, form, sheet, status=422)
    file: UploadedFile = sheet.cleaned_data["sheet"]
    try:
        services.check_size(file.size or 0)
        run = services.check_upload(
            actor=actor, code=code, name=file.name or "", content=file.read(), given=request.POST.dict(),
            now=timezone.now(),
        )  # fmt: skip
    except DomainError as refused:
        if refused.status not in (409, 413, 415, 422):
            raise
        for name, sentence in refused.fields.items():
            (form if name in form.fields else sheet).add_error(name if name in form.fields else "sheet", str(sentence))
        if not refused.fields:
            sheet.add_error("sheet", str(refused.message))
        return _upload_page(request, entry, form, sheet, status=refused.status)
    return redirect_to(request, reverse("exchange:import_run", args=[run.pk]))


def _upload_page(
    request: HttpRequest, entry: Register, form: GivenForm, sheet: SheetForm, *, status: int = 200
) -> HttpResponse:
    columns = _columns(entry, actor_of(request))
    context = {
        "entry": entry,
        "form": form,
        "sheet": sheet,
        "columns": columns,
        "step": 2,
        "back": entry.rows_url(),
        "undo_days": entry.undo_within.days,
    }
    return render(request, "exchange/imports/upload.html", context, status=status)


@require_safe
def template(request: HttpRequest, code: str) -> HttpResponse:
    """The empty sheet with its explanations and lists of choices."""
    actor = actor_of(request)
    entry = services.require_register(actor=actor, code=code)
    body = write_template(_columns(entry, actor), title=str(entry.title), demo=is_demo())
    return _xlsx(body, f"{entry.title}-{_('导入模板')}.xlsx")


@require_safe
def run_page(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Step 4, the preview; after the commit the result."""
    actor = actor_of(request)
    return _run_page(request, actor, queries.get_run(actor=actor, run_id=run_id))


def _run_page(
    request: HttpRequest,
    actor: Actor,
    run: ImportRun,
    *,
    refused: DomainError | None = None,
    secrets: Sequence[tuple[str, ...]] = (),
) -> HttpResponse:
    entry = queries.register_of(run)
    mark, first = _asked(request)
    columns = _columns(entry, actor)
    lines = queries.shown_lines(run=run, columns=columns, keys=entry.session.keys, mark=mark, first=first)
    total = queries.list_lines(run=run, mark=mark).count()
    now = timezone.now()
    path = reverse("exchange:import_run", args=[run.pk])
    tabs: list[dict[str, Any]] = [
        {"label": label, "count": number, "url": f"{path}?mark={code}", "current": code == mark}
        for code, label, number in queries.counts_of(run)
    ]
    context = {
        "run": run,
        "may_read": services.may_read_source(actor=actor, run=run),
        "entry": entry,
        "state": marks.badge(run.get_state_display(), _TONES[run.state]),
        "tabs": [{"label": _("需要核对"), "count": None, "url": path, "current": not mark}, *tabs],
        "rows_url": _made_at(entry, run),
        "lines": lines,
        "first_number": first + 1,
        "last_number": first + len(lines),
        "total": total,
        "next": f"{path}?mark={mark}&from={first + queries.SHOWN}" if first + len(lines) < total else "",
        "loose": [one for one in run.errors if one["row"] not in {line.number for line in lines}][:50],
        "step": 4 if run.state in ("checked", "bad") else 5,
        "may_undo": run.state == "committed" and run.committed_at and now - run.committed_at <= entry.undo_within,
        "undo_until": run.committed_at + entry.undo_within if run.committed_at else None,
        "upload_url": reverse("exchange:import_new", args=[entry.code]),
        "twin": services.earlier_twin(run) if run.state == "checked" else None,
        "refused": refused,
        "secrets": secrets,
        "secret_heads": entry.session.secret_heads,
        "client_id": str(uuid.uuid4()),
    }
    return render(request, "exchange/imports/run.html", context, status=refused.status if refused else 200)


def _made_at(entry: Register, run: ImportRun) -> str:
    """Where what was imported is found."""
    if entry.page_at:
        made = run.lines.exclude(subject_id="").order_by("number").values_list("subject_id", flat=True).first()
        return reverse(entry.page_at, args=[made]) if made else ""
    return entry.rows_url()


def _asked(request: HttpRequest) -> tuple[str, int]:
    """Which rows of a preview: their mark and the first one."""
    for name in request.GET:
        if name not in ("mark", "from"):
            raise unknown_parameter(name)
    mark, text = request.GET.get("mark", ""), request.GET.get("from", "") or "0"
    if mark and mark not in dict(ImportLine.MARKS):
        raise unknown_parameter("mark")
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise unknown_parameter("from")
    return mark, int(text)


@never_cache
@require_POST
def commit(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Write what the preview showed; what is shown once is on this answer only."""
    actor = actor_of(request)
    run = queries.get_run(actor=actor, run_id=run_id)
    try:
        work = services.begin_commit(actor=actor, run=run, now=timezone.now(), client_id=client_id_of(request))
        if work is not None:
            return redirect_to(request, work.get_absolute_url(), toast=_("行数较多，正在后台导入，完成后通知您。"))
        done = services.commit(actor=actor, run_id=run_id, now=timezone.now(), client_id=client_id_of(request))
    except DomainError as refused:
        if refused.status != 409:
            raise
        return _run_page(request, actor, queries.get_run(actor=actor, run_id=run_id), refused=refused)
    if done.secrets:
        return _run_page(request, actor, done.run, secrets=done.secrets)
    toast = _("已导入 %(count)s 条。") % {"count": done.run.saved_count}
    return redirect_to(request, reverse("exchange:import_run", args=[run_id]), toast=toast)


@require_POST
def undo(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Take it back, or say why not."""
    actor = actor_of(request)
    try:
        services.undo(actor=actor, run_id=run_id, now=timezone.now(), client_id=client_id_of(request))
    except DomainError as refused:
        if refused.status != 409:
            raise
        return _run_page(request, actor, queries.get_run(actor=actor, run_id=run_id), refused=refused)
    return redirect_to(request, reverse("exchange:import_run", args=[run_id]), toast=_("已撤销本次导入。"))


@require_safe
def marked_sheet(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The uploaded sheet with what is wrong beside each cell."""
    actor = actor_of(request)
    run = queries.get_run(actor=actor, run_id=run_id)
    body = write_errors(services.hand_out(actor=actor, run=run), queries.errors_of(run))
    return _xlsx(body, f"{run.name.removesuffix('.xlsx')}-{_('错误标注')}.xlsx")


@require_safe
def source(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The upload as it came."""
    actor = actor_of(request)
    run = queries.get_run(actor=actor, run_id=run_id)
    return _xlsx(services.hand_out(actor=actor, run=run), run.name)


def _columns(entry: Register, actor: Actor) -> list[SheetColumn]:
    session = open_session(entry, actor=actor, given={}, now=timezone.now())
    return [column for column in session.columns() if column.is_read]


def _xlsx(body: bytes, name: str) -> HttpResponse:
    disposition = f"attachment; filename=\"import.xlsx\"; filename*=UTF-8''{quote(name)}"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})
