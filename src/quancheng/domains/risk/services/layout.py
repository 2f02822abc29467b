"""Required distances set by the district, and external safety distances of reports (间距要求、外部安全防护距离)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.points import point_fault
from quancheng.domains.risk.kinds import DistanceWay
from quancheng.domains.risk.models import DistanceRule, ExternalDistance
from quancheng.domains.risk.services.keeping import may_keep, note
from quancheng.domains.risk.services.layout_checks import check_files
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach, subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.queries import files_by_id
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.gb_t37243 import explosive_distances
from quancheng.standards.risk import layout as standard
from quancheng.standards.risk.basis import BadInput

RULES = "risk.rules"
#: A required distance was set.
RULED = "risk.distance_rule.set"
#: Metres that a required distance may be at most. [D]
MOST_M = 20_000
MARKS = ("V", "G", "D")
FIELDS = (
    "unit", "way", "tnt_kg", "first_m", "second_m", "third_m", "lon", "lat", "report", "report_no", "report_date",
    "institute",
)  # fmt: skip
_CLASSES = ("first_m", "second_m", "third_m")
_LENGTHS = {"report": 200, "report_no": 80, "institute": 200}


def set_distance(
    *, actor: Actor, source: str, target: str, metres: int | None, basis: str, mark: str, from_date: date,
    now: datetime, client_id: uuid.UUID | None = None,
) -> DistanceRule:  # fmt: skip
    """Set the distance between a kind of enterprise and a class of target from a day on; None asks for none.

    :raises Invalid: by field; a day that is past.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if source not in standard.SOURCES:
        wrong["source"] = _("请选择企业类型。")
    if target not in standard.TARGETS or ((source, target) == standard.CONFLICT) != ("zone" in target):
        wrong["target"] = _("请选择与企业类型相应的目标类型。")
    if metres is not None and not 1 <= metres <= MOST_M:
        wrong["metres"] = _("请填写1到%(most)s。") % {"most": MOST_M}
    if not clean(basis):
        wrong["basis"] = _("请写明依据。")
    if mark not in MARKS:
        wrong["mark"] = _("请选择可信程度。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    if actor.organisation_id is None:
        raise NotPermitted
    given: dict[str, Any] = {
        "source": source, "target": target, "metres": metres, "basis": clean(basis)[:300], "mark": mark,
        "from_date": from_date,
    }  # fmt: skip
    organisation_id = actor.organisation_id

    def make() -> uuid.UUID:
        made = DistanceRule.objects.create(
            owner_org_id=organisation_id, reach=Reach.PUBLIC, entered_by=actor.name[:130], entered_at=now, **given
        )
        facts = {"source": source, "target": target, "metres": metres, "mark": mark, "from": from_date}
        journal.record(actor=actor, act=RULED, subject_type=subject_type_of(made), subject_id=made.pk, facts=facts,
                       now=now)  # fmt: skip
        publish(RULED, made, actor=actor, now=now)
        return made.pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act=RULED, body=given, now=now, make=make)
    return DistanceRule.objects.get(pk=pk)


def tell_distance(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> ExternalDistance:  # fmt: skip
    """Enter what an assessment report asks around an enterprise or a unit; its checks follow at once.

    :param known: of :data:`FIELDS`. Distances from explosives follow from the TNT, those given are ignored.
    :raises Invalid: by field. :raises NotPermitted: who does not keep the file.
    """
    if not may_keep(actor, file):
        raise NotPermitted
    given = _given(file, known, now)

    def make() -> uuid.UUID:
        row = ExternalDistance.objects.create(
            **file.row_scope(), file=file, entered_by=actor.name[:130], entered_at=now, **given
        )
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        facts = {name: given[name] for name in ("way", *_CLASSES, "report", "report_no", "report_date")}
        note(actor, "risk.external_distance.tell", file.pk, row, now, facts)
        return row.pk

    papers = sorted(one.original_digest for one in files_by_id(evidence))
    body = {**given, "file": file.pk, "unit": given["unit"].pk if given["unit"] else None, "evidence": papers}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="risk.external_distance.tell", body=body, now=now, make=make
        )
    # When it stands: measuring holds no lock on what was written. What a crash here loses, the night finds.
    check_files(ids=[file.pk], now=now)
    return ExternalDistance.objects.get(pk=pk)


def _given(file: Enterprise, known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name, most in _LENGTHS.items():
        given[name] = clean(given[name] or "")
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    for name in ("report", "institute"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    if given["report_date"] is None:
        wrong["report_date"] = _("请选择日期。")
    elif given["report_date"] > Calendar().local_date(now):
        wrong["report_date"] = _("评估报告日期不能晚于今天。")
    if given["unit"] is not None and given["unit"].file_id != file.pk:
        wrong["unit"] = _("单元不属于该企业。")
    _distances(given, wrong)
    _start(given, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _distances(given: dict[str, Any], wrong: dict[str, Text]) -> None:
    if given["way"] not in DistanceWay.values:
        wrong["way"] = _("请选择确定方法。")
    elif given["way"] == DistanceWay.EXPLOSIVE:
        try:
            found = explosive_distances(given["tnt_kg"] or Decimal(0)).metres
        except BadInput as bad:
            wrong["tnt_kg"] = told(bad.reason)
        else:
            given |= {f"{code}_m": metres for code, metres in found.items()}
    else:
        given["tnt_kg"] = None
        if all(given[name] is None for name in _CLASSES):
            wrong["first_m"] = _("请填写报告给出的至少一类距离。")
    for name in _CLASSES:
        if given[name] is not None and not 0 <= given[name] <= MOST_M:
            wrong.setdefault("tnt_kg" if given["tnt_kg"] else name, _("请填写0到%(most)s。") % {"most": MOST_M})


def _start(given: dict[str, Any], wrong: dict[str, Text]) -> None:
    """The point from which it is measured: both numbers or none, in the district."""
    if (given["lon"] is None) != (given["lat"] is None):
        wrong["lon"] = _("经度和纬度须同时填写。")
    elif given["lon"] is not None and (fault := point_fault(given["lon"], given["lat"])) is not None:
        wrong["lon"] = fault
