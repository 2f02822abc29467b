"""What rows of an analysis would bring into the risk list (转入风险清单): new events, and changes of old ones."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.models import Analysis, AnalysisRow, Measure, RiskEvent
from quancheng.kernel.errors import Text

#: Class of a measure by its group; one of HAZOP that counts as independent layer is an instrument's.
CLASS_OF = {"engineering": "1-5", "management": "3-4", "training": "3-1", "ppe": "4-2", "emergency": "4-4"}
IPL_CLASS = "1-4"
LABELS: Mapping[str, Text] = {
    "name": _("风险事件"), "accident": _("可能导致的事故类型"), "consequence": _("可能后果"), "layer": _("管控层级"),
    "factors": _("评价参数"),
}  # fmt: skip


@dataclass(slots=True)
class Proposal:
    """What one row would do: ``new``, ``changed`` or ``same``."""

    row: AnalysisRow
    wanted: Mapping[str, Any]
    event: RiskEvent | None
    kind: str = "same"
    #: Field, what stands, what the row says.
    differences: list[tuple[str, Any, Any]] = field(default_factory=list)
    #: Class and words of measures to be added; measures that the row names no more.
    adds: list[tuple[str, str]] = field(default_factory=list)
    ends: list[Measure] = field(default_factory=list)


def wanted_of(analysis: Analysis, values: Mapping[str, Any]) -> dict[str, Any]:
    """The risk event that a row speaks of, with its measures and factors, as plain values."""
    is_hazop = analysis.method == scheme.HAZOP
    own = IPL_CLASS if is_hazop and values.get("is_ipl") else None
    consequence = "" if analysis.method == scheme.JHA else str(values.get("consequence", ""))
    return {
        "name": scheme.title_of(analysis.method, values),
        "accident": values.get("main_consequence", ""),
        "consequence": consequence[:500],
        "layer": values.get("control_level", ""),
        "measures": [[own or CLASS_OF[group], text] for group, text in scheme.measures_of(analysis.method, values)],
        "method": analysis.rating,
        "factors": {code: str(value) for code, value in sorted(scheme.factors_of(values, "f_").items())},
        "check": str(values.get("standard_requirement", ""))[:1000],
    }


def proposals_of(analysis: Analysis) -> Sequence[Proposal]:
    """What each row of an analysis would bring, in order; the caller got it through its own query.

    A row is compared with what was taken from it before: what people changed in the list since stays theirs.
    """
    rows = list(analysis.rows.select_related("event").order_by("order", "pk"))
    standing = {
        one.name: one for one in RiskEvent.objects.filter(unit=analysis.unit, ended_date__isnull=True).order_by("pk")
    }
    events = {one.event_id for one in rows if one.event_id} | {one.pk for one in standing.values()}
    measures: dict[uuid.UUID, list[Measure]] = {}
    for measure in Measure.objects.filter(event__in=events, ended_date__isnull=True).order_by("pk"):
        measures.setdefault(measure.event_id, []).append(measure)
    return [_proposal(analysis, one, standing, measures) for one in rows]


def _proposal(
    analysis: Analysis, row: AnalysisRow, standing: Mapping[str, RiskEvent],
    measures: Mapping[uuid.UUID, Sequence[Measure]],
) -> Proposal:  # fmt: skip
    wanted = wanted_of(analysis, row.values)
    event = row.event if row.event is not None and row.event.ended_date is None else standing.get(wanted["name"])
    found = Proposal(row, wanted, event)
    if event is None:
        found.kind = "new"
        found.adds = [(code, text) for code, text in wanted["measures"]]
        return found
    before = row.taken if row.event_id == event.pk and row.taken else {}
    for name in ("name", "accident", "consequence", "layer"):
        now = getattr(event, name)
        if wanted[name] and wanted[name] not in (now, before.get(name)):
            found.differences.append((name, now, wanted[name]))
    if (wanted["method"], wanted["factors"]) != (before.get("method"), before.get("factors")):
        shown = [" ".join(one["factors"].values()) if one else "" for one in (before, wanted)]
        found.differences.append(("factors", shown[0], shown[1]))
    there = measures.get(event.pk, ())
    texts = {one.text for one in there}
    taken = {text for _code, text in before.get("measures", ())}
    named = {text for _code, text in wanted["measures"]}
    found.adds = [(code, text) for code, text in wanted["measures"] if text not in texts and text not in taken]
    found.ends = [one for one in there if one.text in taken - named]
    is_linked = row.event_id == event.pk and row.taken is not None
    if found.differences or found.adds or found.ends or not is_linked:
        found.kind = "changed"
    return found
