"""Scenarios and their layers of protection (保护层分析, LOPA), worked out at each saving; typical values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import AnalysisRow, LopaScenario, LopaTypical, RiskEvent, RiskUnit
from quancheng.domains.risk.queries.analyses import typical_values
from quancheng.domains.risk.services.keeping import change_row, end_row, enter_row, require_keeper
from quancheng.domains.risk.services.settings import RULES
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import lopa
from quancheng.standards.risk.basis import BadInput

FIELDS = (
    "name", "initiating", "initiating_text", "frequency", "initiating_parts", "conditions", "layers", "tolerable",
    "tolerable_basis", "day", "assessed_by",
)  # fmt: skip
MOST_LAYERS = 12


def enter_lopa(
    *, actor: Actor, unit: RiskUnit, known: Mapping[str, Any], now: datetime, event: RiskEvent | None = None,
    row: AnalysisRow | None = None, client_id: uuid.UUID | None = None,
) -> LopaScenario:  # fmt: skip
    """Enter a scenario of a unit, from an event or a row of a HAZOP where it came from one.

    :param known: of :data:`FIELDS`; ``conditions`` as ``(name, probability)``, ``layers`` as ``(name, kind, pfd,
        parts)`` with ``pfd`` None for the gravest typical value of the kind.
    :raises Invalid: by field. :raises Conflict: such a scenario stands already.
    """
    file = unit.object.file
    require_keeper(actor, file)
    given = _given(known, now)
    body = {"unit": unit.pk, "name": given["name"], "layers": given["layers"], "result": given["result"]}
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.lopa.enter", file=file, body=body, now=now, client_id=client_id,
            twice=("name", _("该单元已有这个场景。")),
            make=lambda: LopaScenario.objects.create(
                **file.row_scope(), file=file, unit=unit, event=event, row=row, created_at=now, **given
            ),
        )  # fmt: skip
    return LopaScenario.objects.get(pk=pk)


def change_lopa(
    *, actor: Actor, row: LopaScenario, version: int, known: Mapping[str, Any], now: datetime
) -> LopaScenario:
    """Change a scenario; it is worked out anew. :raises Invalid: by field. :raises StaleState: saved meanwhile."""
    require_keeper(actor, row.file)
    with transaction.atomic():
        change_row(actor=actor, act="risk.lopa.change", file_id=row.file_id, row=row, version=version,
                   changes=_given(known, now), now=now, twice=("name", _("该单元已有这个场景。")))  # fmt: skip
    return row


def end_lopa(*, actor: Actor, row: LopaScenario, reason: str, now: datetime) -> None:
    """Take a scenario out; it stays to be read. :raises Invalid: no reason."""
    require_keeper(actor, row.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销的理由。")})
    with transaction.atomic():
        end_row(actor=actor, act="risk.lopa.end", file_id=row.file_id, row=row, now=now,
                day=Calendar().local_date(now), reason=clean(reason)[:300])  # fmt: skip


def set_typical(
    *, actor: Actor, kind: str, code: str, name: str, low: Decimal, high: Decimal, source: str, mark: str,
    from_date: date, now: datetime,
) -> LopaTypical:  # fmt: skip
    """Set a typical value from a day on; scenarios worked out before keep theirs. :raises Invalid: by field."""
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if kind not in ("event", "layer"):
        wrong["kind"] = _("请选择类别。")
    if not clean(code):
        wrong["code"] = _("请填写代码。")
    if not clean(name):
        wrong["name"] = _("请填写名称。")
    if not clean(source):
        wrong["source"] = _("请写明依据。")
    if mark not in ("V", "G", "D"):
        wrong["mark"] = _("请选择可信程度。")
    if low <= 0 or (kind == "layer" and high > 1):
        wrong["low" if low <= 0 else "high"] = _("失效概率应大于0且不超过1。")
    elif high < low:
        wrong["high"] = _("上限不能小于下限。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = LopaTypical.objects.create(
            kind=kind, code=clean(code)[:20], name=clean(name)[:100], low=low, high=high, source=clean(source)[:200],
            mark=mark, from_date=from_date, entered_at=now, entered_by_id=actor.user_id,
        )  # fmt: skip
        facts = {"kind": kind, "code": made.code, "low": low, "high": high, "from": from_date}
        journal.record(actor=actor, act="risk.lopa.typical", subject_type=subject_type_of(made), subject_id=made.pk,
                       facts=facts, now=now)  # fmt: skip
    return made


def _given(known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What was given, with what it comes to. :raises Invalid: by field."""
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {}
    for name, most, needed in (
        ("name", 500, True), ("initiating_text", 200, False), ("initiating_parts", 200, False),
        ("tolerable_basis", 200, True), ("assessed_by", 200, True),
    ):  # fmt: skip
        given[name] = clean(known.get(name) or "")[:most]
        if needed and not given[name]:
            wrong[name] = _("请填写此项。")
    today = Calendar().local_date(now)
    given["day"] = known.get("day") or today
    if given["day"] > today:
        wrong["day"] = _("分析日期不能晚于今天。")
    values = typical_values(given["day"])
    given["initiating"] = known.get("initiating") or ""
    usual = values["event"].get(given["initiating"])
    if given["initiating"] and usual is None:
        wrong["initiating"] = _("没有这个初始事件。")
    elif usual is None and not given["initiating_text"]:
        wrong["initiating_text"] = _("请选择典型初始事件，或在此说明。")
    frequency: Decimal | None = known.get("frequency")
    if frequency is None and usual is not None:
        frequency = usual.typical.high
    if frequency is None:
        wrong["frequency"] = _("请填写频率。")
    if known.get("tolerable") is None:
        wrong["tolerable"] = _("请填写可接受频率。")
    layers: Sequence[tuple[str, str, Decimal | None, tuple[str, ...]]] = known.get("layers") or ()
    if len(layers) > MOST_LAYERS:
        wrong["layers"] = _("最多%(most)s层。") % {"most": MOST_LAYERS}
    if wrong or frequency is None:
        raise Invalid(fields=wrong)
    kept, counted = _layers(layers, values)
    conditions = list(known.get("conditions") or ())
    typicals = {code: one.typical for code, one in values["layer"].items()}
    try:
        found = lopa.assess(
            initiating_frequency=frequency, conditions=[probability for _name, probability in conditions],
            layers=counted, tolerable_frequency=known["tolerable"], known=typicals,
            initiating_parts=given["initiating_parts"].replace(",", "、").split("、"),
        )  # fmt: skip
    except BadInput as bad:
        ours = {"initiating_frequency": "frequency", "tolerable_frequency": "tolerable", "pfd": "layers"}
        raise Invalid(fields={ours.get(bad.field, bad.field): told(bad.reason)}) from bad
    given |= {
        "frequency": frequency, "tolerable": known["tolerable"], "layers": kept,
        "conditions": [{"name": clean(one)[:100], "probability": str(value)} for one, value in conditions],
        "result": _result(found), "level": int(found.colour), "sil_missing": found.sil_missing,
    }  # fmt: skip
    return given


def _layers(
    layers: Sequence[tuple[str, str, Decimal | None, tuple[str, ...]]], values: Mapping[str, Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[lopa.Layer]]:
    kept: list[dict[str, Any]] = []
    counted: list[lopa.Layer] = []
    for name, kind, pfd, parts in layers:
        usual = values["layer"].get(kind)
        if kind and usual is None:
            raise Invalid(fields={"layers": _("没有“%(kind)s”这一类保护层。") % {"kind": kind}})
        chosen = pfd if pfd is not None else (usual.typical.high if usual is not None else None)
        if chosen is None:
            raise Invalid(fields={"layers": _("“%(name)s”没有典型值，请填写失效概率。") % {"name": name}})
        try:
            counted.append(lopa.Layer(
                name=clean(name)[:100], pfd=chosen, kind=kind if kind in lopa.layers_known() else "", parts=parts
            ))  # fmt: skip
        except BadInput as bad:
            words = {"name": name, "reason": told(bad.reason)}
            raise Invalid(fields={"layers": _("“%(name)s”的失效概率%(reason)s。") % words}) from bad
        kept.append({"name": clean(name)[:100], "kind": kind, "pfd": str(chosen), "parts": list(parts)})
    return kept, counted


def _result(found: lopa.LopaResult) -> dict[str, Any]:
    return {
        "unmitigated": f"{float(found.unmitigated):.3g}", "mitigated": f"{float(found.mitigated):.3g}",
        "rrf": f"{float(found.rrf):.3g}", "ratio": f"{float(found.ratio):.3g}", "sil": found.sil,
        "sil_missing": found.sil_missing, "mark": found.mark,
        "steps": [{"code": one.code, "zh": one.text.zh, "en": one.text.en, "mark": one.mark} for one in found.steps],
        "doubts": [{"zh": one.zh, "en": one.en} for one in found.doubts],
    }  # fmt: skip


