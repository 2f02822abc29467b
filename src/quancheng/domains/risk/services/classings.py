"""What is to become of an enterprise (企业分类整治): labelled by its office, rectified, accepted, labelled anew."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import EnterpriseClass
from quancheng.domains.risk.models import Classing
from quancheng.domains.risk.queries.classings import LIVE
from quancheng.domains.risk.services.gradings import JUDGE
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.standards.risk.basis import months_later

#: Months after which a label that calls for nothing is looked at again. [D]
REVIEW_MONTHS = 12
CLOCK = system_actor("risk", JUDGE)


def may_class(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor labels a file that he sees: for the office that leads its supervision."""
    return file.supervisor_id == actor.organisation_id and actor.has(JUDGE) and file.merged_into_id is None


def class_enterprise(
    *, actor: Actor, file: Enterprise, kind: str, grounds: str, demands: str, due: date | None, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Classing:  # fmt: skip
    """Label an enterprise; one that is to rectify or to retire owes it until a day.

    :raises Invalid: by field. :raises Conflict: it has a label that stands: that is replaced first.
    """
    if not may_class(actor, file):
        raise NotPermitted
    to_do = kind != EnterpriseClass.GOOD

    def make() -> uuid.UUID:
        today = Calendar().local_date(now)
        _refuse(kind=kind, grounds=grounds, demands=demands, due=due, today=today)
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.pk)
        if Classing.objects.filter(file=file, status__in=LIVE).exists():
            raise Conflict(_("该企业已定类，请先撤销原定类。"))
        name = file.enterprise.name if file.enterprise else ""
        # Kept, and read by everybody: not in the language of whoever labels.
        with translation.override("zh-hans"):
            label = str(EnterpriseClass(kind).label)
        row = Classing(
            **file.row_scope(), code=next_code(Classing, "ZZ", now=now), file=file, supervisor_id=file.supervisor_id,
            title=f"{name}：{label}"[:240], kind=kind, grounds=clean(grounds)[:1000],
            demands=clean(demands)[:2000] if to_do else "", due_date=due if to_do else None,
            review_date=months_later(today, REVIEW_MONTHS), classed_by=actor.name[:130], created_at=now,
        )  # fmt: skip
        made = enter(actor=actor, row=row, now=now, facts={"kind": kind, "due": row.due_date})
        if to_do:
            move(actor=actor, row=made, name="call", now=now)
        return made.pk

    body = {"file": file.pk, "kind": kind, "grounds": clean(grounds), "demands": clean(demands), "due": str(due)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.classing.enter", body=body, now=now, make=make)
    return Classing.objects.get(pk=pk)


def _refuse(*, kind: str, grounds: str, demands: str, due: date | None, today: date) -> None:
    """:raises Invalid: by field."""
    wrong: dict[str, Text] = {}
    if kind not in EnterpriseClass.values:
        wrong["kind"] = _("请选择整治类别。")
    if not clean(grounds):
        wrong["grounds"] = _("请写明定类依据。")
    to_do = kind != EnterpriseClass.GOOD
    if to_do and not clean(demands):
        wrong["demands"] = _("请写明整治要求。")
    if to_do and due is None:
        wrong["due"] = _("请选择整治期限。")
    elif to_do and due is not None and due < today:
        wrong["due"] = _("整治期限不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)


def tell_progress(
    *, actor: Actor, row: Classing, name: str, percent: int, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Classing:  # fmt: skip
    """The enterprise tells how far it has come (``progress``), or that it is done (``report``, then 100 percent).

    :raises Invalid: by field.
    """
    wrong: dict[str, Text] = {}
    if name == "progress" and not 0 <= percent <= 100:
        wrong["percent"] = _("请填写0到%(most)s。") % {"most": 100}
    if not clean(text):
        wrong["text"] = _("请写明整治进展。")
    if name == "report" and not evidence:
        wrong["evidence"] = _("请上传佐证材料。")
    if wrong:
        raise Invalid(fields=wrong)
    changes: dict[str, Any] = {
        "percent": 100 if name == "report" else percent, "progress": clean(text)[:2000], "progress_at": now,
    }  # fmt: skip
    given = {"text": clean(text)[:500], "percent": changes["percent"]}

    def do() -> None:
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)

    act_once(actor=actor, row=row, act=f"risk.classing.{name}", body=given, now=now, client_id=client_id, do=do)
    return row


def judge_classing(
    *, actor: Actor, row: Classing, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Classing:
    """The office accepts (``accept``), sends back (``return``) or takes the label away (``replace``).

    :raises Invalid: at ``text`` or ``reason``, no word.
    """
    needed = "text" if name == "accept" else "reason"
    said = clean(text)
    if not said:
        raise Invalid(fields={needed: _("请写明意见。")})
    changes: dict[str, Any] = {"closed_at": now} if name in ("accept", "replace") else {}
    if name == "accept":
        changes["accepted"] = said[:1000]
    move(
        actor=actor, row=row, name=name, now=now, given={needed: said[:500]}, changes=changes, client_id=client_id
    )  # fmt: skip
    return row
