"""Records of hidden dangers for the walk: all of the first enterprise."""

from __future__ import annotations

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.hazards.factories import make_finding
from tests.factories import NOW, District

from quancheng.domains.hazards.models import MajorReport, Push, PushReply, Recheck
from quancheng.domains.hazards.queries.learning import Asked
from quancheng.domains.hazards.services.learning import PushSpec, push_self_check
from quancheng.domains.hazards.services.majors import call_for_reports
from quancheng.domains.hazards.services.rechecks import owe_recheck


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
