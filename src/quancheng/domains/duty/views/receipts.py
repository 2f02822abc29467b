"""Pages of receipts of a plan (签收), inside and outside the house."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.forms.receipts import OutsideReceiptForm
from quancheng.domains.duty.models import OutsideReceipt, Plan, Receipt
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.services import receipts as services
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.objects import Fact, ObjectHead


def _plan(plan: Plan) -> Any:
    return format_html('<a href="{}">{}</a>', reverse("duty:plan", args=[plan.pk]), plan.title)


class ReceiptPage(DomainPage[Receipt]):
    """One addressee's receipt."""

    back = (gettext_lazy("文件签收"), lambda: reverse("duty:receipts"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Receipt:
        return queries.get_receipt(actor=actor, receipt_id=kwargs["pk"])

    def head(self, row: Receipt, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.plan.title, code=row.plan.number, subtitle=row.org.name)

    def facts(self, row: Receipt, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("计划文件"), value=_plan(row.plan), wide=True),
            Fact(label=_("主送或抄送"), value=row.get_capacity_display()),
            Fact(label=_("签收时间"), value=row.received_at, filled_by=row.org.label),
        ]

    def perform(
        self, *, actor: Actor, row: Receipt, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "receive":
            services.receive(actor=actor, receipt=row, now=now, client_id=client_id)
        else:
            loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


class OutsideReceiptPage(DomainPage[OutsideReceipt]):
    """The receipt of an addressee without an account."""

    back = (gettext_lazy("文件签收"), lambda: reverse("duty:receipts"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {"register": OutsideReceiptForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> OutsideReceipt:
        return queries.get_outside_receipt(actor=actor, receipt_id=kwargs["pk"])

    def head(self, row: OutsideReceipt, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.plan.title, code=row.plan.number, subtitle=row.name)

    def facts(self, row: OutsideReceipt, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("计划文件"), value=_plan(row.plan), wide=True),
            Fact(label=_("系统外单位"), value=row.name),
            Fact(label=_("主送或抄送"), value=row.get_capacity_display()),
            Fact(label=_("签收人"), value=row.received_by, filled_by=row.owner_org.label),
            Fact(label=_("签收日期"), value=row.received_date, filled_by=row.owner_org.label),
        ]

    def perform(
        self, *, actor: Actor, row: OutsideReceipt, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "register":
            services.register_receipt(
                actor=actor, receipt=row, received_by=given["received_by"], received_date=given["received_date"],
                now=now, client_id=client_id,
            )  # fmt: skip
        else:
            loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)
