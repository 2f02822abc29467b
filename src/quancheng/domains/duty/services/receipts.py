"""Sending a plan to main and copy recipients (主送、抄送), inside and outside the house; their receipts (签收)."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import OutsideReceipt, Plan, Receipt
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.people.matching import Matcher
from quancheng.kernel.people.models import Organisation

#: Why a plan is open to a copy recipient; main addressees see it as addressees.
COPY, ADDRESSEE = "copy", "addressee"
#: Names that stand for nobody in particular (有关单位): from them no receipt can be had.
_NOBODY = re.compile(r"有关|相关")


def send_plan(*, actor: Actor, plan: Plan, now: datetime) -> None:
    """Send a plan to its addressees: who is in the house sees it and owes a receipt, for the others the office enters
    one. A name that is both is a main addressee.
    """
    matcher = Matcher.load(speaker=plan.owner_org)
    inside: dict[uuid.UUID, str] = {}
    outside: dict[str, str] = {}
    for capacity, names in (("main", plan.addressees), ("copy", plan.copies)):
        for match in matcher.match_all(names):
            for org_id in match.organisations if match.sure else ():
                inside.setdefault(org_id, capacity)
            if not match.sure and clean(match.name) and not _NOBODY.search(match.name):
                outside.setdefault(clean(match.name)[:200], capacity)
    inside.pop(plan.owner_org_id, None)
    for org in Organisation.objects.filter(pk__in=inside).by_name():
        send_to(actor=actor, plan=plan, org=org, capacity=inside[org.pk], now=now)
    for name, capacity in outside.items():
        _send_out(actor=actor, plan=plan, name=name, capacity=capacity, now=now)


def send_on(
    *, actor: Actor, plan: Plan, org: Organisation | None, name: str, capacity: str, now: datetime
) -> Receipt | OutsideReceipt:
    """Send a plan under way to one more recipient: an organisation of the house, or a name outside it.

    :raises Invalid: neither or both. :raises Conflict: the plan was sent there already.
    """
    actor.require("duty.plans.review")
    if plan.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该计划由其他单位管理。"), code="other_organisation")
    if plan.status != "RUNNING":
        raise StaleState(_("该计划现为“%(state)s”，不能增发。") % {"state": plan.status_label})
    name = clean(name)[:200]
    if (org is None) == (not name):
        raise Invalid(fields={"name": _("请选择系统内单位，或填写系统外单位的名称，二者选一。")})
    if org is not None:
        if org.pk == plan.owner_org_id or Receipt.objects.filter(plan=plan, org=org).exists():
            raise Conflict(_("该单位已收到本计划。"))
        return send_to(actor=actor, plan=plan, org=org, capacity=capacity, now=now)
    if OutsideReceipt.objects.filter(plan=plan, name=name).exists():
        raise Conflict(_("该单位已收到本计划。"))
    return _send_out(actor=actor, plan=plan, name=name, capacity=capacity, now=now)


def send_to(*, actor: Actor, plan: Plan, org: Organisation, capacity: str, now: datetime) -> Receipt:
    """Send a committed plan to one organisation; sending twice is one receipt."""
    known = Receipt.objects.filter(plan=plan, org=org).first()
    if known is not None:
        return known
    receipt = Receipt(owner_org_id=plan.owner_org_id, plan=plan, org=org, capacity=capacity)
    with transaction.atomic():
        share(actor=actor, row=plan, to_org=org.pk, why=COPY if capacity == "copy" else ADDRESSEE, now=now)
        share(actor=actor, row=receipt, to_org=org.pk, why=ADDRESSEE, now=now)
        enter(actor=actor, row=receipt, now=now, facts={"plan": plan.pk, "org": org.pk, "capacity": capacity})
    return receipt


def _send_out(*, actor: Actor, plan: Plan, name: str, capacity: str, now: datetime) -> OutsideReceipt:
    receipt = OutsideReceipt(owner_org_id=plan.owner_org_id, reach="own", plan=plan, name=name, capacity=capacity)
    return enter(actor=actor, row=receipt, now=now, facts={"plan": plan.pk, "name": name, "capacity": capacity})


def receive(*, actor: Actor, receipt: Receipt, now: datetime, client_id: uuid.UUID | None = None) -> Receipt:
    """Acknowledge a plan for one's organisation (签收)."""
    return move(actor=actor, row=receipt, name="receive", now=now, changes={"received_at": now}, client_id=client_id)


def register_receipt(
    *,
    actor: Actor,
    receipt: OutsideReceipt,
    received_by: str,
    received_date: date,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> OutsideReceipt:
    """Enter who received a plan outside the house, and when.

    :raises Invalid: nobody named, or a day to come.
    """
    if received_date > Calendar().local_date(now):
        raise Invalid(fields={"received_date": _("签收日期不能晚于今天。")})
    given = {"received_by": clean(received_by)[:60], "received_date": received_date}
    return move(
        actor=actor, row=receipt, name="register", now=now, given=given, changes=given, client_id=client_id
    )
