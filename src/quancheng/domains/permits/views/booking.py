"""How far ahead work is booked (预约规则): as it stands, and setting it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import booking as forms
from quancheng.domains.permits.models import BookingRuleChange
from quancheng.domains.permits.queries import booking as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.services import booking as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.create import CreatePage
from quancheng.standards.gb30871.booking import CLAUSE, LEAD_D


class SetBookingRule(CreatePage):
    """The rule from a day on; below, how it was set before."""

    title = gettext_lazy("预约规则")
    lead = gettext_lazy("早于规定日期开始的作业只能作紧急预约并写明原因。已预约的作业按预约时的规则。")
    duty = RULES
    form = forms.BookingRuleForm
    template = "permits/booking_rule.html"
    back = "permits:filings"
    button = gettext_lazy("保存设置")
    clause, least = CLAUSE, LEAD_D

    @property
    def standing(self) -> int:
        """Days that are asked now."""
        return queries.days_ahead(queries.booking_changes(), timezone.now())

    @property
    def changes(self) -> Sequence[BookingRuleChange]:
        return queries.booking_changes()

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"lead_days": self.standing, "from_day": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_booking_rule(actor=actor, now=now, client_id=client_id, **given)
        return reverse("permits:booking_rule")
