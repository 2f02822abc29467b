"""The enterprise records the violation behind an unsafe act (反三违)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding, Violation
from quancheng.domains.hazards.models.violations import ViolationKind
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.names import clean

CONFIRM = "hazards.findings.confirm"


def record_violation(*, actor: Actor, row: Finding, kind: str, worker: str, note: str, now: datetime) -> Violation:
    """Record which violation a danger is and whose; what is recorded again replaces what stood.

    :raises Conflict: the danger is no unsafe act. :raises NotPermitted: another organisation's.
    """
    actor.require(CONFIRM)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted
    if row.classification not in ("", "act"):
        raise Conflict(_("只有人的不安全行为才登记三违。"))
    wrong: dict[str, Text] = {}
    if kind not in ViolationKind.values:
        wrong["kind"] = _("没有这个选项。")
    if not clean(worker):
        wrong["worker"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    known = {"kind": kind, "worker": clean(worker)[:60], "note": clean(note)[:300], "by_name": actor.name, "at": now}
    with transaction.atomic():
        made, _created = Violation.objects.update_or_create(finding=row, defaults=known)
        Finding.objects.filter(pk=row.pk, classification="").update(classification="act")
        journal.record(actor=actor, act="hazards.violation.record", subject_type=row.row_type(), subject_id=row.pk,
                       org_id=row.owner_org_id, facts={"kind": kind}, now=now)  # fmt: skip
    return made
