"""Records of papers and of the ladder for the walk."""

from __future__ import annotations

from datetime import date

from tests.architecture.records import Record
from tests.factories import NOW, District
from tests.kernel.ladder.factories import make_item
from tests.kernel.papers.factories import make_draft, make_signed

from quancheng.kernel.ladder.services.deciding import propose_by_hand
from quancheng.kernel.papers.models import Service
from quancheng.kernel.papers.services.serving import send_service
from quancheng.kernel.schedule.models import RecurringRule


def draft(district: District) -> Record:
    """A draft of the office to the department, which must not see it yet."""
    paper = make_draft(district, title="标记拟稿")
    return Record({"pk": paper.pk, "number": 1, "form": "docx", "act": "submit"}, "标记拟稿")


def served(district: District) -> Record:
    """A service of a letter on the first enterprise, which has got it."""
    paper = make_signed(district, district.enterprise_org.pk, title="标记送达文书")
    service = Service.objects.get(paper=paper)
    send_service(actor=district.officer, service=service, now=NOW)
    return Record({"pk": service.pk}, "标记送达文书")


def proposal(district: District) -> Record:
    """A proposal against the first town, which must not see it before its paper is served."""
    item = make_item(district, due_in_days=-3, title="甲街道逾期事项", owner_org=district.town_org)
    row = propose_by_hand(actor=district.officer, item=item, step=2, reason="标记督办理由", now=NOW)
    return Record({"pk": row.pk, "item_id": item.pk}, "标记督办理由")


def recurring_rule(district: District) -> Record:
    """A recurring duty that the office set up."""
    rule = RecurringRule.objects.create(
        owner_org=district.office_org, code="walk", name="标记周期事项", generator="walk.nothing", recurrence="monthly",
        figures={"day": 20}, first_day=date(2026, 1, 1), created_at=NOW, updated_at=NOW, is_active=False,
    )  # fmt: skip
    return Record({"pk": rule.pk}, "标记周期事项")
