"""Permits of enterprises' own systems: taken, judged, shown; what is refused is kept and replayed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.domains.permits.exchange import CODE, PHONE
from tests.domains.permits.factories import NOW, PLACE, crew_of, make_permit
from tests.domains.training.factories import own_file
from tests.factories import District, client_of, make_actor, make_district
from tests.kernel.exchange.importing import book, checked, imported

from quancheng.domains.hazards.services import exchange_applications as applications
from quancheng.domains.permits.models import KeptRecord, OutsideAlarm, OutsideChange, OutsidePermit, WorkAlarm
from quancheng.domains.permits.queries.outside import list_outside_gone
from quancheng.domains.permits.queries.simops import all_met, counts_at, met_by
from quancheng.domains.permits.services import clock, outside, simops
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.vault import services as vault
from quancheng.standards import aq3064
from quancheng.standards.dual_prevention_exchange import write_time

pytestmark = pytest.mark.django_db
KEY, ALARM = str(uuid.UUID(int=17)), str(uuid.UUID(int=18))


@dataclass
class System:
    district: District
    file: Enterprise
    head: Actor
    client: Client
    token: str

    def send(self, service: str, *rows: Any) -> dict[str, Any]:
        body = {"IDENTIFIER": service, "DATA_ID": uuid.uuid4().hex, "DATA": list(rows)}
        answer = self.client.post(
            "/exchange/v1/batches", json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        found: dict[str, Any] = answer.json()
        return found

    def codes(self, service: str, *rows: Any) -> list[int]:
        return [one["code"] for one in self.send(service, *rows)["rejected"]]


@pytest.fixture
def system() -> System:
    district = make_district()
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(registration_code=CODE)
    file.refresh_from_db()
    head = make_actor(district.enterprise_org, "enterprise.head", name="某主要负责人")
    made = applications.make_application(actor=head, file=file, name="某厂商作业票系统", cipher="none", key="", now=NOW)
    now = timezone.now()
    stamp = str(int(now.timestamp()))
    sign = applications.sign_of(made.application.app_id, stamp, made.secret)
    token, _ends = applications.issue_token(app_id=made.application.app_id, timestamp=stamp, sign=sign, now=now)
    return System(district, file, head, Client(), token)


def at(moment: datetime) -> str:
    return write_time(moment, "dashed")


def ticket(**more: Any) -> dict[str, Any]:
    return {
        "ID": KEY, "COMPANY_NAME": "示例化工", "COMPANY_CODE": CODE, "TICKET_TYPE": "03", "GAS_NAME": "甲烷",
        "GAS_TIME": at(NOW - timedelta(minutes=20)), "GAS_VALUE": "0.05", "ISSUE_TIME": at(NOW - timedelta(minutes=5)),
        "START_TIME": at(NOW), "END_TIME": at(NOW + timedelta(hours=6)), "TICKET_POSITION": "外部罐区",
        "TICKET_CONTENT": "更换外部管段", "LONGITUDE": "118.500000", "LATITUDE": "37.400000", "TICKET_STATUS": "2",
        "SUPERVISOR_NAME": "外监护", "WORKER_NAME": "外作业甲,外作业乙", "WORKER_CERTI_NAME": "焊接",
        "WORKER_CERTI_NUM": "T3701", "WORK_DEPARTMENT": "外修班", "IS_CONTRACTOR_WORK": "1",
        "TICKET_RESPONS_NAME": "外负责", "MAJOR_PERSON_MOBILE": PHONE, "IS_CHANGED": "0", "IS_CANCELLED": "0",
        "DELETED": "0", "CREATE_DATE": at(NOW - timedelta(hours=1)), "CREATE_BY": "外系统", "UPDATE_DATE": at(NOW),
        "UPDATE_BY": "外系统", **more,
    }  # fmt: skip


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "ID": ALARM, "TICKET_ID": KEY, "ALARM_START_TIME": at(NOW), "ALARM_TYPE": "31", "DELETED": "0",
        "CREATE_DATE": at(NOW), "CREATE_BY": "外系统", "UPDATE_DATE": at(NOW), "UPDATE_BY": "外系统", **more,
    }  # fmt: skip


TICKETS, ALARMS = "SPECIAL_WORK_TICKET", "SPECIAL_WORK_ALARM"


def test_a_record_is_mirrored_sealed_and_changed_by_newer_ones_alone(system):
    answer = system.send(TICKETS, ticket())
    assert (answer["code"], answer["accepted"], answer["rejected"]) == (0, 1, [])
    row = OutsidePermit.objects.get()
    assert (row.kind, row.level, row.state, row.file_id) == ("HW", "II", "2", system.file.pk)
    assert PHONE not in row.phone
    assert "T3701" not in row.certificate_numbers
    system.send(TICKETS, ticket())
    later = NOW + timedelta(hours=7)
    done = {"TICKET_STATUS": "3", "CHECKED_TIME": at(later), "UPDATE_DATE": at(later)}
    assert system.codes(TICKETS, ticket(**done)) == []
    assert system.codes(TICKETS, ticket(TICKET_CONTENT="旧内容", UPDATE_DATE=at(NOW + timedelta(hours=1)))) == []
    row.refresh_from_db()
    assert (row.state, row.content, row.accepted_at, row.received_count) == ("3", "更换外部管段", later, 4)
    changes = list(OutsideChange.objects.order_by("received_at", "pk").values_list("state", "fields"))
    assert changes == [("2", []), ("3", ["accepted_at", "state"])]


def test_an_envelope_is_read_like_the_record_and_the_other_names_of_the_service_too(system):
    bare = {name: value for name, value in ticket().items() if name not in ("ID", "CREATE_DATE", "UPDATE_DATE")}
    told = {**bare, "UUID": KEY, "CREATE_TIME": at(NOW), "UPDATE_TIME": at(NOW), "DELETE_BY": ""}
    assert system.codes("sw_ticket", told) == []
    assert OutsidePermit.objects.get().told_at == NOW


def test_rules_judge_what_the_record_tells_and_say_that_they_do_not_know_the_rest(system):
    early = {"ISSUE_TIME": at(NOW + timedelta(minutes=30)), "END_TIME": at(NOW + timedelta(hours=80))}
    system.send(TICKETS, ticket(**early))
    row = OutsidePermit.objects.get()
    assert {"A-002", "A-012"} <= set(row.failed)
    assert (row.worst, row.score) == ("C", 100 - sum(one["points"] for one in row.verdicts))
    unknown = {one["code"] for one in row.verdicts if one["outcome"] == "NO_DATA"}
    assert {"A-016", "A-022", "A-005"} <= unknown
    page = client_of(system.district.department).get(reverse("permits:outside_permit", args=[row.pk])).content.decode()
    assert "A-012" in page
    assert "外部" in page
    assert PHONE not in page
    system.send(TICKETS, ticket(ID=str(uuid.UUID(int=30)), TICKET_STATUS="0", ISSUE_TIME=""))
    assert OutsidePermit.objects.get(external_id=uuid.UUID(int=30)).audited_at is None


def test_what_is_malformed_is_refused_kept_sealed_and_taken_once_it_is_sent_well(system):
    assert system.codes(TICKETS, ticket(TICKET_TYPE="99"), "kein Objekt") == [4002, 4009]
    kept = KeptRecord.objects.get()
    assert (kept.key, kept.code, kept.taken_at) == (KEY, 4002, None)
    assert "外作业甲".encode() not in bytes(kept.payload)
    assert "TICKET_TYPE" in kept.reason
    assert system.codes(TICKETS, ticket()) == []
    kept.refresh_from_db()
    assert kept.taken_at is not None
    assert bytes(kept.payload) == b""


def test_a_record_under_another_code_is_replayed_by_a_person_once_the_file_is_right(system):
    assert system.codes(TICKETS, ticket(COMPANY_CODE="990100009")) == [4005]
    kept = KeptRecord.objects.get()
    page = reverse("permits:kept_record", args=[kept.pk])
    assert client_of(system.district.other_enterprise).get(page).status_code in (403, 404)
    own = client_of(system.head)
    assert KEY in own.get(reverse("permits:kept_records")).content.decode()
    assert own.post(page, {"act": "replay"}).status_code == 409
    assert not OutsidePermit.objects.exists()
    Enterprise.objects.filter(pk=system.file.pk).update(registration_code="990100009")
    with pytest.raises(NotPermitted):
        outside.replay(actor=system.district.enterprise, row=kept, now=NOW)
    assert own.post(page, {"act": "replay"}).status_code == 303
    assert OutsidePermit.objects.get().external_id == uuid.UUID(KEY)
    with pytest.raises(Conflict):
        outside.replay(actor=system.head, row=kept, now=NOW)


def test_an_alarm_that_came_before_its_permit_is_taken_with_it(system):
    assert system.codes(ALARMS, alarm()) == [4001]
    assert system.codes(TICKETS, ticket()) == []
    row = OutsideAlarm.objects.get()
    assert (row.code, row.permit.external_id) == ("31", uuid.UUID(KEY))
    assert KeptRecord.objects.get().taken_at is not None
    told = alarm(ALARM_RESULT="已到岗", ALARM_END_TIME=at(NOW), UPDATE_DATE=at(NOW + timedelta(minutes=1)))
    assert system.codes(ALARMS, told) == []
    row.refresh_from_db()
    assert row.result == "已到岗"
    page = reverse("permits:outside_permit", args=[row.permit_id])
    assert "已到岗" in client_of(system.head).get(page, {"tab": "alarms"}).content.decode()


def test_a_key_of_another_enterprise_is_refused_and_nothing_of_it_is_kept(system):
    system.send(TICKETS, ticket())
    foreign = open_own_file(actor=system.district.other_enterprise, kind="depot", known={}, now=NOW)
    OutsidePermit.objects.update(file=foreign)
    assert system.codes(TICKETS, ticket(UPDATE_DATE=at(NOW + timedelta(hours=1)))) == [4005]
    assert not KeptRecord.objects.exists()


def test_nobody_without_a_token_sends_and_others_see_nothing(system):
    stranger = System(system.district, system.file, system.head, Client(), "falsch")
    assert stranger.send(TICKETS, ticket())["code"] == 4010
    system.send(TICKETS, ticket())
    row = OutsidePermit.objects.get()
    other = client_of(system.district.other_enterprise)
    assert other.get(reverse("permits:outside_permit", args=[row.pk])).status_code == 404
    listed = client_of(system.district.department).get("/api/v1/permits/outside-permits", {"kind": "HW"}).json()
    assert [one["external_id"] for one in listed["items"]] == [KEY]
    assert "外作业甲" not in json.dumps(listed, ensure_ascii=False)
    assert other.get("/api/v1/permits/outside-permits").json()["items"] == []


def test_work_of_another_system_bars_what_may_not_meet_it_and_is_said_so(system):
    crew = crew_of(system.district, "BL")
    permit = make_permit(system.district, "BL", crew=crew, to="PREPARING", at=PLACE)
    assert met_by(permit) == []
    system.send(TICKETS, ticket(TICKET_STATUS="0", ISSUE_TIME=""))
    assert met_by(permit) == []
    system.send(TICKETS, ticket(UPDATE_DATE=at(NOW + timedelta(minutes=1))))
    row = OutsidePermit.objects.get()
    found = met_by(permit)
    assert [(one.outside, one.state, one.result) for one in found] == [(row.pk, "WORKING", "FORBID")]
    simops.record_conflicts(now=NOW)
    simops.record_conflicts(now=NOW + timedelta(minutes=1))
    assert list(permit.meetings.filter(gone_at__isnull=True).values_list("outside", flat=True)) == [row.pk]
    page = client_of(crew.safety).get(reverse("permits:permit", args=[permit.pk]), {"tab": "simops"}).content.decode()
    assert "外部作业票" in page
    system.send(TICKETS, ticket(TICKET_STATUS="5", IS_CANCELLED="1", UPDATE_DATE=at(NOW + timedelta(minutes=2))))
    assert met_by(permit) == []


def sheet(*rows: dict[str, Any]) -> bytes:
    """A sheet with official headings."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    heads = [aq3064.table("ticket").field(name).label.zh for name in names]
    return book(heads, *([row.get(name, "") for name in names] for row in rows))


LINE = {
    "ID": KEY, "TICKET_TYPE": "动火作业二级", "GAS_NAME": "甲烷", "GAS_TIME": "2026-09-08 08:40", "GAS_VALUE": "0.05",
    "ISSUE_TIME": "2026-09-08 08:55", "START_TIME": "2026-09-08 09:00", "END_TIME": "2026-09-08 15:00",
    "TICKET_POSITION": "外部罐区", "TICKET_CONTENT": "更换外部管段", "LONGITUDE": "118.5", "LATITUDE": "37.4",
    "TICKET_STATUS": "作业中", "SUPERVISOR_NAME": "外监护", "WORKER_NAME": "外作业甲", "WORK_DEPARTMENT": "外修班",
    "IS_CONTRACTOR_WORK": "否", "TICKET_RESPONS_NAME": "外负责", "MAJOR_PERSON_MOBILE": PHONE, "IS_CHANGED": "否",
    "IS_CANCELLED": "否",
}  # fmt: skip


def test_a_sheet_brings_permits_and_names_bad_cells(system):
    bad = checked(client_of(system.head), "permits.outside", sheet({**LINE, "ID": "x"}, {**LINE, "GAS_NAME": ""}))
    assert bad.state == "bad"
    imported(client_of(system.head), "permits.outside", sheet(LINE))
    row = OutsidePermit.objects.get()
    assert (row.kind, row.level, row.state, row.source) == ("HW", "II", "2", None)
    imported(client_of(system.head), "permits.outside", sheet({**LINE, "TICKET_CONTENT": "更换阀门"}))
    row.refresh_from_db()
    assert row.content == "更换阀门"


def test_board_and_map_list_it_apart_while_it_is_at_work(system):
    now = timezone.now()
    told = {"START_TIME": at(now - timedelta(hours=1)), "END_TIME": at(now + timedelta(hours=3)),
            "UPDATE_DATE": at(now)}  # fmt: skip
    system.send(TICKETS, ticket(**told))
    office = client_of(system.district.department)
    link = reverse("permits:outside_permit", args=[OutsidePermit.objects.get().pk])
    for page in ("permits:board", "permits:map"):
        assert link in office.get(reverse(page)).content.decode()
        assert link not in office.get(reverse(page), {"kind": "CS"}).content.decode()
        assert link not in client_of(system.district.other_enterprise).get(reverse(page)).content.decode()
    system.send(TICKETS, ticket(**told | {"UPDATE_DATE": at(now + timedelta(minutes=1)), "TICKET_STATUS": "4"}))
    assert link not in office.get(reverse("permits:board")).content.decode()


@pytest.mark.parametrize("year", ["0001", "1999", "9999"])
@pytest.mark.parametrize("name", ["START_TIME", "END_TIME", "CREATE_DATE", "UPDATE_DATE"])
def test_a_time_beyond_the_calendar_of_the_exchange_is_refused_and_pages_go_on(system, year, name):
    system.send(TICKETS, ticket())
    assert system.codes(TICKETS, ticket(ID=str(uuid.UUID(int=40)), **{name: f"{year}-01-01 00:00:00"})) == [4003]
    assert OutsidePermit.objects.count() == 1
    assert client_of(system.district.department).get(reverse("permits:outside")).status_code == 200
    assert list(simops.record_conflicts(now=NOW)) == [0, 0]


def later(minutes: float) -> str:
    return at(NOW + timedelta(minutes=minutes))


def test_an_older_record_neither_ends_nor_replaces_a_newer_one_that_waits(system):
    assert system.codes(TICKETS, ticket()) == []
    assert system.codes(TICKETS, ticket(UPDATE_DATE=later(20), TICKET_TYPE="99")) == [4002]
    kept = KeptRecord.objects.get()
    assert system.codes(TICKETS, ticket()) == []
    assert system.codes(TICKETS, ticket(UPDATE_DATE=later(-20))) == []
    assert system.codes(TICKETS, ticket(UPDATE_DATE=later(10))) == []
    assert system.codes(TICKETS, ticket(UPDATE_DATE=later(15), TICKET_STATUS="9")) == [4002]
    kept.refresh_from_db()
    assert (kept.taken_at, kept.told_at) == (None, NOW + timedelta(minutes=20))
    assert bytes(kept.payload)
    assert "TICKET_TYPE" in kept.reason
    assert system.codes(TICKETS, ticket(UPDATE_DATE=later(21))) == []
    kept.refresh_from_db()
    assert kept.taken_at is not None


def test_a_record_of_a_time_to_come_is_refused_and_holds_up_none_that_follow(system):
    ahead = at(timezone.now() + timedelta(days=2))
    assert system.codes(TICKETS, ticket(UPDATE_DATE=ahead)) == [4003]
    assert "UPDATE_DATE" in KeptRecord.objects.get().reason
    assert system.codes(TICKETS, ticket()) == []
    OutsidePermit.objects.update(told_at=timezone.now() + timedelta(days=2))
    assert system.codes(TICKETS, ticket(TICKET_STATUS="6", UPDATE_DATE=later(1))) == []
    assert OutsidePermit.objects.get().state == "6"
    assert system.codes(ALARMS, alarm(), alarm(CREATE_DATE=later(-2), UPDATE_DATE=later(-1))) == []
    assert system.codes(ALARMS, alarm(UPDATE_DATE=ahead)) == [4003]


def test_one_record_that_cannot_be_written_is_refused_alone(system, monkeypatch):
    odd = ticket(ID=str(uuid.UUID(int=50)), TICKET_CONTENT="\ud800")
    assert system.codes(TICKETS, odd, ticket(), {"ID": "\ud800\0x"}) == [4004, 4004]
    assert OutsidePermit.objects.get().external_id == uuid.UUID(KEY)
    seen, real = uuid.UUID(int=51), outside._fields

    def fields(values: Any) -> dict[str, Any]:
        return real(values) | ({"place": None} if values["ID"] == str(seen) else {})

    monkeypatch.setattr(outside, "_fields", fields)
    rows = [ticket(ID=str(uuid.UUID(int=key))) for key in (50, 51, 52)]
    assert system.codes(TICKETS, *rows) == [4009]
    assert OutsidePermit.objects.count() == 3
    assert KeptRecord.objects.filter(key=str(seen), code=4009, taken_at__isnull=True).exists()


def test_a_sheet_changes_nothing_that_a_system_maintains_until_its_credential_ends(system):
    system.send(TICKETS, ticket())
    line = {**LINE, "TICKET_CONTENT": "按表格"}
    bad = checked(client_of(system.head), "permits.outside", sheet(line))
    assert bad.state == "bad"
    row = OutsidePermit.objects.get()
    with pytest.raises(Conflict):
        outside.take_ticket(actor=system.head, file=system.file, row=ticket(UPDATE_DATE=later(5)), now=NOW)
    row.refresh_from_db()
    assert (row.content, row.source is None) == ("更换外部管段", False)
    applications.revoke_application(actor=system.head, row=row.source, now=timezone.now())
    imported(client_of(system.head), "permits.outside", sheet(line))
    row.refresh_from_db()
    assert (row.content, row.source) == ("按表格", None)


def test_a_system_that_comes_to_maintain_a_permit_of_a_sheet_is_believed(system):
    imported(client_of(system.head), "permits.outside", sheet(LINE))
    assert system.codes(TICKETS, ticket(TICKET_STATUS="6", UPDATE_DATE=later(1))) == []
    row = OutsidePermit.objects.get()
    assert (row.state, row.source is None) == ("6", False)


def test_a_replay_keeps_when_the_record_came_and_an_unreadable_alarm_holds_up_no_permit(system):
    assert system.codes(ALARMS, alarm(), alarm(ID=str(uuid.UUID(int=60)))) == [4001, 4001]
    first = KeptRecord.objects.get(key=ALARM)
    assert first.ticket == KEY
    KeptRecord.objects.filter(pk=first.pk).update(payload=b"v1:lost\nx")
    assert system.codes(TICKETS, ticket()) == []
    assert OutsideAlarm.objects.get().external_id == uuid.UUID(int=60)
    first.refresh_from_db()
    assert first.taken_at is None
    with pytest.raises(Conflict):
        outside.replay(actor=system.head, row=first, now=NOW)
    assert system.codes(TICKETS, ticket(ID=str(uuid.UUID(int=61)), COMPANY_CODE="990100009")) == [4005]
    kept = KeptRecord.objects.get(key=str(uuid.UUID(int=61)))
    Enterprise.objects.filter(pk=system.file.pk).update(registration_code="990100009")
    outside.replay(actor=system.head, row=kept, now=timezone.now() + timedelta(hours=5))
    assert OutsidePermit.objects.get(external_id=uuid.UUID(int=61)).received_at == kept.received_at


def test_turns_are_taken_in_one_order_before_any_row(system):
    rows = [alarm(ID=str(uuid.UUID(int=key)), TICKET_ID=str(uuid.UUID(int=90 - key))) for key in (1, 2)]
    with CaptureQueriesContext(connection) as asked:
        system.send(ALARMS, *rows)
    turns = [one["sql"] for one in asked if "outside ticket" in one["sql"]]
    assert len(turns) == 2
    assert turns == sorted(turns)


def test_work_of_another_enterprises_system_is_coordinated_and_stops_nothing_that_runs(system):
    crew = crew_of(system.district, "BL")
    permit = make_permit(system.district, "BL", crew=crew, to="WORKING", at=PLACE)
    system.send(TICKETS, ticket())
    foreign = open_own_file(actor=system.district.other_enterprise, kind="depot", known={}, now=NOW)
    OutsidePermit.objects.update(file=foreign)
    found = met_by(permit)
    assert [(one.result, one.is_foreign) for one in found] == [("CONDITIONAL", True)]
    assert [counts_at(found[0], phase, NOW + timedelta(minutes=1)) for phase in ("start", "work")] == [True, False]
    simops.record_conflicts(now=NOW)
    assert not WorkAlarm.objects.filter(permit=permit).exists()
    clock.keep_time(now=NOW + timedelta(minutes=10))
    permit.refresh_from_db()
    assert permit.status == "WORKING"


def test_a_point_that_cannot_be_of_its_enterprise_meets_no_work_and_is_said_so(system, settings):
    permit = make_permit(system.district, "BL", crew=crew_of(system.district, "BL"), to="PREPARING", at=PLACE)
    system.send(TICKETS, ticket())
    page = reverse("permits:outside_permit", args=[OutsidePermit.objects.get().pk])
    assert "位置存疑" not in client_of(system.head).get(page).content.decode()
    Enterprise.objects.filter(pk=system.file.pk).update(lon="118.6", lat="37.4")
    assert met_by(permit) == []
    assert "位置存疑" in client_of(system.head).get(page).content.decode()
    Enterprise.objects.filter(pk=system.file.pk).update(lon="118.51", lat="37.4")
    assert [one.result for one in met_by(permit)] == ["FORBID"]
    settings.DISTRICT_BOX = "116,36,117,37"
    assert met_by(permit) == []


def test_one_job_that_an_enterprise_keeps_in_both_systems_does_not_stop_itself(system):
    permit = make_permit(system.district, "HW", to="WORKING", at=PLACE)
    system.send(TICKETS, ticket())
    assert met_by(permit) == []
    assert all_met(now=NOW) == {permit.pk: []}
    system.send(TICKETS, ticket(ID=str(uuid.UUID(int=70)), LONGITUDE="118.500120"))
    assert [one.rule for one in met_by(permit)] == ["M-HW-HW"]


def test_rotation_seals_what_is_kept_anew_and_passes_over_what_cannot_be_opened(system):
    system.send(TICKETS, ticket(TICKET_TYPE="99"), ticket(ID=str(uuid.UUID(int=80)), TICKET_TYPE="99"))
    kept, lost = KeptRecord.objects.order_by("-key")
    KeptRecord.objects.filter(pk=lost.pk).update(payload=b"v1:lost\nx")
    before = bytes(kept.payload)
    changed = vault.rotate(actor=system_actor("operator"), now=NOW)
    assert changed["permits_keptrecord.payload:exchange_rows"] == 1
    kept.refresh_from_db()
    assert bytes(kept.payload) != before
    assert client_of(system.head).post(
        reverse("permits:kept_record", args=[kept.pk]), {"act": "replay"}
    ).status_code == 409
    assert outside.reseal_kept(str) == 0


def test_what_a_permit_of_ours_met_is_kept_as_long_as_it_is(system):
    permit = make_permit(system.district, "BL", crew=crew_of(system.district, "BL"), to="PREPARING", at=PLACE)
    system.send(TICKETS, ticket())
    simops.record_conflicts(now=NOW)
    assert not list_outside_gone(NOW + timedelta(days=1)).exists()
    permit.meetings.all().delete()
    assert list_outside_gone(NOW + timedelta(days=1)).count() == 1
