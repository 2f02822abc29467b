"""Records of running special work for the walk: other work, stop orders, who guards and observes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.architecture.permit_records import _permit
from tests.architecture.records import Record
from tests.domains.permits.factories import own_file
from tests.factories import NOW, District

from quancheng.domains.permits.models import (
    DetectorPairing,
    Muster,
    OperationNotice,
    Permit,
    PermitObserver,
    PermitPerson,
    RollEntry,
    SpaceEntry,
    StopOrder,
    WeatherWarning,
)
from quancheng.domains.permits.services.musters import add_to_roll, call_muster
from quancheng.domains.permits.services.orders import Target, order_stop
from quancheng.domains.permits.services.simops import Operation, tell_operation


def operation(district: District) -> Record:
    row = OperationNotice.objects.filter(place="标记采样口").first() or tell_operation(
        actor=district.enterprise, file=own_file(district), now=NOW,
        told=Operation(
            activity="SAMPLING", place="标记采样口", lon=Decimal("118.7"), lat=Decimal("37.4"), starts_at=NOW,
            ends_at=NOW + timedelta(days=1), contact="当班岗位",
        ),
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记采样口")


def order(district: District) -> Record:
    """Given by a department on one enterprise, which reads it, and so does who supervises it."""
    row = StopOrder.objects.filter(reason="标记停工情况").first()
    if row is None:
        permit = _permit(district)
        row = order_stop(
            actor=district.department, target=Target(permit=permit), cause="VIOLATION", reason="标记停工情况", now=NOW
        )
    return Record({"pk": row.pk}, "标记停工情况")


def muster(district: District) -> Record:
    """Called by the enterprise, read by who supervises it."""
    row = Muster.objects.filter(reason="标记点名情况").first()
    if row is None:
        _permit(district)
        row = call_muster(actor=district.enterprise, file=own_file(district), reason="标记点名情况", now=NOW)
    return Record({"pk": row.pk}, "标记点名情况")


def roll_entry(district: District) -> Record:
    pk = muster(district).arguments["pk"]
    row = RollEntry.objects.filter(muster=pk, name="标记到场人").first() or add_to_roll(
        actor=district.enterprise, muster=Muster.objects.get(pk=pk), name="标记到场人", firm="", now=NOW
    )
    return Record({"pk": pk, "entry": row.pk}, "标记到场人")


def meeting(district: District) -> Record:
    """A permit and a blinding beside it: what is shown of them is in the standard's words."""
    permit = _permit(district)
    other = Permit.objects.filter(content="标记相邻作业").first()
    if other is None:
        other = Permit.objects.get(pk=permit.pk)
        other.pk, other.kind, other.number, other.content, other.lon = None, "BL", "", "标记相邻作业", permit.lon
        other.save(force_insert=True)
    return Record({"pk": permit.pk, "other": other.pk, "rule": "M-CS-BL"}, "标记交叉作业")


def _beside(district: District, mark: str, **known: Any) -> Permit:
    """A permit of another kind, of which the one of the walk is the pattern."""
    found = Permit.objects.filter(content=mark).first()
    if found is None:
        found = Permit.objects.get(pk=_permit(district).pk)
        found.pk, found.number, found.content = None, "", mark
        for name, value in known.items():
            setattr(found, name, value)
        found.save(force_insert=True)
    return found


def ended_fire(district: District) -> Record:
    """Hot work that ended and is watched."""
    known = {"kind": "HW", "level": "II", "status": "FINISHED", "issued_at": NOW, "started_at": NOW, "finished_at": NOW}
    row = _beside(district, "标记动火结束", number="走查动火-1", seal="0" * 64, **known)
    return Record({"pk": row.pk}, "标记动火结束")


def road(district: District) -> Record:
    """A draft of a closed road, whose form has a box for a drawing."""
    row = _beside(district, "标记断路", kind="RC", status="DRAFT")
    return Record({"pk": row.pk}, "标记断路")


def entry(district: District) -> Record:
    permit = _permit(district)
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    row = SpaceEntry.objects.filter(permit=permit).first() or SpaceEntry.objects.create(
        permit=permit, person=worker, tools_in=1, entered_at=NOW
    )
    return Record({"pk": permit.pk, "entry": row.pk}, "某作业人")


def observer(district: District) -> Record:
    permit = _permit(district)
    row = PermitObserver.objects.filter(permit=permit).first() or PermitObserver.objects.create(
        permit=permit, org_name="标记旁站单位", name="某旁站人", assigned_by_org=district.enterprise_org,
        assigned_by="某人", assigned_at=NOW,
    )  # fmt: skip
    return Record({"pk": permit.pk, "observer": row.pk}, "标记旁站单位")


def weather(district: District) -> Record:
    """Everybody reads a warning; this one is over, so that it touches nobody's permit."""
    row = WeatherWarning.objects.filter(issuer="标记气象台").first() or WeatherWarning.objects.create(
        owner_org=district.office_org, area=None, links=[], reach="public", kind="FOG", colour="YELLOW",
        over=district.area, issuer="标记气象台", valid_from=NOW - timedelta(days=2), valid_to=NOW - timedelta(days=1),
        ended_at=NOW - timedelta(days=1), entered_by="某值班员", entered_at=NOW - timedelta(days=2),
        issued_at=NOW - timedelta(days=2),
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记气象台")


def pairing(district: District) -> Record:
    permit = _permit(district)
    row = DetectorPairing.objects.filter(permit=permit).first() or DetectorPairing.objects.create(
        permit=permit, file=permit.file, instrument="GDS-MARK", name="标记便携检测仪", quantity="COMBUSTIBLE",
        position="INSIDE", point="标记取样点", analyst="某分析人", fresh_s=60, paired_by="某人", paired_at=NOW,
    )  # fmt: skip
    return Record({"pk": permit.pk, "pairing": row.pk}, "标记取样点")
