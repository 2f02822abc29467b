"""Rows from enterprises' own systems: proved, judged one by one, taken once, the newer one wins, through the loops."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.domains.hazards.exchange import CODE, Scene, make_adapter, make_scene
from tests.factories import NOW, client_of, make_actor, make_member

from quancheng.domains.hazards import jobs
from quancheng.domains.hazards.models import (
    CheckRecord,
    CheckTask,
    ExchangeApplication,
    ExchangeRow,
    ExchangeToken,
    Finding,
    IntakeBatch,
    ReceivedRow,
    UnitStop,
)
from quancheng.domains.hazards.services import exchange_applications as applications
from quancheng.domains.hazards.services import exchange_batches as batches
from quancheng.domains.hazards.services import exchange_intake as intake
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.hazards.services.check_tasks import end_task, remove_task
from quancheng.domains.hazards.services.unit_stops import change_stop
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.services import risks
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.exchange.upward.cipher import encrypt
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.dual_prevention_exchange import write_time

pytestmark = pytest.mark.django_db
KEYS = {name: str(uuid.UUID(int=number + 1, version=4)) for number, name in enumerate(
    ("unit", "event", "measure", "task", "stop", "record", "danger", "other")
)}  # fmt: skip


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return made


@dataclass
class System:
    """An enterprise's system: its credential, and how it calls."""

    application: ExchangeApplication
    secret: str
    client: Client
    token: str = ""

    def ask_token(self, *, at: datetime = NOW, sign: str = "") -> Any:
        stamp = str(int(at.timestamp()))
        body = {"appId": self.application.app_id, "timestamp": stamp}
        body["sign"] = sign or applications.sign_of(self.application.app_id, stamp, self.secret)
        return self.client.post("/exchange/v1/token", json.dumps(body), "application/json")

    def send(self, table: str, *rows: dict[str, Any], data: Any = None) -> dict[str, Any]:
        if not self.token:
            self.token = self.ask_token().json()["token"]
        body = {"serviceId": f"dp_{table}", "dataId": uuid.uuid4().hex, "data": list(rows) if data is None else data}
        answer = self.client.post(
            "/exchange/v1/batches", json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        found: dict[str, Any] = answer.json()
        return found

    def codes(self, table: str, *rows: dict[str, Any]) -> list[int]:
        """The reject codes of a call; empty where everything was taken."""
        return [one["code"] for one in self.send(table, *rows)["rejected"]]


def make_system(scene: Scene, *, cipher: str = "none", key: str = "") -> System:
    made = applications.make_application(
        actor=scene.head, file=scene.file, name="示例双预防系统", cipher=cipher, key=key, now=NOW
    )
    return System(made.application, made.secret, Client())


def stamp(**back: float) -> str:
    return write_time(NOW - timedelta(**back))


def row(table: str, **more: Any) -> dict[str, Any]:
    made = stamp(hours=2)
    own: dict[str, dict[str, Any]] = {
        "unit": {"hazardCode": "", "hazardCode1": "Q1", "hazardDep": "储运部", "hazardLiablePerson": "示例甲",
                 "riskUnitName": "2号罐"},
        "event": {"riskUnitId": KEYS["unit"], "riskEventName": "满溢致火灾"},
        "measure": {"riskEventId": KEYS["event"], "dataSrc": "2", "riskMeasureDesc": "高液位联锁", "classify1": "1",
                    "classify2": "1-4", "classify3": "", "troubleshootContent": "试验联锁"},
        "task": {"riskMeasureId": KEYS["measure"], "troubleshootContent": "试验联锁", "checkCycle": 1,
                 "checkCycleUnit": "天", "taskStartTime": stamp(days=2), "workStartTime": "", "workEndTime": "",
                 "workDayType": "0", "workType": "0", "taskNum": "", "createBy": "示例工"},
        "stop": {"hazardCode": "Q1", "riskUnitId": KEYS["unit"], "stopStartTime": stamp(days=9),
                 "stopEndTime": stamp(days=8), "stopReason": "检修"},
        "record": {"checkTaskId": KEYS["task"], "checkTime": stamp(hours=1), "checkStatus": "0", "isDefend": "0",
                   "mobileMe": "867000000000001", "createByMobile": "00055500001", "updateByMobile": "00055500001",
                   "createBy": "示例工"},
        "danger": {"hazardCode": "Q1", "riskMeasureId": KEYS["measure"], "dangerName": "联锁不动作", "dangerLevel": 0,
                   "registTime": stamp(hours=3), "registrant": "示例丁", "dangerSrc": "1", "dangerManageType": 1,
                   "hazardDangerType": 4, "hazardCategory": 0, "dangerDesc": "试验时联锁不动作",
                   "liablePerson": "示例乙", "dangerManageDeadline": write_time(NOW + timedelta(days=9)),
                   "dangerState": 0},
    }  # fmt: skip
    common = {
        "id": KEYS[table], "companyCode": CODE, "deleted": "0", "createDate": made, "createBy": "示例甲",
        "updateDate": made, "updateBy": "示例甲",
    }  # fmt: skip
    return {**common, **own[table], **more}


def risk_list(system: System) -> None:
    for table in ("unit", "event", "measure"):
        assert system.codes(table, row(table)) == []


def test_a_token_needs_the_secret_and_a_clock_that_is_right(scene: Scene) -> None:
    system = make_system(scene)
    assert system.ask_token(at=NOW + timedelta(minutes=5)).json()["expiresIn"] == 7200
    assert system.ask_token(at=NOW - timedelta(minutes=5)).status_code == 200
    for wrong in (
        system.ask_token(at=NOW + timedelta(minutes=5, seconds=1)),
        system.ask_token(at=NOW - timedelta(minutes=5, seconds=1)),
        system.ask_token(sign="0" * 64),
    ):
        assert (wrong.status_code, wrong.json()["code"]) == (401, 4010)
    assert system.send("unit", row("unit"))["accepted"] == 1
    ExchangeToken.objects.update(expires_at=NOW)
    assert system.send("unit", row("unit"))["code"] == 4010
    system.token = ""
    assert system.send("unit", row("unit"))["code"] == 0
    applications.revoke_application(actor=scene.head, row=system.application, now=NOW)
    assert system.send("unit", row("unit"))["code"] == 4010
    assert system.ask_token().status_code == 401
    system.application.refresh_from_db()
    assert system.application.secret == ""


def test_the_risk_list_comes_in_through_its_services_parents_first(scene: Scene) -> None:
    system = make_system(scene)
    assert system.codes("event", row("event")) == [4001]
    risk_list(system)
    assert system.codes("event", row("event")) == []
    unit = RiskUnit.objects.get(name="2号罐")
    assert (unit.object.code, unit.object.file, unit.object.department) == ("Q1", scene.file, "储运部")
    measure = Measure.objects.get(text="高液位联锁")
    assert (measure.event.unit, measure.subcategory, measure.check_text) == (unit, "1-4", "试验联锁")
    assert RiskEvent.objects.filter(name="满溢致火灾").count() == 1
    assert system.codes("unit", row("unit", id=KEYS["other"], hazardCode="330100001001")) == [4001]


def test_the_same_again_changes_nothing_the_newer_wins_the_older_is_told_so(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    again = system.send("unit", row("unit", riskUnitName="别名"))
    assert (again["accepted"], again["remarks"][0]["outcome"]) == (1, "taken")
    assert system.codes("unit", row("unit", riskUnitName="2号成品罐", updateDate=stamp(hours=1))) == []
    older = system.send("unit", row("unit", riskUnitName="旧名", updateDate=stamp(hours=1, minutes=30)))
    assert [one["outcome"] for one in older["remarks"]] == ["older"]
    assert [one.name for one in RiskUnit.objects.filter(object__code="Q1")] == ["2号成品罐"]
    known = ReceivedRow.objects.get(table="unit")
    assert (known.outcome, known.received_count) == ("older", 4)
    assert system.codes("measure", row("measure", deleted="1", updateDate=stamp(minutes=5))) == []
    assert Measure.objects.get(text="高液位联锁").ended_date is not None


def test_each_row_is_judged_for_itself(scene: Scene) -> None:
    system = make_system(scene)
    answer = system.send(
        "unit", row("unit", riskUnitName="罐" * 201), row("unit", id=KEYS["other"], updateDate="昨天"), row("unit"),
        {"id": "x"}, row("unit", id=KEYS["event"], companyCode="990100002"),
    )  # fmt: skip
    assert (answer["total"], answer["accepted"]) == (5, 1)
    assert [one["code"] for one in answer["rejected"]] == [4004, 4003, 4004, 4005]
    assert all(one["message"] and one["messageEn"] for one in answer["rejected"])
    assert "riskUnitName" in answer["rejected"][0]["message"]
    assert system.codes("measure", row("measure", classify1="7")) == [4002]


def test_a_key_of_another_enterprise_is_refused(scene: Scene) -> None:
    system = make_system(scene)
    ReceivedRow.objects.create(
        **scene.file.row_scope() | {"owner_org_id": scene.district.other_enterprise_org.pk},
        application=system.application, file_id=_other_file(scene), table="unit", external_id=KEYS["unit"],
        outcome="taken", received_at=NOW,
    )  # fmt: skip
    assert system.codes("unit", row("unit")) == [4005]


def _other_file(scene: Scene) -> Any:
    from quancheng.domains.registry.services.enterprises import open_own_file

    return open_own_file(actor=scene.district.other_enterprise, kind="depot", known={}, now=NOW).pk


def test_what_a_system_keeps_is_not_changed_by_hand_as_long_as_it_does(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    unit = RiskUnit.objects.get(name="2号罐")
    change = {"actor": scene.district.enterprise, "row": unit, "version": unit.version, "changes": {"name": "手改"}}
    with pytest.raises(Conflict, match="示例双预防系统"):
        risks.change_unit(**change, now=NOW)
    applications.revoke_application(actor=scene.head, row=system.application, now=NOW)
    assert risks.change_unit(**change, now=NOW).name == "手改"


@pytest.mark.clause("S4-C3.5.1")
def test_a_danger_from_outside_enters_the_same_loop_and_goes_through_it(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    picture = BytesIO()
    Image.new("RGB", (40, 30), (90, 40, 40)).save(picture, format="JPEG")
    image = base64.b64encode(picture.getvalue()).decode()
    assert system.codes("danger", row("danger", dangerImg=image)) == []
    found = Finding.objects.get()
    assert (found.status, found.outside, found.finder_name, found.plan["person"]) == (
        "FIXING", "示例双预防系统", "示例丁", "示例乙",
    )  # fmt: skip
    measure = Measure.objects.get(text="高液位联锁")
    assert measure.failed_at is not None
    assert not found.is_planned
    assert system.codes("danger", row("danger", dangerState=9, updateDate=stamp(minutes=50))) == [4007]
    assert system.codes("danger", row("danger", dangerState=1, updateDate=stamp(minutes=40))) == []
    found.refresh_from_db()
    assert found.status == "ACCEPTING"
    done = {"dangerState": 9, "checkAcceptPerson": "示例丙", "checkAcceptTime": stamp(minutes=30),
            "checkAcceptComment": "合格"}  # fmt: skip
    assert system.codes("danger", row("danger", updateDate=stamp(minutes=30), **done)) == []
    found.refresh_from_db()
    assert (found.status, found.plan["accepted_by"], found.comment) == ("CLOSED", "示例丙", "合格")
    measure.refresh_from_db()
    assert measure.failed_at is None
    moves = MoveRecord.objects.filter(subject_id=found.pk).order_by("at", "pk").values_list("move", flat=True)
    assert list(moves) == ["", "submit", "confirm", "plan", "finish", "accept"]
    assert system.codes("danger", row("danger", updateDate=stamp(minutes=20))) == [4006]
    again = row("danger", updateDate=stamp(minutes=10), reopenReason="复查又不动作")
    assert system.codes("danger", again) == []
    second = Finding.objects.get(reopens=found)
    assert (second.status, ReceivedRow.objects.get(table="danger").subject_id) == ("FIXING", second.pk)


def test_a_major_danger_is_told_from_outside_and_handled_here(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    assert system.codes("danger", row("danger", dangerLevel=1)) == []
    found = Finding.objects.get()
    assert (found.status, found.is_major, found.reports.count()) == ("PLANNING", True, 3)
    later = row("danger", dangerLevel=1, dangerState=1, updateDate=stamp(minutes=5))
    answer = system.send("danger", later)
    assert answer["rejected"][0]["code"] == 4006
    assert "本系统" in answer["rejected"][0]["message"]


def test_tasks_stops_and_records_come_in_too(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    assert system.codes("task", row("task")) == [4009]
    make_member(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    assert system.codes("record", row("record")) == [4001]
    assert system.codes("task", row("task")) == []
    assert system.codes("record", row("record")) == []
    assert system.codes("stop", row("stop")) == []
    task, record = CheckTask.objects.get(), CheckRecord.objects.get()
    assert (task.measure.text, task.cycle_unit, task.person.name) == ("高液位联锁", "day", "示例工")
    assert (record.task, record.status, record.person_name) == (task, 0, "示例工（示例双预防系统）")
    assert "867000000000001" not in record.device
    assert UnitStop.objects.get().reason == "检修"
    assert system.codes("record", row("record", checkStatus="1", updateDate=stamp(minutes=1))) == [4009]
    late = row("record", id=KEYS["other"], checkStatus="1", checkTime=stamp(minutes=20), updateDate=stamp(minutes=9))
    assert system.codes("record", late) == []
    told = row("danger", checkRecordId=KEYS["other"], dangerName="联锁电缆断", updateDate=stamp(minutes=1))
    assert system.codes("danger", told) == []
    assert [one.name for one in Finding.objects.all()] == ["联锁电缆断"]


@pytest.mark.parametrize("cipher", ["aes_cbc", "sm4_cbc"])
def test_an_encrypted_batch_is_opened_with_the_key_of_its_credential(scene: Scene, cipher: str) -> None:
    key = "example-key-0001"
    system = make_system(scene, cipher=cipher, key=key)
    text = json.dumps([row("unit")])
    assert system.send("unit", data=encrypt(cipher, key, text))["accepted"] == 1
    assert system.send("unit", data=encrypt(cipher, "another-key-0001", text))["code"] == 4010
    assert system.send("unit", row("unit"))["code"] == 4010


def test_the_head_makes_and_revokes_a_credential_on_a_page(scene: Scene) -> None:
    page = reverse("hazards:exchange_application_new", args=[scene.file.pk])
    safety, head = client_of(scene.district.enterprise), client_of(scene.head)
    assert safety.get(page).status_code == 403
    refused = head.post(page, {"name": "示例系统", "cipher": "aes_cbc", "key": "短"})
    assert refused.status_code == 422
    assert 'value="示例系统"' in refused.content.decode()
    made = head.post(page, {"name": "示例系统", "cipher": "none"})
    found = ExchangeApplication.objects.get()
    assert found.app_id in made.content.decode()
    own = reverse("hazards:exchange_application", args=[found.pk])
    assert "application-secret" not in head.get(own).content.decode()
    system = System(found, made.content.decode().split('id="application-secret">')[1].split("<")[0], Client())
    assert system.send("unit", row("unit", riskUnitName="罐" * 201))["total"] == 1
    listed = head.get(reverse("hazards:exchange_received")).content.decode()
    assert "4004" in listed
    assert head.post(own, {"act": "revoke"}).status_code == 303
    assert system.send("unit", row("unit"))["code"] == 4010
    other = client_of(scene.district.other_enterprise)
    assert other.get(own).status_code == 404
    with pytest.raises(NotPermitted):
        applications.make_application(
            actor=scene.district.enterprise, file=scene.file, name="x", cipher="none", key="", now=NOW
        )


def test_a_row_costs_the_same_however_many_come_with_it(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)

    def cost(count: int) -> float:
        rows = [row("event", id=str(uuid.uuid4()), riskEventName=f"事件{uuid.uuid4()}") for _number in range(count)]
        with CaptureQueriesContext(connection) as asked:
            results = intake.take_rows(
                application=system.application, code="event", rows=rows, batch="b", now=timezone.now()
            )
        assert [one.code for one in results] == [0] * count
        return len(asked) / count

    few, many = cost(10), cost(60)
    assert many <= few <= 40
    assert RiskObject.objects.filter(code="Q1").count() == 1


def test_proof_that_is_no_ascii_or_too_long_is_refused_and_counted(scene: Scene) -> None:
    system = make_system(scene)
    for body in (
        {"appId": system.application.app_id, "timestamp": "1", "sign": "签" * 20},
        {"appId": "\ud800", "timestamp": "1", "sign": "0"}, {"appId": "a\u0000b", "timestamp": "1", "sign": "0"},
    ):  # fmt: skip
        answer = system.client.post("/exchange/v1/token", json.dumps(body), "application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, 4010)
    stamp_now = str(int(NOW.timestamp()))
    good = {"appId": system.application.app_id, "timestamp": stamp_now,
            "sign": applications.sign_of(system.application.app_id, stamp_now, system.secret)}  # fmt: skip
    long = json.dumps({**good, "more": "x" * 5000})
    assert system.client.post("/exchange/v1/token", long, "application/json").status_code == 401
    assert system.ask_token().status_code == 200
    for _time in range(30):
        last = system.client.post("/exchange/v1/token", long, "application/json")
    assert last.status_code == 429
    assert system.ask_token().status_code == 429


def test_a_key_of_ours_that_was_refused_first_means_our_record_still(scene: Scene) -> None:
    system = make_system(scene)
    own = row("event", id=str(scene.event.pk), riskUnitId=str(scene.unit.pk), riskEventName="满溢")
    assert system.codes("event", {**own, "riskEventName": ""}) == [4009]
    assert ReceivedRow.objects.get(table="event").subject_id is None
    assert system.codes("event", {**own, "updateDate": stamp(minutes=5)}) == []
    scene.event.refresh_from_db()
    assert (scene.event.name, RiskEvent.objects.filter(unit=scene.unit).count()) == ("满溢", 1)


def test_tasks_and_stops_that_a_system_keeps_are_not_ended_by_hand(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    make_member(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    assert system.codes("task", row("task")) == []
    assert system.codes("stop", row("stop")) == []
    safety, task, stop = scene.district.enterprise, CheckTask.objects.get(), UnitStop.objects.get()
    acts: dict[str, Any] = {
        "end": lambda: end_task(actor=safety, row=task, reason="不再需要", now=NOW),
        "remove": lambda: remove_task(actor=safety, row=task, now=NOW),
        "change": lambda: change_stop(actor=safety, row=stop, version=stop.version, ends_at=NOW, now=NOW),
    }
    for act in acts.values():
        with pytest.raises(Conflict, match="示例双预防系统"):
            act()
    assert system.codes("stop", row("stop", stopEndTime=stamp(days=7), updateDate=stamp(minutes=5))) == []
    assert system.codes("task", row("task", deleted="1", updateDate=stamp(minutes=5))) == []
    task.refresh_from_db()
    assert task.ended_date is not None
    applications.revoke_application(actor=scene.head, row=system.application, now=NOW)
    stop.refresh_from_db()
    assert change_stop(actor=safety, row=stop, version=stop.version, ends_at=NOW, now=NOW).ends_at == NOW


def test_a_danger_that_arose_here_is_not_adopted_by_a_system_that_names_its_record(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    make_member(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    assert system.codes("task", row("task")) == []
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker")
    task = CheckTask.objects.get()
    CheckTask.objects.filter(pk=task.pk).update(person=worker.user_id)
    task.refresh_from_db()
    spec = CheckSpec(status=1, at=NOW - timedelta(hours=1), note="阀门渗漏")
    record = record_check(actor=worker, spec=spec, task=task, now=NOW)
    native = Finding.objects.get(check_record=record)
    assert system.codes("danger", row("danger", checkRecordId=str(record.pk))) == []
    native.refresh_from_db()
    assert (native.status, native.outside, native.name) == ("REPORTED", "", "阀门渗漏")


def test_a_reopened_danger_goes_up_under_the_key_that_it_had(scene: Scene) -> None:
    system = make_system(scene)
    risk_list(system)
    make_adapter(scene, "https://192.0.2.1", on=False)
    assert system.codes("danger", row("danger")) == []
    scene.hear()
    queued = ExchangeRow.objects.get(table="danger")
    assert str(queued.external_id) == KEYS["danger"]
    ExchangeRow.objects.filter(pk=queued.pk).update(push_count=1, state="accepted", accepted_at=NOW)
    done = {"dangerState": 9, "checkAcceptPerson": "示例丙", "checkAcceptTime": stamp(minutes=30),
            "checkAcceptComment": "合格"}  # fmt: skip
    assert system.codes("danger", row("danger", dangerState=1, updateDate=stamp(minutes=40))) == []
    assert system.codes("danger", row("danger", updateDate=stamp(minutes=30), **done)) == []
    scene.hear()
    assert system.codes("danger", row("danger", updateDate=stamp(minutes=10), reopenReason="复查又不动作")) == []
    scene.hear()
    second = Finding.objects.get(reopens__isnull=False)
    queued = ExchangeRow.objects.get(table="danger", external_id=KEYS["danger"])
    assert (queued.subject_id, queued.state) == (second.pk, "waiting")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two rows are a large batch here, judged two at a time."""
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    monkeypatch.setattr(batches, "CHUNK", 2)


def events(count: int) -> list[dict[str, Any]]:
    return [row("event", id=str(uuid.uuid4()), riskEventName=f"事件{number}") for number in range(count)]


def state(system: System, told: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {system.token}"}
    return system.client.get(f"/exchange/v1/batches/{told['batchId']}", headers=headers)


@pytest.mark.usefixtures("small")
def test_a_large_batch_is_kept_sealed_judged_by_a_worker_and_asked_for_later(scene: Scene) -> None:
    system, other = make_system(scene), make_system(scene)
    risk_list(system)
    wrong = row("event", id=KEYS["other"], riskEventName="")
    told = system.send("event", *events(4), wrong)
    assert (told["code"], told["total"], told["done"], told["ended"]) == (0, 5, 0, False)
    assert "事件1" not in bytes(IntakeBatch.objects.get().rows).decode("utf-8", "replace")
    assert RiskEvent.objects.filter(name__startswith="事件").count() == 0
    for _minute in range(2):
        jobs.exchange_in(timestamp=0)
    (queued,) = ProcrastinateJob.objects.filter(task_name="hazards.exchange_take")
    assert queued.args == {"application_id": str(system.application.pk)}
    jobs.exchange_take(**queued.args)
    found = state(system, told).json()
    assert (found["done"], found["ended"], found["accepted"]) == (5, True, 4)
    assert [(one["id"], one["code"]) for one in found["rejected"]] == [(KEYS["other"], 4009)]
    assert RiskEvent.objects.filter(name__startswith="事件").count() == 4
    assert bytes(IntakeBatch.objects.get().rows) == b""
    assert other.codes("unit", row("unit", id=KEYS["other"], riskUnitName="别的罐")) == []
    assert state(other, told).status_code == 404
    other.token = "x"
    assert state(other, told).status_code == 401


@pytest.mark.usefixtures("small")
def test_a_large_batch_goes_on_where_its_worker_died(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    system = make_system(scene)
    risk_list(system)
    told = system.send("event", *events(6))
    real, calls = batches.take_chunk, []

    def dies(**given: Any) -> Any:
        calls.append(len(given["rows"]))
        done = real(**given)
        if len(calls) == 2:
            raise ZeroDivisionError
        return done

    monkeypatch.setattr(batches, "take_chunk", dies)
    with pytest.raises(ZeroDivisionError):
        batches.take_batches(application_id=system.application.pk, now=NOW)
    assert state(system, told).json()["done"] == 2
    assert RiskEvent.objects.filter(name__startswith="事件").count() == 2
    assert batches.take_batches(application_id=system.application.pk, now=NOW) == 1
    assert (calls, state(system, told).json()["accepted"]) == ([2, 2, 2, 2], 6)
    assert ReceivedRow.objects.filter(table="event", received_count=1).count() == 6 + 1


@pytest.mark.usefixtures("small")
def test_large_batches_are_told_once_bounded_and_end_with_their_credential(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = make_system(scene)
    risk_list(system)
    kept = [batches.keep_batch(application=system.application, code="event", rows=events(3), batch="b", now=NOW)
            for _twice in range(2)]  # fmt: skip
    assert kept[0] == kept[1]
    monkeypatch.setattr(batches, "MOST_OPEN", 1)
    assert system.send("event", *events(3))["message"] == "请求过于频繁"
    monkeypatch.setattr(batches, "take_chunk", lambda **given: 1 // 0)
    for _start in range(batches.MOST_TRIES):
        with pytest.raises(ZeroDivisionError):
            batches.take_batches(application_id=system.application.pk, now=NOW)
    assert batches.take_batches(application_id=system.application.pk, now=NOW) == 1
    given_up = IntakeBatch.objects.get()
    assert (given_up.ended_at, given_up.done_count, bytes(given_up.rows)) == (NOW, 0, b"")
    batches.keep_batch(application=system.application, code="event", rows=events(3), batch="c", now=NOW)
    applications.revoke_application(actor=scene.head, row=system.application, now=NOW)
    assert batches.take_batches(application_id=system.application.pk, now=NOW) == 1
    assert RiskEvent.objects.filter(name__startswith="事件").count() == 0


def test_marks_that_no_database_stores_are_refused_with_their_row(scene: Scene) -> None:
    system = make_system(scene)
    bad = row("unit", id=KEYS["other"], riskUnitName="a\u0000b")
    assert system.codes("unit", bad, {"id": "\u0000x"}, row("unit")) == [4004, 4004]
