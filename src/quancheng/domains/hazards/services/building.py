"""Building dual prevention (双重预防机制建设): papers uploaded, acceptance asked for and given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import BuildingAcceptance, BuildingPaper, PaperKind
from quancheng.domains.hazards.queries import building as queries
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.risk.building import ACCEPTANCE

KEEP, ACCEPT = "hazards.building.keep", "hazards.building.accept"


def add_paper(
    *, actor: Actor, file: Enterprise, kind: str, title: str, dated: date, text: str, headed: bool,
    files: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None,
) -> BuildingPaper:  # fmt: skip
    """Add a paper that shows a step.

    :param headed: says of the leader group that the main person heads it.
    :raises NotPermitted: another enterprise's. :raises Invalid: by field.
    """
    actor.require(KEEP)
    user_id = actor.user_id
    if file.pk != actor.organisation_id or user_id is None:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if kind not in PaperKind.values:
        wrong["kind"] = _("请选择材料类别。")
    if not clean(title):
        wrong["title"] = _("请填写材料名称。")
    if dated > Calendar().local_date(now):
        wrong["dated"] = _("文件日期不能晚于今天。")
    if kind == PaperKind.LEADERS and not headed:
        wrong["headed"] = _("领导小组应由主要负责人任组长。")
    if not files:
        wrong["files"] = _("请上传材料。")
    if wrong:
        raise Invalid(fields=wrong)
    body = {"file": file.pk, "kind": kind, "title": clean(title)[:200], "dated": dated, "text": clean(text)[:1000],
            "files": len(files)}  # fmt: skip

    def make() -> uuid.UUID:
        made = BuildingPaper.objects.create(
            file=file, kind=kind, title=clean(title)[:200], dated=dated, text=clean(text)[:1000], entered_at=now,
            entered_by_id=user_id, by_name=actor.name,
        )  # fmt: skip
        note(actor, "hazards.building.paper", file.pk, made, now, body)
        attach_files(actor=actor, row=made, file_ids=files, now=now)
        return made.pk

    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.building.paper", body=body, now=now, make=make)
    return BuildingPaper.objects.get(pk=pk)


def ask_acceptance(
    *, actor: Actor, file: Enterprise, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> BuildingAcceptance:
    """Ask the office to accept what was built, when all steps before are done.

    :raises Conflict: a step is missing, or it was asked for. :raises Invalid: nothing is said of the trial run.
    """
    actor.require(KEEP)
    if file.pk != actor.organisation_id:
        raise NotPermitted
    if not clean(text):
        raise Invalid(fields={"text": _("请写明试运行情况。")})
    known = queries.get_file(actor=actor, file_id=file.pk, today=Calendar().local_date(now))
    missing = [number for number in queries.NAMES if number < ACCEPTANCE and not queries.is_done(known, number)]
    if missing:
        told = "、".join(str(number) for number in missing)
        raise Conflict(_("第%(steps)s步尚未完成，不能申请验收。") % {"steps": told})
    scope = {**file.row_scope(), "owner_org_id": file.supervisor_id}
    row = BuildingAcceptance(
        **scope, file=file, supervisor_id=file.supervisor_id, title="双重预防机制建设验收", told=clean(text)[:2000],
        created_at=now,
    )  # fmt: skip
    try:
        made: BuildingAcceptance = enter(actor=actor, row=row, now=now, facts={"file": file.pk}, client_id=client_id)
    except IntegrityError as failure:
        raise Conflict(_("已经申请验收或已验收通过。")) from failure
    return made


def judge_acceptance(
    *, actor: Actor, row: BuildingAcceptance, name: str, text: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> BuildingAcceptance:  # fmt: skip
    """Accept, refuse or withdraw, with what was seen or why."""
    said = clean(text)[:2000]
    given = {"text" if name == "accept" else "reason": said}
    return move(actor=actor, row=row, name=name, now=now, given=given, changes={"text": said, "closed_at": now},
                client_id=client_id)  # fmt: skip
