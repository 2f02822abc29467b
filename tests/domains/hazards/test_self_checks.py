"""Checks led by the main person: owed by the period, deputed, recorded with signature, missed; rules confirmed."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.hazards.models import AnswerCode, Mechanism, SelfCheck
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.services import self_checks as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
OCTOBER = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def owed(district: District, *, kind: str = "depot", now: datetime = NOW) -> SelfCheck:
    """What the first enterprise owes for the running period."""
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind=kind)
    services.keep_rhythm(now=now)
    generate(now=now)
    return SelfCheck.objects.filter(file=file).latest("last_date")


def head_of(district: District, name: str = "示例负责人") -> Actor:
    return make_actor(district.enterprise_org, "enterprise.head", name=name)


def spec(actor: Actor, **given: Any) -> services.SelfCheckSpec:
    known: dict[str, Any] = {
        "checked": TODAY, "signed": actor.name, "answers": {"CH-12": (AnswerCode.CONFORMS, "")}, "none_found": True,
    }  # fmt: skip
    return services.SelfCheckSpec(**{**known, **given})


@pytest.mark.usefixtures("at_now")
@pytest.mark.clause("S1-6b")
def test_the_main_person_of_a_high_risk_enterprise_owes_a_check_each_month_and_months_without_are_flagged() -> None:
    district = make_district()
    head = head_of(district)
    row = owed(district)
    assert (row.first_date, row.last_date, row.months, row.status) == (date(2026, 9, 1), date(2026, 9, 30), 1, "DUE")
    item = WorkItem.objects.get(subject_id=row.pk)
    assert (item.duty, item.owner_org_id) == (services.SIGN, district.enterprise_org.pk)
    page, record = (reverse(f"hazards:{name}", args=[row.pk]) for name in ("self_check", "self_check_record"))
    client = client_of(head)
    assert record in client.get(page).content.decode()
    given = {"checked": "2026-09-08", "places": "成品油罐区", "item_CH-12": "0", "item_CH-15": "2",
             "none_found": "on", "signed": head.name}  # fmt: skip
    wrong = client.post(record, {**given, "signed": "别人"})
    assert wrong.status_code == 422
    assert "成品油罐区" in wrong.content.decode()
    assert client.post(record, given).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.signed_name, row.none_found, row.gone_through) == ("DONE", head.name, True, 1)
    assert [(one.clause.place, one.answer) for one in queries.items_of(row)] == [("CH-12", 0), ("CH-15", 2)]
    # October goes by: nobody led a check.
    generate(now=OCTOBER)
    missing = SelfCheck.objects.exclude(pk=row.pk).get()
    told = client_of(district.town).get("/api/v1/hazards/led-checks", {"missed": "true"}).json()
    assert told["items"] == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
        shown = client_of(district.town).get(reverse("hazards:self_checks"), {"missed": "1"}).content.decode()
        assert "未按期排查" in shown
        assert reverse("hazards:self_check", args=[missing.pk]) in shown
        assert reverse("hazards:self_check", args=[row.pk]) not in shown
        towns = client_of(district.officer).get(reverse("hazards:self_check_towns"), {"month": "2026-10"})
        assert [(one[0].owed, one[0].missing) for one in towns.context["rows"]] == [(1, 1)]
        assert client_of(district.other_town).get(page).status_code == 404
        late = spec(head, checked=date(2026, 11, 2))
        services.record_self_check(actor=head, row=missing, spec=late, now=datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
        assert missing.is_late
        shown = client_of(district.town).get(reverse("hazards:self_checks"), {"missed": "1"}).content.decode()
        assert "逾期补查" in shown


@pytest.mark.usefixtures("at_now")
def test_nobody_signs_but_the_main_person_or_whom_he_deputed_with_a_reason() -> None:
    district = make_district()
    head, other = head_of(district), make_actor(district.enterprise_org, "enterprise.worker", name="示例班长")
    row = owed(district)
    safety = district.enterprise
    with pytest.raises(NotPermitted):
        services.record_self_check(actor=safety, row=row, spec=spec(safety), now=NOW)
    page, record = (reverse(f"hazards:{name}", args=[row.pk]) for name in ("self_check", "self_check_record"))
    assert client_of(safety).get(record).status_code == 403
    assert client_of(district.town).get(record).status_code == 403
    client = client_of(head)
    assert client.post(page, {"act": "depute", "deputy": str(safety.user_id), "reason": ""}).status_code == 422
    stranger = {"act": "depute", "deputy": str(district.other_enterprise.user_id), "reason": "出差"}
    assert client.post(page, stranger).status_code == 422
    given = {"act": "depute", "deputy": str(safety.user_id), "reason": "赴外地培训"}
    assert client.post(page, given).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.deputy_id, row.deputed_reason) == ("DEPUTED", safety.user_id, "赴外地培训")
    assert WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True).person_id == safety.user_id
    with pytest.raises(NotPermitted):
        services.record_self_check(actor=other, row=row, spec=spec(other), now=NOW)
    services.record_self_check(actor=safety, row=row, spec=spec(safety), now=NOW)
    assert (row.status, row.signed_name) == ("DONE", safety.name)
    assert "赴外地培训" in client_of(district.department).get(page).content.decode()


def test_a_deputation_is_called_back_and_the_main_person_signs_himself() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    assert district.enterprise.user_id is not None
    services.depute(actor=head, row=row, person_id=district.enterprise.user_id, reason="出差", now=NOW)
    services.recall(actor=head, row=row, reason="提前返回", now=NOW)
    assert (row.status, row.deputy_id) == ("DUE", None)
    with pytest.raises(NotPermitted):
        services.record_self_check(actor=district.enterprise, row=row, spec=spec(district.enterprise), now=NOW)
    services.record_self_check(actor=head, row=row, spec=spec(head), now=NOW)
    assert row.status == "DONE"


def test_what_is_found_is_linked_or_declared_none_and_not_both() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    found = make_finding(district.enterprise, own_file(district), is_major=True, criterion="CH-12")

    def faults(**given: Any) -> set[str]:
        with pytest.raises(Invalid) as refused:
            services.record_self_check(actor=head, row=row, spec=spec(head, **given), now=NOW)
        return set(refused.value.fields)

    assert faults(none_found=False) == {"none_found"}
    assert faults(findings=[found.pk]) == {"none_found"}
    assert faults(findings=[uuid.uuid4()]) == {"findings"}
    fails = {"CH-12": (AnswerCode.FAILS, "探测器超期")}
    assert faults(answers=fails) == {"findings"}
    silent = {"CH-12": (AnswerCode.FAILS, "")}
    assert faults(answers=silent, none_found=False, findings=[found.pk]) == {"note_CH-12"}
    assert faults(answers={}) == {"answers"}
    assert faults(answers={"FW-01": (AnswerCode.CONFORMS, "")}) == {"answers"}
    assert faults(checked=date(2026, 8, 31)) == {"checked"}
    assert faults(checked=TODAY + timedelta(days=1)) == {"checked"}
    assert row.status == "DUE"
    paper = make_file(head)
    services.record_self_check(
        actor=head, row=row, now=NOW,
        spec=spec(head, answers=fails, none_found=False, findings=[found.pk], files=(paper,)),
    )  # fmt: skip
    assert list(queries.found_in(row)) == [found]
    held = files_of(row).get()
    assert held.frozen_at is not None


@pytest.mark.usefixtures("at_now")
@pytest.mark.clause("S1-15a")
def test_programs_report_the_cycle_and_the_office_sees_who_did_not() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    found = make_finding(district.enterprise, own_file(district))
    base = "/api/v1/hazards/led-checks"
    body = {
        "checked": "2026-09-07", "signed": head.name, "finding_ids": [str(found.pk)],
        "items": [{"criterion": "CH-12", "answer": "fails", "note": "超期"}],
    }  # fmt: skip

    def post(actor: Actor, given: dict[str, Any]) -> Any:
        return client_of(actor).post(f"{base}/{row.pk}/record", given, content_type="application/json")

    assert client_of(district.officer).get(base, {"status": "DUE"}).json()["items"][0]["id"] == str(row.pk)
    assert post(district.department, body).status_code == 403
    assert post(district.other_enterprise, body).status_code == 404
    assert post(head, {**body, "signed": "某人"}).status_code == 422
    assert post(head, {**body, "items": [{"criterion": "CH-12", "answer": "well"}]}).status_code == 422
    done = post(head, body)
    assert done.status_code == 200, done.content
    told = client_of(district.department).get(f"{base}/{row.pk}").json()
    assert told["finding_ids"] == [str(found.pk)]
    assert told["items"] == [{"criterion": "CH-12", "answer": "fails", "note": "超期"}]
    assert client_of(district.officer).get(base, {"status": "DUE"}).json()["items"] == []
    assert post(head, body).status_code == 409


def test_the_rhythm_follows_the_trade_and_what_the_district_sets_from_a_day_on() -> None:
    district = make_district()
    quarter = owed(district, kind="laboratory")
    assert (quarter.months, quarter.first_date, quarter.last_date) == (3, date(2026, 7, 1), date(2026, 9, 30))
    assert services.keep_rhythm(now=NOW) == 0
    with pytest.raises(NotPermitted):
        services.set_rule(actor=district.town, high_kinds=["depot"], high_months=1, other_months=3, from_date=TODAY,
                          reason="示例", now=NOW)  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        services.set_rule(actor=district.officer, high_kinds=["nothing"], high_months=5, other_months=3,
                          from_date=TODAY - timedelta(days=1), reason="", now=NOW)  # fmt: skip
    assert set(wrong.value.fields) == {"high_kinds", "high_months", "from_date", "reason"}
    services.set_rule(actor=district.officer, high_kinds=["laboratory"], high_months=1, other_months=6,
                      from_date=date(2026, 10, 1), reason="实验室列入高危", now=NOW)  # fmt: skip
    assert services.keep_rhythm(now=NOW) == 0
    assert services.keep_rhythm(now=OCTOBER) == 2
    generate(now=OCTOBER)
    newest = SelfCheck.objects.latest("last_date")
    assert (newest.months, newest.first_date, newest.last_date) == (1, date(2026, 10, 1), date(2026, 10, 31))
    assert SelfCheck.objects.count() == 2
    # Who works no more owes nothing more; what was overdue by then stays owed.
    Enterprise.objects.filter(pk=district.enterprise_org.pk).update(life="closed")
    services.keep_rhythm(now=OCTOBER)
    assert dict(SelfCheck.objects.values_list("months", "status")) == {3: "DUE", 1: "ENDED"}


def test_a_stop_for_an_hour_wipes_nothing_that_is_overdue_and_the_running_period_is_owed_again() -> None:
    district = make_district()
    first = owed(district)
    generate(now=OCTOBER)
    file = Enterprise.objects.filter(pk=district.enterprise_org.pk)
    file.update(life="stopped")
    services.keep_rhythm(now=OCTOBER)
    assert dict(SelfCheck.objects.values_list("first_date", "status")) == {
        date(2026, 9, 1): "DUE", date(2026, 10, 1): "ENDED",
    }  # fmt: skip
    file.update(life="operating")
    for hours in (1, 2):
        services.keep_rhythm(now=OCTOBER + timedelta(hours=hours))
        generate(now=OCTOBER + timedelta(hours=hours))
    open_now = SelfCheck.objects.filter(status="DUE").order_by("first_date")
    assert list(open_now.values_list("first_date", flat=True)) == [date(2026, 9, 1), date(2026, 10, 1)]
    assert open_now[0] == first


def test_who_is_bound_anew_owes_a_period_once_and_rules_do_not_pile_up() -> None:
    district = make_district()
    given = {"high_kinds": ["depot"], "high_months": 1, "other_months": 3, "reason": "三方责任人", "from_date": TODAY}
    services.set_rule(actor=district.officer, **given, three_persons=True, now=NOW)  # type: ignore[arg-type]
    row = owed(district)
    file = Enterprise.objects.filter(pk=row.file_id)
    rules = RecurringRule.objects.filter(generator=services.GENERATOR)
    before = rules.count()
    # To another office and back again, each on a day of its own.
    for days, office in enumerate((district.other_town_org, district.department_org) * 3, start=1):
        file.update(supervisor=office)
        services.keep_rhythm(now=NOW + timedelta(days=days))
        generate(now=NOW + timedelta(days=days))
        owners = dict(SelfCheck.objects.values_list("side", "owner_org"))
        assert SelfCheck.objects.count() == 3
        assert owners["department"] == office.pk
        item = WorkItem.objects.get(subject_id=SelfCheck.objects.get(side="department").pk, done_at__isnull=True)
        assert item.owner_org_id == office.pk
    assert rules.count() == 2 * before
    assert rules.filter(is_active=True).count() == before
    assert all(rule.organisations.exists() for rule in rules.filter(is_active=True))
    file.update(supervisor=district.other_town_org)
    services.record_self_check(actor=head_of(district), row=row, spec=spec(head_of(district)), now=NOW)
    services.keep_rhythm(now=NOW + timedelta(days=10))
    generate(now=NOW + timedelta(days=10))
    assert SelfCheck.objects.count() == 3


def test_the_pages_of_the_rhythm_keep_what_was_typed() -> None:
    district = make_district()
    client = client_of(district.officer)
    new = reverse("hazards:self_check_rule_new")
    given = {"high_kinds": ["depot"], "high_months": "1", "other_months": "3", "from_date": "2020-01-01",
             "reason": "试行"}  # fmt: skip
    wrong = client.post(new, given)
    assert wrong.status_code == 422
    assert "试行" in wrong.content.decode()
    far = {**given, "from_date": "2099-01-01"}
    assert client.post(new, far).status_code == 303
    assert "试行" in client.get(reverse("hazards:self_check_rules")).content.decode()
    assert client_of(district.town).get(reverse("hazards:self_check_rules")).status_code == 403


@pytest.mark.usefixtures("at_now")
@pytest.mark.clause("S2-1a")
def test_an_enterprise_confirms_its_rules_with_documents_and_who_has_not_by_a_day_is_listed() -> None:
    district = make_district()
    file = own_file(district)
    client = client_of(district.enterprise)
    page, new = (reverse(f"hazards:{name}", args=[file.pk]) for name in ("mechanism", "mechanism_new"))
    given = {"matter": "self_check", "title": "重大事故隐患自查自改制度", "issued": "2026-01-05"}
    bare = client.post(new, given)
    assert bare.status_code == 422
    assert "重大事故隐患自查自改制度" in bare.content.decode()

    def paper() -> SimpleUploadedFile:
        return SimpleUploadedFile("制度.txt", "制度全文".encode(), content_type="text/plain")

    assert client.post(new, {**given, "files": paper()}).status_code == 303
    listing = reverse("hazards:mechanisms")

    def named(**query: str) -> bool:
        return file.enterprise.name in client_of(district.department).get(listing, query).content.decode()  # type: ignore[union-attr]

    assert named(by="2026-09-08")
    assert named(none="1")
    posts = {"matter": "posts", "title": "全员安全生产责任制", "issued": "2026-01-06", "files": paper()}
    assert client.post(new, posts).status_code == 303
    assert not named(by="2026-09-08")
    assert named(by="2026-09-07")
    assert not named(none="1")
    assert "制度.txt" in client_of(district.town).get(page).content.decode()
    assert client_of(district.other_town).get(page).status_code == 404
    assert client_of(district.department).post(new, posts).status_code == 403
    assert Mechanism.objects.count() == 2


@pytest.mark.usefixtures("at_now")
def test_a_deputys_record_sent_twice_is_one_and_what_is_recorded_after_its_period_says_so() -> None:
    district = make_district()
    head, row = head_of(district), owed(district)
    safety, request = district.enterprise, uuid.uuid4()
    assert safety.user_id is not None
    services.depute(actor=head, row=row, person_id=safety.user_id, reason="出差", now=NOW)
    for _time in range(2):
        services.record_self_check(actor=safety, row=row, spec=spec(safety), now=OCTOBER, client_id=request)
    assert (row.status, row.items.count(), row.is_late) == ("DONE", 1, False)
    # A double tap: the second was read before the first was kept.
    second = owed(district, now=OCTOBER)
    early, request = SelfCheck.objects.get(pk=second.pk), uuid.uuid4()
    given = spec(head, checked=OCTOBER.date())
    for one in (second, early):
        services.record_self_check(actor=head, row=one, spec=given, now=OCTOBER, client_id=request)
    assert (early.status, early.items.count()) == ("DONE", 1)
    listing = reverse("hazards:self_checks")
    assert "期满后登记" in client_of(district.town).get(listing, {"recorded_after": "1"}).content.decode()
    assert row.title not in client_of(district.town).get(listing, {"missed": "1"}).content.decode()


@pytest.mark.usefixtures("at_now")
@pytest.mark.clause("S4-B3.1.1c")
def test_where_the_district_says_so_three_persons_owe_a_check_each_month_and_who_made_none_is_listed() -> None:
    district = make_district()
    head, office = head_of(district), client_of(district.officer)
    given = {"high_kinds": ["depot"], "high_months": "1", "other_months": "3", "from_date": "2026-09-08",
             "three_persons": "on", "reason": "三方责任人每月排查"}  # fmt: skip
    assert office.post(reverse("hazards:self_check_rule_new"), given).status_code == 303
    owed(district)
    rows = {row.side: row for row in SelfCheck.objects.all()}
    assert {side: row.owner_org_id for side, row in rows.items()} == {
        "enterprise": district.enterprise_org.pk, "department": district.department_org.pk,
        "town": district.town_org.pk,
    }  # fmt: skip
    assert {(row.first_date, row.last_date) for row in rows.values()} == {(date(2026, 9, 1), date(2026, 9, 30))}
    chief = district.department_head
    record = reverse("hazards:self_check_record", args=[rows["department"].pk])
    assert client_of(head).get(record).status_code == 403
    assert client_of(district.department).get(record).status_code == 403
    told = {"checked": "2026-09-08", "item_CH-12": "0", "none_found": "on", "signed": chief.name}
    assert client_of(chief).post(record, told).status_code == 303
    services.record_self_check(actor=head, row=rows["enterprise"], spec=spec(head), now=NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: OCTOBER)
        shown = client_of(district.officer).get(reverse("hazards:self_checks"), {"missed": "1"}).content.decode()
    missing = [reverse("hazards:self_check", args=[row.pk]) in shown for row in rows.values()]
    assert dict(zip(rows, missing, strict=True)) == {"enterprise": False, "department": False, "town": True}
    services.set_rule(actor=district.officer, high_kinds=["depot"], high_months=1, other_months=3,
                      from_date=OCTOBER.date(), reason="恢复", now=OCTOBER)  # fmt: skip
    services.keep_rhythm(now=OCTOBER)
    generate(now=OCTOBER)
    assert set(SelfCheck.objects.filter(first_date=date(2026, 10, 1)).values_list("side", flat=True)) == {"enterprise"}


def test_what_was_owed_twice_before_the_constraint_is_owed_once_after_the_upgrade() -> None:
    district = make_district()
    row = owed(district)
    generate(now=OCTOBER)
    other = SelfCheck.objects.exclude(pk=row.pk).get()
    migration = import_module("quancheng.domains.hazards.migrations.0019_self_check_owed_once")
    names = (one.column for one in SelfCheck._meta.local_concrete_fields)
    columns = ", ".join(one for one in names if one not in ("id", "status"))
    with connection.cursor() as cursor:
        # Stands before the real table, which takes no double any more.
        cursor.execute("CREATE TEMPORARY TABLE hazards_selfcheck ON COMMIT DROP AS SELECT * FROM hazards_selfcheck")
        for status in ("DUE", "DONE"):
            cursor.execute(
                f"INSERT INTO hazards_selfcheck (id, status, {columns}) "
                f"SELECT gen_random_uuid(), %s, {columns} FROM hazards_selfcheck WHERE id = %s",
                [status, row.pk if status == "DUE" else other.pk],
            )
    migration.end_doubles(apps, None)
    told = SelfCheck.objects.order_by("first_date", "status").values_list("first_date", "status")
    assert list(told) == [
        (row.first_date, "DUE"), (row.first_date, "ENDED"), (other.first_date, "DONE"), (other.first_date, "ENDED"),
    ]  # fmt: skip
    assert not WorkItem.objects.filter(subject_id=other.pk, done_at__isnull=True).exists()
