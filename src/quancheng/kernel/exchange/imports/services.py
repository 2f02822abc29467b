"""An import from its upload to its undo: checked without writing, committed in one transaction, taken back whole."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    NotPermitted,
    StaleState,
    TooLarge,
    WrongType,
)
from quancheng.kernel.exchange.imports.declare import GivenForm, Key, Register, Row, Session, Source, get_register
from quancheng.kernel.exchange.imports.reading import DryRun, dry_run, look_ahead, open_session, row_of
from quancheng.kernel.exchange.models import ImportLine, ImportRun, ImportState
from quancheng.kernel.exchange.sheets import ReadLimits, SheetColumn
from quancheng.kernel.exchange.sheets.guard import checked_bytes
from quancheng.kernel.files.queries import files_of, open_original
from quancheng.kernel.files.services import attach_files, receive_file, release_files
from quancheng.kernel.longwork.kinds import Outcome, Run
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed
from quancheng.kernel.vault import services as vault

SEALED_KIND = "import"
HIDDEN = "******"
#: Sheets with personal identifiers are sealed in the database, so they stay small.
MOST_SEALED_BYTES = 2 * 2**20
#: More rows than a person waits for are written as long work.
MOST_AT_ONCE = 500
COMMIT_KIND = "exchange.import"
#: Warnings that are kept of one sheet.
MOST_WARNINGS = 200


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit gave; ``secrets`` are shown this once and kept nowhere."""

    run: ImportRun
    secrets: Sequence[tuple[str, ...]] = ()


def require_register(*, actor: Actor, code: str) -> Register:
    """:raises NotFound: there is no such register. :raises NotPermitted: the duty is missing."""
    entry = get_register(code)
    if entry is None:
        raise NotFound
    actor.require(entry.duty)
    return entry


def bind_form(entry: Register, *, actor: Actor, data: Any = None, initial: Any = None) -> GivenForm:
    """The register's form; an empty one where the sheet says everything."""
    return (entry.form or GivenForm)(actor=actor, data=data, initial=initial)


def check_upload(
    *, actor: Actor, code: str, name: str, content: bytes, given: Mapping[str, Any], now: datetime
) -> ImportRun:
    """Read a sheet without writing into the register; the file is kept with what was found.

    :param given: the fields of the register's form, as typed.
    :raises WrongType: no workbook, or an extension that says something else. :raises TooLarge: too much of it.
    :raises Invalid: damaged, or the form is not filled.
    """
    entry = require_register(actor=actor, code=code)
    if actor.organisation_id is None or actor.user_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    name = clean(name)[:200]
    check_size(len(content))
    checked_bytes(content, limits=ReadLimits())
    if not name.lower().endswith(".xlsx"):
        raise WrongType(_("文件内容是电子表格，扩展名却不是 .xlsx，请改正扩展名后重新上传。"), code="false_extension")
    if entry.seals and len(content) > MOST_SEALED_BYTES:
        raise TooLarge(_("文件超过 %(limit)s MB，请拆分后再导入。") % {"limit": MOST_SEALED_BYTES // 2**20})
    form = bind_form(entry, actor=actor, data=given)
    if not form.is_valid():
        raise Invalid(fields={field: "；".join(map(str, texts)) for field, texts in form.errors.items()})
    source = Source(name, hashlib.sha256(content).hexdigest(), content)
    found = dry_run(entry, actor=actor, given=form.cleaned_data, source=source, now=now)
    run = ImportRun(
        register=entry.code,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        state=ImportState.CHECKED if found.read.is_good else ImportState.BAD,
        name=name,
        sha256=source.sha256,
        size=len(content),
        given={field: str(given.get(field, "")) for field in form.fields},
        counts=found.counts,
        errors=_errors(entry, found),
        error_count=found.read.error_count,
        warnings=_warnings(found),
        ignored=[heading[:200] for heading in found.read.ignored_headings[:50]],
        basis=found.basis,
        created_at=now,
    )
    stored = None
    if entry.seals:
        run.sealed = vault.seal(SEALED_KIND, base64.b64encode(content).decode())
    else:
        stored = receive_file(actor=actor, content=BytesIO(content), name=name, now=now)
    with transaction.atomic():
        run.save(force_insert=True)
        ImportLine.objects.bulk_create(_lines(entry, run, found), batch_size=1000)
        if stored is not None:
            attach_files(actor=actor, row=run, file_ids=[stored.pk], now=now, role="source")
    return run


def check_size(size: int) -> None:
    """Refuse a file by its size before anything reads it."""
    most = ReadLimits().file_bytes
    if size > most:
        raise TooLarge(_("文件超过 %(limit)s MB，请拆分后再导入。") % {"limit": most // 2**20})


def begin_commit(*, actor: Actor, run: ImportRun, now: datetime, client_id: uuid.UUID | None = None) -> LongWork | None:
    """Queue the commit of a sheet with more rows than a person waits for; None where it is to be done at once.

    :raises Conflict: it was committed already, or has errors.
    """
    if run.saved_count <= MOST_AT_ONCE:
        return None
    _refuse_done(run)
    title = _("导入%(what)s：%(name)s") % {
        "what": require_register(actor=actor, code=run.register).title,
        "name": run.name,
    }
    return start_work(actor=actor, kind=COMMIT_KIND, title=title, params={"run": run.pk}, now=now, client_id=client_id)


def commit_as_work(work: Run) -> Outcome:
    """The commit as long work: the row and everything of it stand together, or nothing does."""
    run_id = uuid.UUID(work.params["run"])
    done = commit(actor=work.actor, run_id=run_id, now=work.now, step=work.progress.step)
    return Outcome(
        message=_("已导入 %(count)s 条。") % {"count": done.run.saved_count},
        link=reverse("exchange:import_run", args=[run_id]),
    )


def commit(
    *,
    actor: Actor,
    run_id: uuid.UUID,
    now: datetime,
    client_id: uuid.UUID | None = None,
    step: Callable[[], None] | None = None,
) -> Committed:
    """Write every row of a checked sheet in one transaction, or none.

    :param step: called after each row.
    :raises Conflict: it was committed already, or a row is refused. :raises StaleState: the register changed since.
    """
    secrets: list[tuple[str, ...]] = []

    def make() -> uuid.UUID:
        run, entry = _locked(actor, run_id)
        _refuse_done(run)
        form = bind_form(entry, actor=actor, data=run.given)
        if not form.is_valid():
            raise StaleState(_("导入条件已不成立，请重新上传。"))
        link = files_of(run, role="source").first()
        source = Source(run.name, run.sha256, read_source(run), link.file_id if link else None)
        found = dry_run(entry, actor=actor, given=form.cleaned_data, source=source, now=now)
        if not found.read.is_good or found.basis != run.basis:
            raise StaleState(_changed_since(run), code="import_stale")
        if step is not None:
            found.session.step = step
        ids = _save(found)
        secrets.extend(found.session.secrets)
        _note_after(entry, run, found, ids, open_session(entry, actor=actor, given=form.cleaned_data, now=now))
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportState.COMMITTED, committed_at=now, committed_by_id=actor.user_id
        )
        rows = [digest_of([line.number, line.mark, line.texts]) for line in run.lines.order_by("number", "pk")]
        _record(actor, "commit", run, now, rows=rows)
        return run.pk

    with transaction.atomic():
        once(actor=actor, client_id=client_id, act="exchange.import.commit", body={"run": run_id}, now=now, make=make)
    return Committed(_get(actor, run_id), secrets)


def undo(*, actor: Actor, run_id: uuid.UUID, now: datetime, client_id: uuid.UUID | None = None) -> ImportRun:
    """Take a committed import back in one transaction: what was changed reads as before, what was new is gone.

    :raises Conflict: too late, undone already, or somebody touched or uses one of its rows since.
    """

    def make() -> uuid.UUID:
        run, entry = _locked(actor, run_id)
        if run.state != ImportState.COMMITTED or run.committed_at is None:
            raise Conflict(_("该导入尚未提交或已撤销，不能撤销。"), code="import_not_committed")
        if now - run.committed_at > entry.undo_within:
            raise Conflict(
                _("导入已超过 %(days)s 天，不能撤销，请逐条修改。") % {"days": entry.undo_within.days},
                code="import_too_old",
            )
        _take_back(actor, entry, run, now)
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.UNDONE, undone_at=now, undone_by_id=actor.user_id)
        _record(actor, "undo", run, now)
        return run.pk

    with transaction.atomic():
        once(actor=actor, client_id=client_id, act="exchange.import.undo", body={"run": run_id}, now=now, make=make)
    return _get(actor, run_id)


def list_left(before: datetime) -> QuerySet[ImportRun]:
    """Sheets uploaded before a moment that nobody committed: for retention."""
    return ImportRun.objects.filter(committed_at__isnull=True, created_at__lt=before)


def list_committed(before: datetime) -> QuerySet[ImportRun]:
    """Sheets committed before a moment: for retention."""
    return ImportRun.objects.filter(committed_at__lt=before)


def remove_runs(rows: Sequence[ImportRun], now: datetime) -> None:
    """Delete sheets with their rows and files: for retention."""
    for run in rows:
        release_files(row=run)
        run.delete()


def may_read_source(*, actor: Actor, run: ImportRun) -> bool:
    """Whether the upload's bytes are the actor's to see: of a sheet with personal identifiers only who uploaded it."""
    return not run.sealed or run.user_id == actor.user_id


def hand_out(*, actor: Actor, run: ImportRun) -> bytes:
    """The upload's bytes, to be downloaded. :raises NotPermitted: they hold personal identifiers of another's sheet."""
    if not may_read_source(actor=actor, run=run):
        raise NotPermitted(_("该表格含个人信息，只有上传人可以下载。"))
    return read_source(run)


def read_source(run: ImportRun) -> bytes:
    """The upload's bytes. :raises NotFound: the store lost them."""
    if run.sealed:
        return base64.b64decode(vault.reveal(SEALED_KIND, run.sealed))
    link = files_of(run, role="source").first()
    if link is None:
        raise NotFound
    with open_original(link.file) as stream:
        return stream.read()


def _locked(actor: Actor, run_id: uuid.UUID) -> tuple[ImportRun, Register]:
    """The run and its register, both held to the end of the transaction: two commits take turns."""
    run = ImportRun.objects.visible_to(actor).filter(pk=run_id).select_for_update(no_key=True).first()
    if run is None:
        raise NotFound
    entry = require_register(actor=actor, code=run.register)
    key = int.from_bytes(hashlib.sha256(f"import:{run.register}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    return run, entry


def _get(actor: Actor, run_id: uuid.UUID) -> ImportRun:
    return ImportRun.objects.visible_to(actor).select_related("user", "committed_by", "undone_by").get(pk=run_id)


def _refuse_done(run: ImportRun) -> None:
    if run.state == ImportState.BAD:
        raise Conflict(_("表格中还有错误，请改正后重新上传。"), code="import_bad")
    if run.state != ImportState.CHECKED:
        raise Conflict(_said_by_whom(run), code="import_done")
    twin = earlier_twin(run)
    if twin is not None and twin.committed_at is not None and twin.committed_at >= run.created_at:
        raise Conflict(_said_by_whom(twin), code="import_done")


def earlier_twin(run: ImportRun) -> ImportRun | None:
    """The latest import of the same file into the same register with the same conditions that stands."""
    same = ImportRun.objects.filter(
        register=run.register, sha256=run.sha256, given=run.given, state=ImportState.COMMITTED
    )
    return same.exclude(pk=run.pk).select_related("committed_by").order_by("-committed_at").first()


def _said_by_whom(run: ImportRun) -> str:
    who = run.committed_by.name if run.committed_by else ""
    at = timezone.localtime(run.committed_at) if run.committed_at else None
    return _("该文件已由%(who)s于%(at)s导入，无需重复提交。") % {
        "who": who, "at": at.strftime("%Y-%m-%d %H:%M") if at else "",
    }  # fmt: skip


def _changed_since(run: ImportRun) -> str:
    other = (
        ImportRun.objects.filter(register=run.register, committed_at__gte=run.created_at)
        .select_related("committed_by")
        .order_by("-committed_at")
        .first()
    )
    if other is not None and other.sha256 == run.sha256:
        return _said_by_whom(other)
    if other is not None and other.committed_by is not None:
        words = {"who": other.committed_by.name}
        return _("核对之后，%(who)s导入了同一登记的内容，请重新上传本表核对。") % words
    return _("核对之后，登记的内容已有变化，请重新上传本表核对。")


def _save(found: DryRun) -> dict[Key, str]:
    """Save; a refusal of a service is told with its row."""
    session = found.session
    try:
        return session.save_all(found.rows, found.gone)
    except DomainError as refused:
        reasons = "；".join(str(text) for text in refused.fields.values()) or str(refused.message)
        row = session.saving
        text = (
            _("第 %(row)s 行未能导入，全部未导入：%(reason)s") % {"row": row.number, "reason": reasons}
            if row
            else (_("未能导入：%(reason)s") % {"reason": reasons})
        )
        raise Conflict(text, code="import_refused") from refused


def _note_after(entry: Register, run: ImportRun, found: DryRun, ids: Mapping[Key, str], session: Session) -> None:
    """Write down how each row stands right after the commit, from what an undo will ask with: no sealed column."""
    columns = _open_columns(entry, session)
    lines = {line.number: line for line in run.lines.filter(mark__in=("new", "changed"))}
    look_ahead((line.texts for line in lines.values()), columns)
    rows = {number: row_of(line.texts, number, columns, session) for number, line in lines.items()}
    standing = session.standing(list(rows.values()))
    saved = {row.number: ids.get(row.key, "") for row in found.rows}
    for number, line in lines.items():
        after = standing.get(rows[number].key)
        line.subject_id = saved.get(number, "") or (after.id if after else "")
        line.after = after.digest if after else ""
    ImportLine.objects.bulk_update(lines.values(), ["subject_id", "after"], batch_size=1000)


def _open_columns(entry: Register, session: Session) -> list[SheetColumn]:
    return [column for column in session.columns() if column.key not in entry.sealed]


def _take_back(actor: Actor, entry: Register, run: ImportRun, now: datetime) -> None:
    form = bind_form(entry, actor=actor, data=run.given)
    session = open_session(entry, actor=actor, given=form.cleaned_data if form.is_valid() else {}, now=now)
    columns = _open_columns(entry, session)
    lines = list(run.lines.filter(mark__in=("new", "changed", "gone")).order_by("number", "pk"))
    look_ahead((line.texts for line in lines), columns)
    rows = {line.pk: row_of(line.texts, line.number, columns, session) for line in lines}
    standing = session.standing(list(rows.values()))
    touched = []
    for line in lines:
        rows[line.pk].saved_id = line.subject_id
        now_standing = standing.get(rows[line.pk].key)
        if (now_standing.digest if now_standing else "") != line.after:
            touched.append(str(line.number) if line.number else "、".join(filter(None, rows[line.pk].key)))
        elif now_standing is not None:
            rows[line.pk].before = now_standing
    if touched:
        raise Conflict(
            _("导入之后，第 %(rows)s 行对应的记录已被修改或删除，不能撤销。") % {"rows": listed(touched[:10])},
            code="import_touched",
        )
    added = [rows[line.pk] for line in lines if line.mark == "new"]
    restored = [_before(line, rows[line.pk], columns, session) for line in lines if line.mark in ("changed", "gone")]
    try:
        session.undo_all(added, restored)
    except ProtectedError as used:
        raise Conflict(_("导入的记录已被其他记录引用，不能撤销。"), code="import_in_use") from used
    except DomainError as refused:
        reasons = "；".join(str(text) for text in refused.fields.values()) or str(refused.message)
        raise Conflict(_("不能撤销：%(reason)s") % {"reason": reasons}, code="import_in_use") from refused


def _before(line: ImportLine, row: Row, columns: Sequence[SheetColumn], session: Session) -> Row:
    """The row with the values that stood before the import."""
    former = row_of(line.before or {}, line.number, columns, session)
    for column in columns:
        if (line.before or {}).get(column.key) and former.values.get(column.key) is None:
            words = {"row": line.number, "heading": column.heading}
            raise Conflict(_("第 %(row)s 行原来的“%(heading)s”已不能恢复，不能撤销。") % words, code="import_in_use")
    former.before, former.saved_id = row.before, row.saved_id
    return former


def _errors(entry: Register, found: DryRun) -> list[dict[str, Any]]:
    headings = {column.key: str(column.heading) for column in found.columns}
    return [
        {
            "sheet": one.sheet,
            "cell": one.cell,
            "row": one.row,
            "key": one.key,
            "heading": headings.get(one.key, ""),
            "code": one.code,
            "reason": str(one.reason),
            "value": HIDDEN if one.key in entry.sealed and one.value else one.value,
        }
        for one in found.read.errors
    ]


def _warnings(found: DryRun) -> list[dict[str, Any]]:
    headings = {column.key: str(column.heading) for column in found.columns}
    good = [row for row in found.rows if found.mark_of(row) in ("new", "changed")]
    return [
        {"row": row.number, "key": one.key, "heading": headings.get(one.key, ""), "reason": str(one.reason)}
        for row, one in islice(found.session.warn_all(good), MOST_WARNINGS)
    ]


def _lines(entry: Register, run: ImportRun, found: DryRun) -> list[ImportLine]:
    lines = [
        ImportLine(
            run=run,
            number=row.number,
            mark=found.mark_of(row),
            texts=_hidden(entry, row.texts or _raw(row, found.columns)),
            before=_hidden(entry, row.before.texts) if row.before else None,
        )
        for row in found.rows
    ]
    for _key, standing in found.gone:
        texts = _hidden(entry, standing.texts)
        lines.append(ImportLine(run=run, number=0, mark="gone", texts=texts, before=texts, subject_id=standing.id))
    return lines


def _raw(row: Row, columns: Sequence[SheetColumn]) -> dict[str, str]:
    """Of a row with errors, what could be read."""
    return {column.key: column.text_of(row.values.get(column.key)) for column in columns if column.key in row.given}


def _hidden(entry: Register, texts: Mapping[str, str]) -> dict[str, str]:
    return {key: HIDDEN if text and key in entry.sealed else text for key, text in texts.items()}


def _record(actor: Actor, what: str, run: ImportRun, now: datetime, **facts: Any) -> None:
    journal.record(
        actor=actor, act=f"exchange.import.{what}", subject_type="exchange.importrun", subject_id=run.pk, now=now,
        facts={"register": run.register, "sha256": run.sha256, "counts": run.counts, **facts},
    )  # fmt: skip
