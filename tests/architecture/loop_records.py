"""Records of further parts of a danger's loop for the walk: all of the first enterprise."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.hazards.factories import make_finding
from tests.factories import NOW, District

from quancheng.domains.hazards.models import ExpiryReview, Finding, Resumption
from quancheng.domains.hazards.services.expiry_reviews import owe_expiry_reviews
from quancheng.domains.hazards.services.hand_overs import hand_over
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.loops.services import enter


def hand_over_of_one(district: District) -> Record:
    """To the second town, which reads it by that alone."""
    row = make_finding(district.enterprise, _file(district), name="待接收的隐患")
    # Whoever receives it reads who found it: not the name by which another record is known.
    Finding.objects.filter(pk=row.pk).update(finder_name="示例发现人")
    row.refresh_from_db()
    made = hand_over(actor=district.department, row=row, receiver=district.other_town_org, reason="标记移送理由",
                     basis="职责分工", now=NOW)  # fmt: skip
    return Record({"pk": made.pk}, "标记移送理由")


def resumption(district: District) -> Record:
    file = _file(district)
    row = make_finding(district.enterprise, file, name="停产的隐患", is_major=True)
    made = Resumption(
        **file.row_scope(), finding=row, file=file, supervisor_id=row.supervisor_id, title="停产的隐患", stop="part",
        text="标记复产申请", assessor_kind="expert", assessor="示例专家", assessment="具备条件", created_at=NOW,
    )  # fmt: skip
    enter(actor=system_actor("test"), row=made, now=NOW)
    return Record({"pk": made.pk}, "标记复产申请")


def expiry_review(district: District) -> Record:
    """The enterprise hears of it when it was made."""
    row = make_finding(district.enterprise, _file(district), name="期满的隐患", is_major=True)
    late = {"status": "FIXING", "is_planned": True, "deadline": NOW.date() - timedelta(days=1)}
    Finding.objects.filter(pk=row.pk).update(**late)
    owe_expiry_reviews(now=NOW)
    made = ExpiryReview.objects.get(finding=row)
    ExpiryReview.objects.filter(pk=made.pk).update(text="标记期满审查")
    return Record({"pk": made.pk}, "标记期满审查")
