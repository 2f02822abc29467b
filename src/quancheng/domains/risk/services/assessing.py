"""Events assessed by a method (风险评估): the colour is derived from factors, never typed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.kinds import Method, Stage
from quancheng.domains.risk.models import RiskAssessment, RiskEvent
from quancheng.domains.risk.queries.settings import rules_on
from quancheng.domains.risk.services.keeping import note, require_keeper
from quancheng.domains.risk.services.recolouring import hold, recolour_events
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import basis, methods
from quancheng.standards.risk.colours import PointFacts, settle

#: Facts that make a point red whatever its score, as the form asks for them.
RED_FACTS = ("breaks_law", "accident_conditions_remain", "dangerous_place")


def assess(
    *, actor: Actor, event: RiskEvent, stage: str, method: str, values: Mapping[str, Any], facts: Mapping[str, Any],
    assessed_by: str, day: date, text: str, now: datetime, client_id: uuid.UUID | None = None,
) -> RiskAssessment:  # fmt: skip
    """Assess an event; its colour, its unit's and its object's follow in the same transaction.

    :param values: factors of the method (``standards.risk.methods``).
    :param facts: of :data:`RED_FACTS` (bool), and ``workers`` at the place; that it lies in a major hazard is known.
    :raises Invalid: by field: a factor that the method does not know, a day to come, a residual risk above the
        inherent one.
    """
    file = event.unit.object.file
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if stage not in Stage.values:
        wrong["stage"] = _("请选择评估口径。")
    if method not in Method.values:
        wrong["method"] = _("请选择评估方法。")
    if not clean(assessed_by):
        wrong["assessed_by"] = _("请填写评估人。")
    if day > Calendar().local_date(now):
        wrong["day"] = _("评估日期不能晚于今天。")
    if event.ended_date is not None:
        wrong["stage"] = _("此风险事件已撤销，不能再评估。")
    if wrong:
        raise Invalid(fields=wrong)
    rules = rules_on(day)
    try:
        rated = methods.rate(method, values, settings=rules.settings)
    except basis.BadInput as bad:
        raise Invalid(fields={bad.field: told(bad.reason)}) from bad
    level, steps = int(rated.colour), [_step(one) for one in rated.steps]
    if stage == Stage.INHERENT:
        # Measures answer for what makes a point red by rule: the rule speaks of the risk without them.
        settled = settle(rated.colour, _point(event, facts, rated.is_top))
        level = int(settled.colour)
        steps += [{"code": one.code, "zh": one.text.zh, "en": one.text.en} for one in settled.hits]
    elif event.inherent_level is not None and level < event.inherent_level:
        sentence = _("剩余风险不能高于固有风险（%(level)s），请先重新评估固有风险。")
        raise Invalid(fields={"stage": sentence % {"level": event.get_inherent_level_display()}})
    if stage == Stage.INHERENT and event.residual_level is not None and level > event.residual_level:
        sentence = _("固有风险不能低于剩余风险（%(level)s），请先重新评估剩余风险。")
        raise Invalid(fields={"stage": sentence % {"level": event.get_residual_level_display()}})
    inputs = plain({**values, **{name: value for name, value in facts.items() if value is not None}})

    def make() -> uuid.UUID:
        hold(event.unit.object_id)
        made = RiskAssessment.objects.create(
            event=event, stage=stage, method=method, convention=rated.rules, inputs=inputs, score=rated.score,
            level=level, steps=steps, text=clean(text)[:500], day=day, assessed_by=clean(assessed_by)[:200], at=now,
            by_name=actor.name,
        )  # fmt: skip
        RiskEvent.objects.filter(pk=event.pk).update(**{f"{stage}_level": level})
        said = {"event": event.pk, "stage": stage, "method": method, "score": rated.score, "level": level}
        note(actor, "risk.event.assess", file.pk, event, now, said)
        recolour_events(actor=actor, ids=[event.pk], because="risk.event.assess", now=now)
        return made.pk

    with transaction.atomic():
        body = {"event": event.pk, "stage": stage, "method": method, "inputs": inputs, "day": day}
        pk, _made = once(actor=actor, client_id=client_id, act="risk.event.assess", body=body, now=now, make=make)
    event.refresh_from_db()
    return RiskAssessment.objects.get(pk=pk)


def _point(event: RiskEvent, facts: Mapping[str, Any], is_top: bool) -> PointFacts:
    place = event.unit.object.place
    return PointFacts(
        breaks_law=facts.get("breaks_law"), accident_conditions_remain=facts.get("accident_conditions_remain"),
        in_major_hazard=place is not None and place.legal_grade is not None,
        dangerous_place=facts.get("dangerous_place"), workers=facts.get("workers"), top_grade=is_top,
    )  # fmt: skip


def _step(one: basis.Step) -> dict[str, Any]:
    value = None if one.value is None else str(one.value)
    return {"code": one.code, "zh": one.text.zh, "en": one.text.en, "value": value, "mark": str(one.mark)}
