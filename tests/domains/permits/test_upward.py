"""Permits and alarms on their way to an upper platform: told with each change, in order, tried again, put right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.permits.exchange import CODE, PHONE, connected, hear, send
from tests.domains.permits.factories import NOW, crew_of, make_permit, sign_all
from tests.domains.permits.test_stopping import HANDED
from tests.factories import District, client_of, make_district
from tests.support.upper_platform import Upper, upper_platform

from quancheng.domains.hazards.models import ExchangeRow, Reconciliation
from quancheng.domains.hazards.services import exchange_adapters, exchange_queue
from quancheng.domains.permits.models import Permit, PermitPerson, WorkAlarm
from quancheng.domains.permits.services import alarms, clock, guarding, upward, working
from quancheng.domains.permits.services.auditing import audit_permit
from quancheng.domains.training.models import Person
from quancheng.kernel.errors import Invalid
from quancheng.standards import aq3064

pytestmark = pytest.mark.django_db
TICKETS, ALARMS = "SPECIAL_WORK_TICKET", "SPECIAL_WORK_ALARM"


@pytest.fixture(scope="module")
def upper_process() -> Iterator[Upper]:
    with upper_platform() as upper:
        yield upper


@pytest.fixture
def upper(upper_process: Upper, settings: Any) -> Upper:
    settings.UPPER_NETWORKS, settings.UPPER_INSECURE = ["127.0.0.1/32"], True
    upper_process.order()
    return upper_process


@pytest.fixture
def district() -> District:
    return make_district()


def after(**more: float) -> Any:
    return NOW + timedelta(**more)


def states() -> dict[str, str]:
    return dict(ExchangeRow.objects.values_list("table", "state"))


def test_a_permit_goes_up_with_all_its_items_and_again_with_each_change(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    hear()
    assert send(way, after(minutes=10)) == 1
    told = upper.rows(TICKETS)[str(permit.pk)]
    assert (told["COMPANY_CODE"], told["PARK_CODE"], told["IDENTIFIER"]) == (CODE, "PARK01", TICKETS)
    assert (told["TICKET_STATUS"], told["TICKET_TYPE"], told["ISSUE_TIME"]) == ("0", "03", "")
    assert (told["MAJOR_PERSON_MOBILE"], told["WORKER_NAME"]) == (PHONE, crew.worker.name)
    assert (told["SUPERVISOR_NAME"], told["TICKET_RESPONS_NAME"]) == (crew.guardian.name, crew.leader.name)
    assert (told["GAS_VALUE"], told["IS_CANCELLED"], told["LONGITUDE"]) == (0.05, "0", 118.5)
    assert told["WORKER_CERTI_NUM"]
    assert send(way, after(minutes=11)) == 0
    at = sign_all(crew, permit, now=after(minutes=12))
    working.start_work(actor=crew.safety, permit=permit, now=at)
    hear()
    send(way, at)
    told = upper.rows(TICKETS)[str(permit.pk)]
    assert (told["TICKET_STATUS"], told["ISSUE_TIME"] != "") == ("2", True)
    assert states() == {"ticket": "accepted"}


@pytest.mark.parametrize(
    ("act", "status", "item"), [("cancel", "5", "CANCELLED_CAUSE"), ("void", "4", "CHANGED_CAUSE")]
)
def test_why_a_permit_ended_is_told(district: District, upper: Upper, act: str, status: str, item: str) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="ISSUED")
    if act == "cancel":
        working.cancel_permit(actor=crew.head, permit=permit, reason="改期", now=after(minutes=20))
    else:
        working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="改期", now=after(minutes=20))
    hear()
    send(way, after(minutes=21))
    told = upper.rows(TICKETS)[str(permit.pk)]
    assert (told["TICKET_STATUS"], told[item], told["DELETED"]) == (status, "改期", "0")


def test_an_alarm_goes_up_after_its_permit_and_with_what_was_done_and_our_own_codes_do_not(
    district: District, upper: Upper
) -> None:
    since = len(upper.calls())
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = permit.window_end + timedelta(minutes=1)
    clock.keep_time(now=at)
    alarms.raise_alarm(permit=permit, code="WTH", source="WATCH", now=at)
    hear()
    assert send(way, at) == 2
    assert [one["table"] for one in upper.calls()[since:]] == [TICKETS, ALARMS]
    row = WorkAlarm.objects.get(code="10")
    told = upper.rows(ALARMS)[str(row.pk)]
    assert (told["TICKET_ID"], told["ALARM_TYPE"], told["ALARM_RESULT"]) == (str(permit.pk), "10", "")
    assert ExchangeRow.objects.filter(table="alarm").count() == 1
    alarms.act_on_alarm(actor=crew.safety, row=row, name="close", text="已停工", now=at + timedelta(minutes=5))
    hear()
    send(way, at + timedelta(minutes=6))
    told = upper.rows(ALARMS)[str(row.pk)]
    assert (told["ALARM_RESULT"], bool(told["ALARM_END_TIME"])) == ("已停工", True)


def test_an_alarm_waits_for_a_permit_that_was_refused_and_both_go_when_it_is_sent_again(
    district: District, upper: Upper
) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    at = permit.window_end + timedelta(minutes=1)
    clock.keep_time(now=at)
    hear()
    upper.order(refuse={str(permit.pk): "作业位置不规范"})
    send(way, at)
    assert states() == {"ticket": "rejected", "alarm": "waiting"}
    head = client_of(crew.head)
    listed = head.get(reverse("permits:exchange"), {"state": "rejected"}).content.decode()
    assert "4009 作业位置不规范" in listed
    upper.order()
    row = ExchangeRow.objects.get(table="ticket")
    page = reverse("hazards:exchange_row", args=[row.pk])
    assert client_of(district.other_enterprise).get(page).status_code in (403, 404)
    assert head.post(page, {"act": "resend"}).status_code == 303
    send(way, at + timedelta(days=400))
    assert states() == {"ticket": "accepted", "alarm": "accepted"}


def test_a_platform_that_fails_is_tried_again_and_nothing_is_lost(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    make_permit(district, "HW", crew=crew, to="PREPARING")
    hear()
    upper.order(fail=1)
    send(way, after(minutes=10))
    assert ExchangeRow.objects.get().reason == "HTTP 503"
    send(way, after(minutes=11))
    assert states() == {"ticket": "accepted"}


def test_what_lacks_something_here_waits_and_says_so(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    Person.objects.filter(pk=crew.leader.pk).update(phone="")
    make_permit(district, "HW", crew=crew, to="PREPARING")
    hear()
    assert send(way, after(minutes=10)) == 0
    row = ExchangeRow.objects.get()
    assert (row.state, row.code) == ("waiting", 4009)
    assert "手机" in row.reason


def test_counts_are_compared_each_night_and_what_is_missing_shows(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="PREPARING")
    hear()
    send(way, after(minutes=10))
    assert way.pk in exchange_adapters.daily_adapters()
    made = exchange_adapters.reconcile_daily(adapter_id=way.pk, now=after(hours=1))
    assert made is not None
    assert [one["table"] for one in made.lines] == ["ticket", "alarm"]
    assert not [one for one in made.differences if one["key"] == str(permit.pk)]
    ExchangeRow.objects.update(accepted_version="x")
    made = exchange_adapters.reconcile_daily(adapter_id=way.pk, now=after(hours=2))
    assert made is not None
    assert {"table": "ticket", "key": str(permit.pk), "kind": "other"} in made.differences
    assert Reconciliation.objects.count() == 2


def test_the_audit_knows_when_the_platform_had_the_newest_change(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="ISSUED")
    hear()

    def told(now: Any) -> str:
        found = audit_permit(permit=permit, moment="NIGHT", now=now)
        assert found is not None
        verdicts = {one["code"]: one["outcome"] for one in found.verdicts}
        return str(verdicts.get("A-051", "PASS"))

    assert told(after(hours=3)) == "FAIL"
    send(way, after(hours=4))
    ExchangeRow.objects.update(changed_at=after(hours=4))
    exchange_adapters.reconcile_daily(adapter_id=way.pk, now=after(hours=5))
    assert told(after(hours=6)) == "PASS"
    made = Reconciliation.objects.get()
    Reconciliation.objects.update(differences=[{"table": "ticket", "key": str(permit.pk), "kind": "lacking"}])
    assert told(after(hours=7)) == "FAIL"
    assert made.lines


def test_a_wrong_secret_is_a_failure_and_ways_fit_their_kind_of_data(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url, secret="falsch")
    make_permit(district, "HW", crew=crew, to="PREPARING")
    hear()
    send(way, after(minutes=10))
    row = ExchangeRow.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    with pytest.raises(Invalid):
        exchange_adapters.change_adapter(
            actor=crew.head, row=way, version=way.version, known={"variant": "A"}, now=after(minutes=11)
        )
    with pytest.raises(Invalid):
        exchange_adapters.change_adapter(
            actor=crew.head, row=way, version=way.version, known={"family": "dual", "variant": "A"},
            now=after(minutes=11),
        )  # fmt: skip


def test_filling_takes_what_was_asked_for_and_no_draft(district: District) -> None:
    crew, way = connected(district)
    ExchangeRow.objects.all().delete()
    asked = make_permit(district, "HW", crew=crew, to="PREPARING")
    make_permit(district, "HW", crew=crew, to="DRAFT")
    exchange_adapters.fill_adapter(actor=crew.head, row=way, now=after(minutes=1))
    assert list(ExchangeRow.objects.values_list("subject_id", flat=True)) == [asked.pk]
    assert Permit.objects.count() == 2


def test_the_time_of_change_never_goes_back_and_goes_on_after_what_went_up(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="PREPARING")
    hear()
    send(way, after(minutes=10))
    row = ExchangeRow.objects.get()
    sent = row.changed_at
    upward.tell_ticket(permit=permit, by="某人", now=sent - timedelta(minutes=5))
    row.refresh_from_db()
    assert row.changed_at == sent + timedelta(seconds=1)
    upward.tell_ticket(permit=permit, by="某人", now=sent)
    row.refresh_from_db()
    assert row.changed_at == sent + timedelta(seconds=1)
    upward.tell_ticket(permit=permit, by="某人", now=sent + timedelta(minutes=5))
    row.refresh_from_db()
    assert row.changed_at == sent + timedelta(minutes=5)


def test_what_is_sent_again_was_there_before(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    make_permit(district, "HW", crew=crew, to="ISSUED")
    hear()
    first = ExchangeRow.objects.get().changed_at + timedelta(minutes=1)
    send(way, first)
    row = ExchangeRow.objects.get()
    assert row.accepted_at == first

    def told(now: Any) -> str:
        found = audit_permit(permit=Permit.objects.get(), moment="NIGHT", now=now)
        assert found is not None
        return str({one["code"]: one["outcome"] for one in found.verdicts}.get("A-051", "PASS"))

    exchange_queue.resend(actor=crew.head, row=row, now=after(hours=5))
    assert told(after(hours=9)) == "NO_DATA"
    send(way, after(hours=9))
    row.refresh_from_db()
    assert (row.state, row.accepted_at, row.sent_at) == ("accepted", first, after(hours=9))
    assert told(after(hours=10)) == "NO_DATA"


def test_what_ended_without_a_place_is_dropped_with_its_alarms_and_long_lists_go_whole(
    district: District, upper: Upper
) -> None:
    crew, way = connected(district, upper.url)
    permit = make_permit(district, "HW", crew=crew, to="PREPARING")
    alarms.raise_alarm(permit=permit, code="01", source="WATCH", now=after(minutes=6))
    hear()
    Permit.objects.filter(pk=permit.pk).update(lon=None, lat=None)
    assert send(way, after(minutes=10)) == 0
    assert states() == {"ticket": "waiting", "alarm": "waiting"}
    Permit.objects.filter(pk=permit.pk).update(status="CANCELLED", ended_at=after(minutes=11))
    assert send(way, after(minutes=80)) == 0
    assert states() == {}
    Person.objects.filter(pk=crew.guardian.pk).update(name="监" * 60)
    facts = {"SUPERVISOR_NAME": "监" * 300, "WORKER_NAME": "作" * 2000}
    written = aq3064.write_record("ticket", facts)
    assert not [one for one in written.faults if one.field in facts]
    assert {one.field for one in aq3064.read_record("ticket", written.row).faults} >= set(facts)


def test_a_guardian_who_handed_over_is_told_still(district: District, upper: Upper) -> None:
    crew, way = connected(district, upper.url)
    spare = crew_of(district, "EX", order=740)
    permit = make_permit(district, "HW", crew=crew, to="ISSUED")
    old = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    guarding.hand_over(
        actor=crew.safety, permit=permit, part="GUARDIAN", person=spare.guardian, outgoing=old, now=after(minutes=20),
        **HANDED,
    )  # fmt: skip
    hear()
    send(way, after(minutes=21))
    assert upper.rows(TICKETS)[str(permit.pk)]["SUPERVISOR_NAME"] == f"{crew.guardian.name},{spare.guardian.name}"


@pytest.mark.parametrize(
    "answer",
    [
        {"tables": []}, {"tables": {"SPECIAL_WORK_TICKET": 7}}, {"tables": {"SPECIAL_WORK_TICKET": {"count": "x"}}},
        {"tables": {"SPECIAL_WORK_TICKET": {"count": 1}}, "rows": [7]},
        {"tables": {"SPECIAL_WORK_TICKET": {"count": 1}}, "rows": [["a", "b"], ["a", "b"]]},
    ],
)  # fmt: skip
def test_a_platform_that_answers_nonsense_or_the_same_page_for_ever_is_not_compared(
    district: District, monkeypatch: Any, settings: Any, answer: Any
) -> None:
    settings.UPPER_NETWORKS, settings.UPPER_INSECURE = ["127.0.0.1/32"], True
    crew, way = connected(district, "http://127.0.0.1:9")
    monkeypatch.setattr(exchange_adapters, "_asked", lambda *_given: answer)
    monkeypatch.setattr(exchange_adapters, "_PAGE", 2)
    with pytest.raises(Invalid):
        exchange_adapters.reconcile(actor=crew.head, row=way, now=NOW)
    assert exchange_adapters.reconcile_daily(adapter_id=way.pk, now=NOW) is None
    monkeypatch.setattr(exchange_adapters, "_asked", lambda *_given: {})
    exchange_adapters.switch_adapter(actor=crew.head, row=way, on=False, now=NOW)
    assert exchange_adapters.reconcile_daily(adapter_id=way.pk, now=NOW) is None
    assert not Reconciliation.objects.exists()
