"""Rows of the exchange from a sheet that a person commits: the same rules and services as for rows of a system."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeApplication, Finding, ReceivedRow
from quancheng.domains.hazards.models.exchange import SHEET, Outcome
from quancheng.domains.hazards.queries.exchange_facts import Subject, subjects_of
from quancheng.domains.hazards.services import findings
from quancheng.domains.hazards.services.check_tasks import remove_task
from quancheng.domains.hazards.services.exchange_apply import Applier, subject_of
from quancheng.domains.hazards.services.exchange_queue import call_outside
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services import risks
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict
from quancheng.kernel.exchange.upward.cipher import Cipher


def standing_by_key(code: str, keys: Collection[uuid.UUID], file: Enterprise) -> dict[uuid.UUID, Subject]:
    """The records behind outside keys, by those keys."""
    found = {key: subject for key in keys if (subject := subject_of(code, key, file)) is not None}
    subjects = subjects_of(code, list(found.values()))
    return {key: subjects[pk] for key, pk in found.items() if pk in subjects and not subjects[pk].is_deleted}


def take_row(
    *, actor: Actor, file: Enterprise, code: str, values: Mapping[str, Any], now: datetime
) -> uuid.UUID:
    """Enter or change what a line means; returns our key. :raises DomainError: what rules or services refuse."""
    key = uuid.UUID(values["id"])
    with transaction.atomic():
        applied = Applier(actor, file, now).apply(code, values, subject_of(code, key, file))
        if applied.subject_id is None:
            raise Conflict(_("没有这条记录。"))
        if applied.subject_id != key:
            _remember(actor, file, code, key, applied.subject_id, applied.title, now)
    return applied.subject_id


def take_back(*, actor: Actor, code: str, row: Any, now: datetime) -> None:
    """Take back what a sheet brought. :raises Conflict: it cannot be, or is in use."""
    reason = _("撤回导入")
    ends: dict[str, Any] = {"unit": risks.end_unit, "event": risks.end_event, "measure": risks.end_measure}
    with transaction.atomic():
        if code in ends:
            ends[code](actor=actor, row=row, reason=reason, now=now)
        elif code == "task":
            remove_task(actor=actor, row=row, now=now)
        elif code == "danger" and isinstance(row, Finding) and row.status == "REPORTED":
            findings.discard_finding(actor=actor, row=row, name="discard", reason=reason, now=now)
        else:
            raise Conflict(_("该记录已生效，不能撤回。"))
        ReceivedRow.objects.filter(table=code, subject_id=row.pk).update(is_deleted=True)


def _remember(
    actor: Actor, file: Enterprise, code: str, key: uuid.UUID, subject: uuid.UUID, title: str, now: datetime
) -> None:
    """Under which key the sheet knows a record, so that the next sheet means the same one."""
    source = ExchangeApplication.objects.filter(file=file, app_id__startswith=SHEET).order_by("created_at").first()
    if source is None:
        source = ExchangeApplication.objects.create(
            **file.row_scope(), file=file, name=_("表格导入"), app_id=f"{SHEET}{secrets.token_hex(7)}",
            cipher=Cipher.NONE, secret="", created_at=now, created_by_id=actor.user_id, revoked_at=now,
        )  # fmt: skip
    told = {
        "application": source, "subject_id": subject, "title": title[:200], "outcome": Outcome.TAKEN,
        "changed_at": now, "is_deleted": False, "received_at": now, "code": None, "reason": "",
    }  # fmt: skip
    known = ReceivedRow.objects.filter(table=code, external_id=key, file=file)
    if known.filter(application__revoked_at__isnull=True).exists():
        raise Conflict(_("该主键由企业系统对接维护，请在该系统中修改。"), code="kept_elsewhere")
    if not known.update(**told):
        ReceivedRow.objects.create(**file.row_scope(), file=file, table=code, external_id=key, **told)
    call_outside(code, subject, key)
