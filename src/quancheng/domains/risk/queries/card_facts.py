"""What risk list and registry tell of posts (岗位), for their cards: events, measures, colours, chemicals, signs.

Plain values, so that an edition can keep them as they were. For any number of posts the same few queries.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from quancheng.domains.registry.models import Chemical, DataSheet, Holding
from quancheng.domains.risk.models import Measure, Post, PostCard, RiskEvent, RiskUnit
from quancheng.standards import ghs
from quancheng.standards.risk.rows import accident_types
from quancheng.standards.risk.signs import signs_of
from quancheng.standards.wording import Text

#: Chemicals on one card, as the clear card has it [G].
MOST_CHEMICALS = 5
_FIRST_AID = 3
Facts = dict[str, Any]


def facts_of_posts(posts: Sequence[Post]) -> dict[uuid.UUID, Facts]:
    """What stands now, by post."""
    live = Q(ended_date__isnull=True)
    units = list(
        RiskUnit.objects.filter(live, post__in=[one.pk for one in posts], object__ended_date__isnull=True)
        .select_related("object").order_by("object__code", "code", "pk")
    )  # fmt: skip
    events = events_of_units([one.pk for one in units])
    stock = _stock_of(units)
    found = {}
    for post in posts:
        own = [one for one in units if one.post_id == post.pk]
        told = [event for one in own for event in events.get(one.pk, [])]
        told.sort(key=lambda one: (one["level"] or 9, one["static"] or 9))
        chemicals = _once(chemical for one in own for chemical in stock.get(one.pk, []))
        found[post.pk] = {
            "post": {"name": post.name, "department": post.department, "layer": post.layer},
            "units": [
                {"id": str(one.pk), "code": one.code, "name": one.name, "object": one.object.name} for one in own
            ],
            "events": told,
            "level": min((one["level"] for one in told if one["level"]), default=None),
            "chemicals": chemicals[:MOST_CHEMICALS],
            "more_chemicals": max(0, len(chemicals) - MOST_CHEMICALS),
            "signs": sorted({code for one in chemicals for code in one["signs"]}),
            "safety_signs": [_both(one.name) for one in signs_of(event["accident"] for event in told)],
        }
    return found


def facts_of(post: Post) -> Facts:
    """What stands now of one post."""
    return facts_of_posts([post])[post.pk]


def events_of_units(units: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Facts]]:
    """Events that stand, with the measures that stand, by unit, the gravest first. Two queries."""
    live = Q(ended_date__isnull=True)
    rows = list(RiskEvent.objects.filter(live, unit__in=units).select_related("unit").order_by("present_level", "pk"))
    measures: dict[uuid.UUID, list[Facts]] = {}
    for one in Measure.objects.filter(live, event__in=[row.pk for row in rows]).order_by("category", "subcategory",
                                                                                       "pk"):  # fmt: skip
        kept = {"id": str(one.pk), "text": one.text, "category": one.category, "failed": one.failed_at is not None}
        measures.setdefault(one.event_id, []).append(kept)
    accidents = accident_types()
    found: dict[uuid.UUID, list[Facts]] = {}
    for row in rows:
        named = accidents.get(row.accident)
        found.setdefault(row.unit_id, []).append({
            "id": str(row.pk), "name": row.name, "unit": row.unit.name, "level": row.present_level,
            "static": row.static_level, "inherent": row.inherent_level, "accident": row.accident,
            "accident_name": _both(named.name) if named else None, "consequence": row.consequence, "layer": row.layer,
            "measures": measures.get(row.pk, []),
        })  # fmt: skip
    return found


def chemicals_at(places: Iterable[uuid.UUID]) -> list[Facts]:
    """What is held in registered units, by name. Two queries."""
    held = _holdings(Q(facility__unit__in=list(places)))
    return _once(_chemicals(held).values())


def _stock_of(units: Sequence[RiskUnit]) -> dict[uuid.UUID, list[Facts]]:
    """Chemicals by risk unit: of its facility, or of its object's registered unit where it names none."""
    facilities = {one.facility_id for one in units if one.facility_id}
    places = {one.object.place_id for one in units if not one.facility_id and one.object.place_id}
    held = _holdings(Q(facility__in=facilities) | Q(facility__unit__in=places)) if facilities or places else []
    told = _chemicals(held)
    found: dict[uuid.UUID, list[Facts]] = {}
    for unit in units:
        for one in held:
            mine = one.facility_id == unit.facility_id if unit.facility_id else (
                unit.object.place_id is not None and one.facility.unit_id == unit.object.place_id
            )  # fmt: skip
            if mine:
                found.setdefault(unit.pk, []).append(told[one.chemical_id])
    return found


def _holdings(where: Q) -> list[Holding]:
    rows = Holding.objects.filter(where, ended_date__isnull=True, facility__decommissioned_date__isnull=True)
    return list(rows.select_related("chemical", "facility").order_by("chemical__pinyin", "pk"))


def _chemicals(held: Sequence[Holding]) -> dict[uuid.UUID, Facts]:
    """Points of the data sheets (MSDS要点) of what is held, by chemical: hazards, signs, limits, first aid."""
    files = {one.file_id for one in held}
    aid: dict[uuid.UUID, str] = {}
    sheets = DataSheet.objects.filter(
        issued_at__isnull=False, product__file__in=files, product__parts__chemical__in={one.chemical_id for one in held}
    )
    if held:
        named = sheets.values_list("product__parts__chemical", "sections").order_by("number")
        for chemical, sections in named:
            body = "".join((sections or [])[_FIRST_AID : _FIRST_AID + 1])
            if lines := [line.strip() for line in body.splitlines() if line.strip()]:
                aid[chemical] = lines[0][:120]
    known = {one.chemical_id: one.chemical for one in held}
    return {pk: _chemical(one, aid.get(pk, "")) for pk, one in known.items()}


def _chemical(one: Chemical, aid: str) -> Facts:
    label = ghs.label_of(ghs.parse("；".join(one.hazard_classes)).hazards)
    points = [
        {"zh": f"{zh} {value.normalize():f}{unit}", "en": f"{en} {value.normalize():f}{unit}"}
        for zh, en, value, unit in (
            ("闪点", "flash point", one.flash_point_c, " ℃"),
            ("爆炸下限", "lower explosive limit", one.lower_limit, "%"),
            ("爆炸上限", "upper explosive limit", one.upper_limit, "%"),
            ("最高容许浓度", "ceiling", one.ceiling_mg_m3, " mg/m³"),
            ("时间加权平均容许浓度", "time-weighted limit", one.twa_mg_m3, " mg/m³"),
        )
        if value is not None
    ]
    return {
        "id": str(one.pk), "name": one.name, "english": one.english, "cas": one.cas,
        "hazards": list(one.hazard_classes), "signal": _both(label.signal) if label.signal else None,
        "signs": list(label.pictograms), "statements": [_both(text) for _code, text in label.statements],
        "points": points, "first_aid": aid,
    }  # fmt: skip


def _once(rows: Iterable[Facts]) -> list[Facts]:
    return list({one["id"]: one for one in rows}.values())


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


# What changed ----------------------------------------------------------------------------------------------------


def changes_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, str]]:
    """What differs of a post's facts since an edition came into force, a sentence each in both languages."""
    found: list[dict[str, str]] = []
    old, new = _by_id(before["events"]), _by_id(now["events"])
    for pk, one in new.items():
        if pk not in old:
            found.append(_said("新增风险事件", "new risk event", one["name"]))
    for pk, one in old.items():
        if pk not in new:
            found.append(_said("风险事件已撤销", "risk event ended", one["name"]))
        else:
            found += _event_changes(one, new[pk])
    for words, name in ((("新增负责单元", "new unit"), "units"), (("新增化学品", "new chemical"), "chemicals")):
        known = _by_id(before[name])
        found += [_said(*words, one["name"]) for pk, one in _by_id(now[name]).items() if pk not in known]
    for words, name in ((("不再负责单元", "unit no longer its own"), "units"),
                        (("化学品已停用", "chemical no longer held"), "chemicals")):  # fmt: skip
        known = _by_id(now[name])
        found += [_said(*words, one["name"]) for pk, one in _by_id(before[name]).items() if pk not in known]
    here = _by_id(now["chemicals"])
    for pk, one in _by_id(before["chemicals"]).items():
        if pk in here and (one["hazards"], one["points"]) != (here[pk]["hazards"], here[pk]["points"]):
            found.append(_said("化学品危险性或参数已变化", "hazards or limits of a chemical changed", one["name"]))
    if before["post"] != now["post"]:
        found.append(_said("岗位名称、部门或层级已变化", "name, department or level of the post changed",
                           now["post"]["name"]))  # fmt: skip
    return found


def _event_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    if before["level"] != now["level"]:
        found.append(_said("风险等级已变化", "colour changed", now["name"]))
    if any(before[key] != now[key] for key in ("name", "accident", "consequence")):
        found.append(_said("风险事件内容已修改", "risk event reworded", now["name"]))
    old, new = _by_id(before["measures"]), _by_id(now["measures"])
    for pk, one in new.items():
        if pk not in old:
            found.append(_said("新增管控措施", "new measure", one["text"]))
        elif old[pk]["text"] != one["text"]:
            found.append(_said("管控措施已修改", "measure reworded", one["text"]))
        elif one["failed"] and not old[pk]["failed"]:
            found.append(_said("管控措施失效", "measure failed", one["text"]))
    found += [_said("管控措施已撤销", "measure ended", one["text"]) for pk, one in old.items() if pk not in new]
    return found


def _by_id(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(one["id"]): one for one in rows}


def _said(zh: str, en: str, about: str) -> dict[str, str]:
    return {"zh": f"{zh}：{about[:80]}", "en": f"{en}: {about[:80]}"}


def facts_for(card: PostCard) -> Mapping[str, Any]:
    """What an edition speaks of: what stands now, or what stood when one that counts no more was in force."""
    if card.status in ("SUPERSEDED", "DROPPED") and card.basis is not None:
        return card.basis
    return facts_of(card.post)
