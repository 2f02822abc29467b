"""Records of hidden dangers for the walk: all of the first enterprise."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.hazards.factories import make_finding
from tests.factories import NOW, District

from quancheng.domains.hazards.models import (
    Finding,
    Listing,
    ListingVisit,
    Lookback,
    MajorReport,
    Push,
    PushReply,
    Recheck,
)
from quancheng.domains.hazards.queries.learning import Asked
from quancheng.domains.hazards.services.learning import PushSpec, push_self_check
from quancheng.domains.hazards.services.listings import ListingSpec, propose_listing
from quancheng.domains.hazards.services.lookbacks import open_lookback
from quancheng.domains.hazards.services.majors import call_for_reports
from quancheng.domains.hazards.services.rechecks import owe_recheck
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.loops.services import enter


def finding(district: District) -> Record:
    row = make_finding(district.enterprise, _file(district), name="标记隐患")
    return Record({"pk": row.pk}, "标记隐患")


def major_report(district: District) -> Record:
    row = make_finding(district.enterprise, _file(district), name="标记重大险情", is_major=True)
    call_for_reports(row=row, now=NOW)
    return Record({"pk": MajorReport.objects.filter(finding=row).first().pk}, "标记重大险情")  # type: ignore[union-attr]


def recheck(district: District) -> Record:
    """The enterprise does not hear of it before it is done."""
    made = owe_recheck(row=make_finding(district.enterprise, _file(district)), is_drawn=False, now=NOW)
    assert made is not None
    Recheck.objects.filter(pk=made.pk).update(text="标记复查情况")
    return Record({"pk": made.pk}, "标记复查情况")


def push(district: District) -> Record:
    """The department's, which its units read in their own parts alone."""
    made = _pushed(district, "同类自查")
    Push.objects.filter(pk=made.pk).update(title="标记推送事项")
    return Record({"pk": made.pk}, "标记推送事项")


def push_reply(district: District) -> Record:
    made = _pushed(district, "标记同类自查")
    return Record({"pk": PushReply.objects.get(push=made).pk}, "标记同类自查")


def _pushed(district: District, title: str) -> Push:
    file = _file(district)
    asked, spec = Asked(kinds=(file.kind,)), PushSpec(title=title, text="对照检查")
    return push_self_check(actor=district.department, spec=spec, asked=asked, files=[file.pk], now=NOW)


def listing(district: District) -> Record:
    """Served: before that the enterprise reads nothing of it."""
    row = _listed(district, "标记挂牌事项")
    return Record({"pk": row.pk}, "标记挂牌事项")


def listing_visit(district: District) -> Record:
    """The enterprise hears of a visit when it was made."""
    row = _listed(district, "另一挂牌事项")
    visit = ListingVisit(
        owner_org_id=row.owner_org_id, enterprise_id=row.enterprise_id, area_id=row.area_id, links=row.links,
        reach="chain", listing=row, title="标记走访", due_date=NOW.date(), created_at=NOW, text="标记走访情况",
    )  # fmt: skip
    enter(actor=system_actor("test"), row=visit, now=NOW)
    return Record({"pk": visit.pk}, "标记走访情况")


def proposed_listing(district: District, title: str = "示例挂牌") -> Listing:
    """A listing as it is entered: the coordinating office owes its look at it."""
    found = make_finding(district.enterprise, _file(district), name=title, is_major=True)
    Finding.objects.filter(pk=found.pk).update(status="PLANNING")
    found.refresh_from_db()
    spec = ListingSpec("长期未改", "限期整改", "示例", NOW.date() + timedelta(days=90))
    return propose_listing(actor=district.department, finding=found, spec=spec, now=NOW)


def _listed(district: District, title: str) -> Listing:
    row = proposed_listing(district, title)
    served = {"status": "RUNNING", "number_text": "示安督〔2026〕1号", "served_at": NOW, "reach": "party"}
    Listing.objects.filter(pk=row.pk).update(**served)
    row.refresh_from_db()
    return row


def lookback(district: District) -> Record:
    """The department's alone until it is approved."""
    found = make_finding(district.enterprise, _file(district), name="标记倒查事项", is_major=True)
    made = open_lookback(actor=district.department, finding=found, reason="事故", accident="示例事故", now=NOW)
    Lookback.objects.filter(pk=made.pk).update(title="标记责任倒查")
    return Record({"pk": made.pk}, "标记责任倒查")
