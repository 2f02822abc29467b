"""The index worked out (综合风险指数): for one enterprise at changed facts, for all each night; colours with their
delay, warnings that follow, parameters of the district.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import EnterpriseIndex, IndexRecord, IndexRule, IndexWarning
from quancheng.domains.risk.queries.index import Rules, rules_on
from quancheng.domains.risk.queries.index_facts import Facts, Signs, facts_of
from quancheng.domains.risk.queries.index_facts import register_factor as register_factor
from quancheng.domains.risk.queries.index_facts import register_floor as register_floor
from quancheng.domains.risk.queries.index_facts import register_score as register_score
from quancheng.domains.risk.queries.index_facts import register_share as register_share
from quancheng.domains.risk.services.settings import RULES
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import dynamic_index as model
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour

CLOCK = system_actor("risk", "risk.gradings.judge")
CHANGED = "risk.index.changed"
#: Files that are worked out in one transaction.
BATCH = 200
#: From which level a warning is raised: orange.
WARN_FROM = 2
_WORKED_OUT = [one.name for one in EnterpriseIndex._meta.concrete_fields if not one.primary_key]


def work_out(*, ids: Collection[uuid.UUID], because: str, now: datetime) -> list[uuid.UUID]:
    """Work out the index of these files; what changed gets a record, and a warning where it turned orange or red.

    Returns the files whose number or colour changed. A file that is closed or merged has none.
    """
    live = Enterprise.objects.filter(pk__in=ids, merged_into__isnull=True).exclude(life=Life.CLOSED)
    rules = rules_on(Calendar().local_date(now))
    with transaction.atomic():
        locked = live.select_related("enterprise").order_by("pk").select_for_update(of=("self",), no_key=True)
        files = {one.pk: one for one in locked}
        standing = EnterpriseIndex.objects.in_bulk(files)
        warned = {one.file_id: one for one in IndexWarning.objects.filter(file__in=files).exclude(status="CLOSED")}
        worked = [
            _worked_out(files[pk], standing.get(pk), facts, rules, now) for pk, facts in facts_of(files, now).items()
        ]
        changed = [one.file_id for one in worked if _differs(one, standing.get(one.file_id))]
        is_new = set(changed)
        EnterpriseIndex.objects.bulk_create(
            worked, update_conflicts=True, unique_fields=["file"], update_fields=_WORKED_OUT
        )
        IndexRecord.objects.bulk_create(
            IndexRecord(
                file_id=one.file_id, r=one.r, level=one.level, contributions=one.contributions, because=because[:60],
                model_version=one.model_version, at=now,
            )
            for one in worked
            if because == "night" or one.file_id in is_new
        )  # fmt: skip
        for one in worked:
            _warn(files[one.file_id], warned.get(one.file_id), one, now)
            if one.file_id in is_new:
                facts = {"r": str(one.r), "level": one.level}
                publish(CHANGED, files[one.file_id], actor=CLOCK, now=now, facts=facts)
    return changed


def work_out_all(*, now: datetime) -> int:
    """Each night: every enterprise, whether or not anything changed, with a record each."""
    rows = Enterprise.objects.filter(merged_into__isnull=True).exclude(life=Life.CLOSED).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        work_out(ids=ids[start : start + BATCH], because="night", now=now)
    return len(ids)


def answer_warning(
    *, actor: Actor, row: IndexWarning, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> IndexWarning:
    """``answer`` what was done about it, ``confirm`` it, or ``return`` it with a reason. :raises Invalid: no text."""
    if name != "confirm" and not clean(text):
        field = "evidence" if name == "answer" else "reason"
        raise Invalid(fields={field: _("请填写此项。")})
    changes: dict[str, Any] = {}
    if name == "answer":
        changes["result"] = clean(text)[:2000]
    if name == "confirm":
        changes["closed_at"] = now
    given = {"evidence" if name == "answer" else "reason": clean(text)[:500]}
    move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)
    return row


def set_index_rules(
    *, actor: Actor, limits: tuple[Decimal, Decimal, Decimal], margin: Decimal, calm_min: int, calm_red_min: int,
    weights: Mapping[str, Decimal], caps: Mapping[str, Decimal], mark: str, reason: str, from_date: date, now: datetime,
) -> IndexRule:  # fmt: skip
    """Set the parameters from a day on; numbers before keep theirs. :param limits: red, orange, yellow.

    :raises Invalid: limits that do not fall, weights that do not sum to 1, no reason, a day that is over.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if not 0 <= margin <= 20:
        wrong["margin"] = _("请填写0到20。")
    try:
        model.Parameters(
            limits={code: float(value) for code, value in enumerate(limits, start=1)}, margin=float(margin),
            weights={code: float(value) for code, value in weights.items()},
            caps={code: float(value) for code, value in caps.items()},
        )  # fmt: skip
    except BadInput as bad:
        name = {"limits": "red", "weights": "weight_H", "caps": "cap_hazard"}.get(bad.field, bad.field)
        wrong[name] = told(bad.reason)
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = IndexRule.objects.create(
            red=limits[0], orange=limits[1], yellow=limits[2], margin=margin, calm_min=calm_min,
            calm_red_min=calm_red_min, weights={code: float(value) for code, value in weights.items()},
            caps={code: float(value) for code, value in caps.items()}, mark=mark, reason=clean(reason)[:300],
            from_date=from_date, entered_at=now, entered_by_id=actor.user_id,
        )  # fmt: skip
        facts = {"limits": [str(one) for one in limits], "from": from_date, "reason": made.reason}
        journal.record(actor=actor, act="risk.index.rules", subject_type=subject_type_of(made), subject_id=made.pk,
                       facts=facts, now=now)  # fmt: skip
    return made


def _worked_out(
    file: Enterprise, row: EnterpriseIndex | None, facts: Facts, rules: Rules, now: datetime
) -> EnterpriseIndex:
    """The index as it comes out, beside the one that stands; nothing is saved."""
    today = Calendar().local_date(now)
    shares = {} if facts.score is not None else {code: one.value for code, one in facts.shares.items()}
    score = facts.score.value * 100 if facts.score is not None else model.management_score(shares)
    smooth, smooth_day = _smoothed(row, score, today)
    static = model.static_risk(facts.static, weights=rules.parameters.weights)
    values: dict[str, float | None] = dict.fromkeys(model.factors())
    for code, signs in facts.factors.items():
        values[code] = model.factor_values(signs.seen)[code]
    found = model.index(
        static=static, g=smooth, values=values, floor_codes=sorted(facts.floors), parameters=rules.parameters
    )
    colour, calm = _colour(row, found.r, rules, now)
    contributions = [
        {"code": one.code, "zh": one.name.zh, "en": one.name.en, "points": round(one.points, 1)}
        for one in found.contributions
    ]
    return EnterpriseIndex(
        file=file, r=found.shown, level=int(colour), calm_since_at=calm, static=_one(static.score),
        base=_tenth(found.base), score=_one(score),
        smoothed=None if smooth is None else Decimal(repr(smooth)).quantize(Decimal("0.001")),
        smoothed_date=smooth_day, parts=_parts(facts, values, rules, today), contributions=contributions,
        steps=[{"code": one.code, "zh": one.text.zh, "en": one.text.en, "mark": one.mark} for one in found.steps],
        model_version=rules.version, at=now,
    )  # fmt: skip


def _differs(fresh: EnterpriseIndex, row: EnterpriseIndex | None) -> bool:
    return row is None or (row.r, row.level) != (fresh.r, fresh.level)


def _smoothed(row: EnterpriseIndex | None, score: float | None, today: date) -> tuple[float | None, date | None]:
    """The smoothed score: once a day what stood gives way; within a day the first value of it is kept as the past."""
    if score is None:
        return None, None
    if row is None or row.smoothed is None or row.smoothed_date is None:
        return score, today
    days = (today - row.smoothed_date).days
    if days <= 0:
        return float(row.smoothed), row.smoothed_date
    return model.smoothed(float(row.smoothed), score, days=days), today


def _colour(row: EnterpriseIndex | None, r: float, rules: Rules, now: datetime) -> tuple[Colour, datetime | None]:
    """The colour to show, and since when R lies low enough for the colour before to be lowered."""
    if row is None:
        return model.colour_of(r, rules.parameters), None
    current = Colour(row.level)
    if not model.is_calm(current, r, rules.parameters):
        return model.next_colour(current, r=r, calm_min=0.0, parameters=rules.parameters), None
    since = row.calm_since_at or now
    minutes = (now - since).total_seconds() / 60
    after = model.next_colour(current, r=r, calm_min=minutes, parameters=rules.parameters)
    return after, None if after is not current else since


def _warn(file: Enterprise, row: IndexWarning | None, found: EnterpriseIndex, now: datetime) -> None:
    """Raise a warning at orange and red, worsen one that stands, close it when the colour has fallen.

    :param row: the one that stands.
    """
    level, r, contributions = found.level, found.r, found.contributions
    if level > WARN_FROM:
        if row is not None:
            move(actor=CLOCK, row=row, name="lapse", now=now, changes={"closed_at": now}, facts={"r": r})
        return
    if row is None:
        name = file.enterprise.name if file.enterprise else ""
        fresh = IndexWarning(
            **file.row_scope(), file=file, supervisor_id=file.supervisor_id, title=name[:240], level=level, r=r,
            contributions=contributions, created_at=now,
        )  # fmt: skip
        enter(actor=CLOCK, row=fresh, now=now, facts={"r": r, "level": level})
    elif level < row.level:
        changes = {"level": level, "r": r, "contributions": contributions}
        move(actor=CLOCK, row=row, name="worsen", now=now, changes=changes, facts={"r": r, "level": level})


def _parts(
    facts: Facts, values: Mapping[str, float | None], rules: Rules, today: date
) -> list[dict[str, Any]]:
    """Every part with its weight and its value, also of what nobody knows."""
    day = today.isoformat()
    found: list[dict[str, Any]] = []
    for code, (name, _weight) in model.STATIC.items():
        value = facts.static.get(code)
        found.append({
            "group": "static", "code": code, "zh": name.zh, "en": name.en, "weight": rules.parameters.weights[code],
            "value": None if value is None else round(value, 1), "is_known": value is not None, "day": day,
            "rows": list(facts.static_rows.get(code, ())),
        })  # fmt: skip
    if facts.score is not None:
        found.append({
            "group": "management", "code": "effect", "zh": "双重预防运行效果得分", "en": "Running effect",
            "weight": 1.0, "value": round(facts.score.value * 100, 1), "is_known": True, "day": day,
            "rows": list(facts.score.rows),
        })  # fmt: skip
    for code, (name, weight) in (() if facts.score is not None else model.MANAGEMENT.items()):
        share = facts.shares.get(code)
        found.append({
            "group": "management", "code": code, "zh": name.zh, "en": name.en, "weight": weight / 100,
            "value": None if share is None else round(share.value * 100, 1), "is_known": share is not None, "day": day,
            "rows": [] if share is None else list(share.rows),
        })  # fmt: skip
    for code, factor in model.factors().items():
        value = values[code]
        signs = facts.factors.get(code, Signs())
        found.append({
            "group": "dynamic", "code": code, "zh": factor.name.zh, "en": factor.name.en,
            "weight": rules.parameters.caps.get(code, factor.cap), "value": None if value is None else round(value, 2),
            "is_known": value is not None, "day": day, "rows": list(signs.rows),
        })  # fmt: skip
    for code, rows in facts.floors.items():
        text = model.floors()[code].text
        found.append({
            "group": "floor", "code": code, "zh": text.zh, "en": text.en, "weight": model.floors()[code].floor,
            "value": model.floors()[code].floor, "is_known": True, "day": day, "rows": list(rows),
        })  # fmt: skip
    return found


def _one(value: float | None) -> Decimal | None:
    return None if value is None else _tenth(value)


def _tenth(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
