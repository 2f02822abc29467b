"""Statistics signed by the main person: proposed, corrected with reasons, frozen, taken in or returned, late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from tests.domains.hazards.factories import make_finding, own_file
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import StatisticsReport
from quancheng.domains.hazards.queries import signed_statistics as queries
from quancheng.domains.hazards.services import signed_statistics as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.hidden_dangers.self_checks import span_before

pytestmark = pytest.mark.django_db
OCTOBER = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
LATE = datetime(2026, 10, 16, 1, 0, tzinfo=UTC)


@pytest.fixture
def at_october(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands in October."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: OCTOBER)


def owed(district: District) -> StatisticsReport:
    """What the first enterprise owes of the third quarter, with two hidden dangers found in it."""
    file = own_file(district)
    make_finding(district.enterprise, file)
    make_finding(district.enterprise, file, name="安全阀根部阀未全开", type="equipment", is_major=True)
    services.keep_reports(now=NOW)
    generate(now=OCTOBER)
    return StatisticsReport.objects.get(file=file)


def head_of(district: District) -> Actor:
    return make_actor(district.enterprise_org, "enterprise.head", name="示例负责人")


def sign(actor: Actor, row: StatisticsReport, now: datetime = OCTOBER, **given: Any) -> StatisticsReport:
    figures = queries.propose(row.file_id, row.first_date, row.last_date)
    reasons = given.pop("reasons", {})
    return services.sign_report(actor=actor, row=row, figures={**figures, **given}, reasons=reasons,
                                signed=actor.name, note="", now=now)  # fmt: skip


def test_a_report_already_made_is_not_made_again_under_another_office_and_an_overdue_one_survives_a_stop() -> None:
    district = make_district()
    row, head = owed(district), head_of(district)
    file = Enterprise.objects.filter(pk=row.file_id)
    file.update(supervisor=district.other_town_org)
    services.keep_reports(now=OCTOBER)
    generate(now=OCTOBER)
    row.refresh_from_db()
    assert (StatisticsReport.objects.count(), row.supervisor_id) == (1, district.other_town_org.pk)
    sign(head, row)
    file.update(supervisor=district.department_org)
    services.keep_reports(now=OCTOBER + timedelta(days=1))
    generate(now=OCTOBER + timedelta(days=1))
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert (StatisticsReport.objects.count(), item.owner_org_id) == (1, district.department_org.pk)
    row.refresh_from_db()
    services.return_report(actor=district.department, row=row, reason="漏报一处", now=OCTOBER + timedelta(days=1))
    file.update(life="stopped")
    services.keep_reports(now=LATE)
    row.refresh_from_db()
    assert row.status == "RETURNED"


def test_what_is_not_overdue_ends_with_a_stop_and_is_owed_again_after_it() -> None:
    district = make_district()
    row = owed(district)
    file = Enterprise.objects.filter(pk=row.file_id)
    file.update(life="stopped")
    services.keep_reports(now=OCTOBER)
    row.refresh_from_db()
    assert row.status == "ENDED"
    file.update(life="operating")
    services.keep_reports(now=OCTOBER + timedelta(hours=1))
    generate(now=OCTOBER + timedelta(hours=1))
    assert StatisticsReport.objects.exclude(pk=row.pk).get().status == "DUE"


def test_periods_are_those_before_the_day_on_which_they_are_due() -> None:
    assert span_before("quarter", date(2026, 10, 15)) == (date(2026, 7, 1), date(2026, 9, 30))
    assert span_before("quarter", date(2027, 1, 15)) == (date(2026, 10, 1), date(2026, 12, 31))
    assert span_before("year", date(2027, 1, 31)) == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.usefixtures("at_october")
def test_the_main_person_signs_what_the_system_counted_corrects_with_a_reason_and_the_office_takes_it_in() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    assert (row.first_date, row.last_date, row.due_date) == (date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 15))
    page, new, sheet = (
        reverse(f"hazards:{name}", args=[row.pk])
        for name in ("statistics_report", "statistics_report_sign", "statistics_report_sheet")
    )
    client = client_of(head)
    form = client.get(new).context["form"]
    given = {f"figure_{code}": str(value) for code, value in form.proposed.items()} | {"signed": head.name}
    assert (given["figure_found"], given["figure_found_major"], given["figure_open"]) == ("2", "1", "2")
    assert (given["figure_type_instrument"], given["figure_cost_yuan"]) == ("1", "0.00")
    rows = client.get(reverse("hazards:statistics_rows", args=[row.pk, "found_major"])).content.decode()
    assert "安全阀根部阀未全开" in rows
    assert "可燃气体探测器超期未检定" not in rows
    assert client.get(reverse("hazards:statistics_rows", args=[row.pk, "nothing"])).status_code == 404
    assert client.get(sheet).status_code == 409
    wrong = client.post(new, {**given, "figure_cost_yuan": "1200.50"})
    assert wrong.status_code == 422
    assert "请写明理由" in wrong.content.decode()
    assert "1200.50" in wrong.content.decode()
    done = client.post(new, {**given, "figure_cost_yuan": "1200.50", "reason_cost_yuan": "发票未录入"})
    assert done.status_code == 303
    row.refresh_from_db()
    assert (row.status, row.is_corrected, row.is_late, row.signed_name) == ("SIGNED", True, False, head.name)
    assert (row.proposed["cost_yuan"], row.figures["cost_yuan"]) == ("0.00", "1200.50")
    # Frozen: what is found afterwards changes nothing of it.
    make_finding(district.enterprise, own_file(district), name="另一处隐患")
    shown = client_of(district.department).get(page).content.decode()
    assert "发票未录入" in shown
    assert "+1200.50" in shown
    assert client_of(district.other_town).get(page).status_code == 404
    assert client_of(district.town).post(page, {"act": "accept"}).status_code == 403
    assert client_of(district.department).post(page, {"act": "return", "reason": "设备类数据有误"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.returned_reason) == ("RETURNED", "设备类数据有误")
    assert "设备类数据有误" in client.get(new).content.decode()
    again = client.get(new).context["form"]
    assert again["figure_cost_yuan"].value() == "1200.50"
    sign(head, row)
    assert client_of(district.department).post(page, {"act": "accept"}).status_code == 303
    row.refresh_from_db()
    assert row.status == "ACCEPTED"
    book = load_workbook(BytesIO(client_of(district.department).get(sheet).content))
    cells = [str(cell.value) for line in book.active.iter_rows() for cell in line]  # type: ignore[union-attr]
    assert "发现隐患数" in cells
    assert head.name in " ".join(cells)


def test_nobody_else_signs_and_numbers_must_fit_each_other() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    with pytest.raises(NotPermitted):
        sign(district.enterprise, row)
    with pytest.raises(NotPermitted):
        sign(make_actor(district.other_enterprise_org, "enterprise.head"), row)

    def faults(**given: Any) -> set[str]:
        reasons = dict.fromkeys(queries.codes(), "核对台账")
        with pytest.raises(Invalid) as refused:
            sign(head, row, reasons=reasons, **given)
        return set(refused.value.fields)

    assert faults(found=9) == {"figure_found"}
    assert faults(found_general=0, found=1) == {"figure_found"}
    assert faults(open_major=3) == {"figure_open_major"}
    assert faults(closed_major=1) == {"figure_closed_major"}
    assert faults(found=-1) == {"figure_found"}
    assert faults(cost_yuan=services.MOST) == {"figure_cost_yuan"}
    with pytest.raises(Invalid) as refused:
        sign(head, row, overdue=1)
    assert set(refused.value.fields) == {"reason_overdue"}
    assert row.status == "DUE"
    sign(head, row)
    with pytest.raises(StaleState):
        sign(head, row)


def test_what_is_signed_after_its_day_or_not_at_all_is_late_and_the_yearly_one_is_owed_too() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    today = LATE.date()
    assert list(StatisticsReport.objects.filter(queries.late(date(2026, 10, 15)))) == []
    assert list(StatisticsReport.objects.filter(queries.late(today))) == [row]
    sign(head, row, now=LATE)
    assert row.is_late
    assert list(StatisticsReport.objects.filter(queries.late(today))) == [row]
    generate(now=datetime(2027, 1, 4, 1, 0, tzinfo=UTC))
    told = StatisticsReport.objects.exclude(pk=row.pk).order_by("due_date").values_list("kind", "due_date")
    assert list(told) == [("quarter", date(2027, 1, 15)), ("year", date(2027, 1, 31))]


@pytest.mark.usefixtures("at_october")
def test_programs_list_sign_and_judge() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    base = "/api/v1/hazards/statistics-reports"

    def post(actor: Actor, act: str, given: dict[str, Any]) -> Any:
        return client_of(actor).post(f"{base}/{row.pk}/{act}", given, content_type="application/json")

    assert client_of(district.town).get(base, {"status": "DUE"}).json()["items"][0]["id"] == str(row.pk)
    assert client_of(district.other_town).get(f"{base}/{row.pk}").status_code == 404
    correction = {"code": "cost_yuan", "value": "10.5", "reason": ""}
    assert post(head, "sign", {"signed": head.name, "corrections": [correction]}).status_code == 422
    unknown = {"code": "nothing", "value": "1", "reason": "x"}
    assert post(head, "sign", {"signed": head.name, "corrections": [unknown]}).status_code == 422
    done = post(head, "sign", {"signed": head.name, "corrections": [{**correction, "reason": "补录"}]})
    assert done.status_code == 200, done.content
    money = next(one for one in done.json()["figures"] if one["code"] == "cost_yuan")
    assert (money["proposed"], money["signed"], money["reason"]) == ("0.00", "10.50", "补录")
    assert post(district.department, "judge", {"accepted": False}).status_code == 422
    assert post(district.department, "judge", {"accepted": True}).json()["status"] == "ACCEPTED"
