"""Advice (辅助提示) on pages: the form of an analysis, filled with a draft out of like jobs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms.advice import DraftedAnalysisForm
from quancheng.domains.permits.forms.permits import steps_in
from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries import advice as queries
from quancheng.domains.permits.queries.permits import ANALYSED_IN, WORK, get_permit
from quancheng.domains.permits.services import advice as services
from quancheng.domains.permits.services.checking import require_own
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.create import CreatePage


def offers(row: Permit, actor: Actor) -> bool:
    """Whether a draft is offered; the caller asked that there is no analysis. One query, by whom it concerns alone."""
    own = actor.organisation_id == row.file_id and actor.has(WORK) and row.status in ANALYSED_IN
    return own and queries.is_on(row, timezone.now())


def measure_hints(row: Permit, actor: Actor) -> Mapping[str, queries.MeasureHint]:
    """What is hinted of the measures while they are decided, to the enterprise itself. Three queries at most."""
    own = actor.organisation_id == row.file_id and actor.has(WORK) and row.status == "PREPARING"
    return queries.hints_for(row, timezone.now()) if own else {}


class DraftedAnalysis(CreatePage):
    """An analysis that begins with what was analysed at like jobs. Nothing is stored before it is sent."""

    title = gettext_lazy("由同类作业生成草稿")
    duty: ClassVar[str | None] = None
    form = DraftedAnalysisForm
    template = "permits/analysis_draft.html"
    button = gettext_lazy("确认分析")
    permit: Permit

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, WORK)
        self.lead = str(self.permit)  # type: ignore[misc]
        self.offered: Sequence[queries.DraftStep] = (
            queries.draft_for(self.permit) if queries.is_on(self.permit, timezone.now()) else ()
        )

    def back_url(self) -> str:
        return f"{reverse('permits:permit', args=[self.permit.pk])}?tab=papers"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"steps": "\n".join(_line(one) for one in self.offered)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.confirm_draft(
            actor=actor, permit=self.permit, steps=steps_in(given["steps"]),
            participants=fields.lines(given["participants"]), is_checked=given["is_checked"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()


def _line(one: queries.DraftStep) -> str:
    # The stroke parts the columns of a line: one within a text would move the rest.
    return " | ".join(text.replace("|", "｜") for text in (one.step, one.hazard, one.measure))
