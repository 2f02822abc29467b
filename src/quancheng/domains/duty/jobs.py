"""Long work of the room of tasks: situation packs on more than one may wait for."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.queries.plans import list_plans
from quancheng.domains.duty.services.reports import PACK_WORK, make_pack
from quancheng.kernel.longwork.kinds import Kind, Outcome, Run


def pack_in_background(run: Run) -> Outcome:
    """The pack stands with the end of the work or not at all."""
    plans = list_plans(actor=run.actor).filter(pk__in=run.params["plans"])
    first, last = (date.fromisoformat(run.params[name]) for name in ("first", "last"))
    pack = make_pack(actor=run.actor, plans=list(plans), first=first, last=last, now=run.now)
    return Outcome(message=_("已生成：%(title)s") % {"title": pack.title}, link=reverse("duty:pack", args=[pack.pk]))


KINDS = (Kind(code=PACK_WORK, label=gettext_lazy("情况通报"), run=pack_in_background, limit_s=900, is_atomic=True),)
