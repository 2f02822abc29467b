"""What education shows on a person's own page: his record (一人一档) and the acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.training.models import EducationLevel, Person
from quancheng.domains.training.queries.coverage import standings_of
from quancheng.domains.training.queries.education import entry_education_of, records_of
from quancheng.domains.training.queries.orders import ORDER, orders_of
from quancheng.domains.training.services.keeping import may_keep
from quancheng.domains.training.views.coverage import state_mark
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.objects import Action, Tab


def education_tabs(row: Person, actor: Actor) -> Sequence[Tab]:
    """Orders and hours of a person whom a query gave to the actor."""
    orders = orders_of(row)
    records = records_of(row)

    def shown() -> dict[str, Any]:
        today = timezone.localdate()
        entry = entry_education_of([row], today)[row.pk]
        return {
            "orders": orders, "records": records, "entry": entry,
            "levels": [(EducationLevel(level).label, had, needed) for level, needed, had in entry.levels],
            "standings": [(one, state_mark(one)) for one in standings_of(row)],
        }  # fmt: skip

    return [
        Tab(name="education", label=_("教育培训"), count=len(records), template="training/_education.html",
            context=shown),
    ]  # fmt: skip


def education_actions(row: Person, actor: Actor) -> Sequence[Action]:
    """What the actor may do about a person's education now."""
    found = []
    if row.left_date is None:
        if may_keep(actor, row.file):
            url = reverse("training:record_new", args=[row.pk])
            found.append(Action(name="record", label=_("登记学时"), url=url))
        if actor.has(ORDER) and (actor.supervises or actor.organisation_id == row.file_id):
            url = reverse("training:order_new", args=[row.pk])
            found.append(Action(name="order", label=_("下达再培训令"), url=url))
    return found
