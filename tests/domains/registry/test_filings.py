"""Filing a file: prepared by one, certified by another, received with a number; the clock that calls for the next."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, house_actor, make_actor, make_district

from quancheng.domains.registry.models import Enterprise, Filing, FilingRuleSetting
from quancheng.domains.registry.services.merging import merge_files
from quancheng.domains.registry.services.refiling import call_for_filings
from quancheng.domains.registry.services.stock import move_stock
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    """The preparer: a safety manager of the enterprise."""
    return client_of(district.enterprise)


@pytest.fixture
def head(district: District) -> Client:
    """The certifying official of the same enterprise."""
    return client_of(make_actor(district.enterprise_org, "enterprise.certifier"))


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


@pytest.fixture
def file(own: Client) -> Enterprise:
    given = {"kind": "petrol_station", "address": "甲街道示例路1号"}
    assert own.post("/registry/own/new", given).status_code == 303
    return Enterprise.objects.get()


def act(client: Client, filing: Filing, name: str, /, **given: Any) -> Any:
    return client.post(f"/registry/filings/{filing.pk}", {"act": name, **given})


def begin(own: Client, file: Enterprise) -> Filing:
    assert own.post(f"/registry/enterprises/{file.pk}/filings/new", {"reason": "示例事由"}).status_code == 303
    return Filing.objects.get(closed_at__isnull=True)


def through(own: Client, head: Client, bureau: Client, filing: Filing) -> Filing:
    """A filing from draft to receipt."""
    assert act(own, filing, "prepare").status_code == 303
    assert act(head, filing, "certify", agreed="on").status_code == 303
    assert act(bureau, filing, "receive").status_code == 303
    filing.refresh_from_db()
    return filing


def page(client: Client, filing: Filing, query: str = "") -> str:
    return str(client.get(f"/registry/filings/{filing.pk}{query}").content.decode())


def change(own: Client, file: Enterprise, **given: Any) -> None:
    file.refresh_from_db()
    path = f"/registry/enterprises/{file.pk}"
    known = {"act": "change", "kind": file.kind, "life": file.life, "address": file.address, "version": file.version}
    assert own.post(path, {**known, **given}).status_code == 303


def test_a_filing_goes_from_preparer_to_certifier_to_the_office_and_gets_a_number(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    filing = begin(own, file)
    # One at a time.
    assert own.post(f"/registry/enterprises/{file.pk}/filings/new", {"reason": "另一事由"}).status_code == 409
    assert act(own, filing, "prepare").status_code == 303
    filing.refresh_from_db()
    assert filing.snapshot["base"][""]["address"] == "甲街道示例路1号"
    assert len(filing.digest) == 64
    assert "甲街道示例路1号" in page(bureau, filing, "?tab=content")
    assert act(head, filing, "certify").status_code == 422
    assert act(head, filing, "certify", agreed="on").status_code == 303
    filing.refresh_from_db()
    assert filing.status == "FILED"
    assert "档备" in filing.number
    assert WorkItem.objects.get(subject_id=filing.pk, done_at__isnull=True).owner_org_id == district.department_org.pk
    receipt = own.get(f"/registry/filings/{filing.pk}/receipt").content.decode()
    assert filing.number in receipt
    assert filing.digest in receipt
    assert act(bureau, filing, "receive", text="资料齐全").status_code == 303
    filing.refresh_from_db()
    file.refresh_from_db()
    assert filing.status == "RECEIVED"
    assert file.verified_by_id == district.department_org.pk
    assert filing.number in own.get(f"/registry/enterprises/{file.pk}").content.decode()
    # What the journal keeps is the digest, never what the filing says.
    entry = JournalEntry.objects.get(act="registry.filing.prepare")
    assert entry.facts["snapshot"] == filing.digest


def test_who_prepared_a_filing_may_not_certify_it(district: District, own: Client, file: Enterprise) -> None:
    both = client_of(make_actor(district.enterprise_org, "enterprise.filer", "enterprise.certifier"))
    filing = begin(own, file)
    assert act(both, filing, "prepare").status_code == 303
    assert act(both, filing, "certify", agreed="on").status_code == 403
    filing.refresh_from_db()
    assert (filing.status, filing.number) == ("PREPARED", "")


def test_roles_within_the_enterprise_are_kept_apart(
    district: District, own: Client, head: Client, file: Enterprise
) -> None:
    viewer = client_of(make_actor(district.enterprise_org, "enterprise.viewer"))
    filing = begin(own, file)
    assert viewer.get("/registry/own").status_code == 302
    assert viewer.get(f"/registry/filings/{filing.pk}").status_code == 200
    assert act(viewer, filing, "prepare").status_code == 403
    assert act(head, filing, "prepare").status_code == 403
    assert viewer.post(f"/registry/enterprises/{file.pk}", {"act": "contact"}).status_code in (403, 404, 422)
    assert client_of(district.other_enterprise).get(f"/registry/filings/{filing.pk}").status_code == 404
    assert act(own, filing, "prepare").status_code == 303
    assert act(viewer, filing, "certify", agreed="on").status_code == 403
    assert act(own, filing, "certify", agreed="on").status_code == 403


def test_what_was_changed_after_it_was_prepared_cannot_be_certified(
    own: Client, head: Client, file: Enterprise
) -> None:
    filing = begin(own, file)
    act(own, filing, "prepare")
    change(own, file, staff_count=12)
    answer = act(head, filing, "certify", agreed="on")
    assert answer.status_code == 409
    assert "填报之后档案又有改动" in answer.content.decode()
    filing.refresh_from_db()
    assert filing.number == ""
    assert act(head, filing, "send_back").status_code == 422
    assert act(head, filing, "send_back", reason="人数已变").status_code == 303
    assert act(own, filing, "prepare").status_code == 303
    assert act(head, filing, "certify", agreed="on").status_code == 303


def test_the_office_returns_a_filing_with_a_reason_and_the_number_stays(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    filing = begin(own, file)
    act(own, filing, "prepare")
    act(head, filing, "certify", agreed="on")
    filing.refresh_from_db()
    number = filing.number
    assert act(bureau, filing, "return").status_code == 422
    assert act(bureau, filing, "return", reason="缺少从业人数").status_code == 303
    assert "缺少从业人数" in page(own, filing)
    change(own, file, staff_count=12)
    through(own, head, bureau, filing)
    assert filing.number == number
    assert Filing.objects.count() == 1


def test_a_change_after_the_last_filing_calls_for_the_next_one_within_the_days_of_the_rule(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    through(own, head, bureau, begin(own, file))
    today = Calendar().local_date(timezone.now())
    assert not Filing.objects.filter(closed_at__isnull=True).exists()
    unit = {"code": "U1", "name": "示例罐区", "kind": "storage", "boundary": "dike"}
    assert own.post(f"/registry/enterprises/{file.pk}/units/new", unit).status_code == 303
    owed = Filing.objects.get(closed_at__isnull=True)
    assert (owed.rule, owed.changed, owed.due_date) == ("CHANGE_PLACES", ["units"], today + timedelta(days=30))
    item = WorkItem.objects.get(subject_id=owed.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.ladder) == (district.enterprise_org.pk, "task")
    assert item.due_at is not None
    # Another head is due sooner: the same filing, its day moved forward.
    path = f"/registry/enterprises/{file.pk}"
    assert own.post(path, {"act": "contact", "role": "head", "name": "示例新人"}).status_code == 303
    owed.refresh_from_db()
    due = Calendar().add_working_days(today, 20)
    assert (owed.rule, owed.due_date) == ("CHANGE_LICENSEE", min(due, today + timedelta(days=30)))
    assert Filing.objects.filter(closed_at__isnull=True).count() == 1
    assert "主要负责人" in page(own, owed)
    # It was called for, so it cannot be dropped.
    assert act(own, owed, "withdraw", reason="不想备案").status_code == 409
    through(own, head, bureau, owed)
    shown = page(bureau, owed, "?tab=changes")
    assert "示例新人" in shown
    assert "新增" in shown
    assert not Filing.objects.filter(closed_at__isnull=True).exists()


def test_stock_that_moves_every_day_is_no_change_of_what_is_on_file(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    tank = make_facility(house_actor(), make_unit(house_actor(), file))
    holding = make_holding(house_actor(), tank, "汽油", design_t="30")
    through(own, head, bureau, begin(own, file))
    now = timezone.now()
    move_stock(
        actor=district.enterprise, holding=holding, kind="in", quantity_t=Decimal(5), at=now, remark="", now=now
    )
    assert not Filing.objects.filter(closed_at__isnull=True).exists()


def test_a_change_that_is_taken_back_lets_the_filing_lapse(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    through(own, head, bureau, begin(own, file))
    change(own, file, staff_count=12)
    owed = Filing.objects.get(closed_at__isnull=True)
    assert (owed.rule, owed.changed) == ("CHANGE_OTHER", ["base.staff_count"])
    change(own, file, staff_count="")
    owed.refresh_from_db()
    assert owed.status == "LAPSED"


def test_what_changed_while_the_office_looked_is_owed_once_it_has_received(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    filing = begin(own, file)
    act(own, filing, "prepare")
    act(head, filing, "certify", agreed="on")
    change(own, file, staff_count=12)
    assert Filing.objects.count() == 1
    assert act(bureau, filing, "receive").status_code == 303
    file.refresh_from_db()
    # The office received what was true then; the file says something else now and stays unverified.
    assert file.verified_at is None
    assert Filing.objects.get(closed_at__isnull=True).changed == ["base.staff_count"]


def test_the_clock_calls_for_the_first_and_the_yearly_filing_and_not_twice(
    own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    now = timezone.now()
    today = Calendar().local_date(now)
    assert call_for_filings(now=now) == 1
    assert call_for_filings(now=now) == 0
    first = Filing.objects.get()
    assert (first.rule, first.due_date) == ("FIRST", today + timedelta(days=30))
    assert "首次备案" in bureau.get("/registry/filings?open=1&rule=FIRST").content.decode()
    through(own, head, bureau, first)
    assert call_for_filings(now=now + timedelta(days=300)) == 0
    assert call_for_filings(now=now + timedelta(days=310)) == 1
    yearly = Filing.objects.get(closed_at__isnull=True)
    assert (yearly.rule, yearly.due_date) == ("YEARLY", today + timedelta(days=365))
    # Who has closed owes nothing any more.
    Enterprise.objects.update(life="closed")
    assert call_for_filings(now=now + timedelta(days=311)) == 0
    yearly.refresh_from_db()
    assert yearly.status == "LAPSED"


def test_who_was_on_file_long_before_has_the_whole_time_for_the_first_filing(file: Enterprise) -> None:
    now = timezone.now()
    Enterprise.objects.update(created_at=now - timedelta(days=800))
    assert call_for_filings(now=now) == 1
    assert Filing.objects.get().due_date == Calendar().local_date(now) + timedelta(days=30)


def test_an_administrator_sets_days_and_switches_rules_off(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    client = client_of(district.department_head)
    assert "危险化学品登记管理办法" in own.get("/registry/filings/rules").content.decode()
    assert client.post("/registry/filings/rules/FIRST", {"days": 0, "is_active": "on"}).status_code == 422
    assert client.post("/registry/filings/rules/FIRST", {"days": 10, "is_active": "on"}).status_code == 303
    assert client.post("/registry/filings/rules/CHANGE_OTHER", {"days": 30}).status_code == 303
    assert client.post("/registry/filings/rules/NOTHING", {"days": 30}).status_code == 404
    assert own.post("/registry/filings/rules/FIRST", {"days": 10}).status_code == 403
    assert FilingRuleSetting.objects.count() == 2
    now = timezone.now()
    call_for_filings(now=now)
    first = Filing.objects.get()
    assert first.due_date == Calendar().local_date(now) + timedelta(days=10)
    through(own, head, bureau, first)
    change(own, file, staff_count=12)
    assert not Filing.objects.filter(closed_at__isnull=True).exists()


def test_programs_file_over_rest(
    district: District, own: Client, head: Client, bureau: Client, file: Enterprise
) -> None:
    made = own.post(
        f"/api/v1/registry/enterprises/{file.pk}/filings", {"reason": "示例"}, content_type="application/json"
    )
    assert made.status_code == 201
    path = f"/api/v1/registry/filings/{made.json()['id']}"

    def post(client: Client, name: str, **body: Any) -> Any:
        return client.post(f"{path}/{name}", body, content_type="application/json")

    assert post(own, "certify", agreed=True).status_code in (403, 409)
    assert post(own, "prepare").json()["status"] == "PREPARED"
    assert post(head, "certify", agreed=False).status_code == 422
    filed = post(head, "certify", agreed=True).json()
    assert filed["number"]
    assert post(bureau, "return", reason="补正").json()["status"] == "DRAFT"
    assert post(own, "prepare").json()["status"] == "PREPARED"
    assert post(head, "send-back", reason="再核对").json()["status"] == "DRAFT"
    assert post(own, "prepare").status_code == 200
    assert post(head, "certify", agreed=True).json()["number"] == filed["number"]
    assert post(bureau, "receive").status_code in (200, 422)
    listed = bureau.get(f"/api/v1/registry/filings?enterprise_id={file.pk}").json()["items"]
    assert [one["code"] for one in listed] == [filed["code"]]


def test_a_first_filing_that_the_clock_called_for_does_not_hold_up_the_merge_of_a_double(
    district: District, file: Enterprise
) -> None:
    now = timezone.now()
    double = make_file(house_actor(), area=district.street_area, name="示例旧档", kind="depot", code=CODES[0])
    assert call_for_filings(now=now) == 2
    merge_files(actor=district.department, kept=file, double=double, reason="同一企业两份档案", now=now)
    assert Filing.objects.get(title__contains="示例旧档").status == "LAPSED"
    assert Filing.objects.filter(file=file, status="DRAFT").count() == 1
