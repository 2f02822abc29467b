"""Setting figures of an enterprise (企业作业参数): never looser than the standard leaves them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import EnterpriseFigure
from quancheng.domains.permits.queries.figures import read_figure
from quancheng.domains.permits.queries.permits import SIGN_LEADER
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.parameters import with_changes


def set_figure(
    *, actor: Actor, file: Enterprise, name: str, value: str, from_date: date, reason: str, now: datetime
) -> EnterpriseFigure:
    """Set one figure from a day on.

    :raises Invalid: no such figure, looser than the standard allows (with its clause), a day that is past, no reason.
    """
    require_own(actor, file, SIGN_LEADER)
    wrong: dict[str, Text] = {}
    words, plain = clean(reason)[:300], clean(value).replace("：", ":")[:12]
    if not words:
        wrong["reason"] = _("请填写此项。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    try:
        with_changes({name: read_figure(plain)})
    except ValueError:
        wrong["value"] = _("请填写数值，时刻写作 20:00。")
    except BadInput as bad:
        wrong["value"] = said(bad.reason)
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = EnterpriseFigure.objects.create(
            **file.row_scope(), file=file, name=name, value=plain, from_date=from_date, reason=words,
            entered_by=actor.name, entered_at=now,
        )  # fmt: skip
        journal.record(
            actor=actor, act="permits.figure.set", subject_type=EnterpriseFigure.row_type(), subject_id=made.pk,
            org_id=file.pk, facts={"name": name, "value": plain, "from": from_date, "reason": words}, now=now,
        )  # fmt: skip
    return made
