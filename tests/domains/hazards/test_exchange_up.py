"""Records on their way up: parents first, nothing lost, tried again, refused and put right, in all three ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.domains.hazards.exchange import CODE, Scene, Upper, make_adapter, make_scene, send
from tests.domains.hazards.factories import make_finding
from tests.domains.risk.factories import make_event, make_measure
from tests.factories import NOW, make_actor
from tests.support.upper_platform import upper_platform

from quancheng.domains.hazards import jobs
from quancheng.domains.hazards.models import ExchangeBatch, ExchangeRow, Finding
from quancheng.domains.hazards.services import exchange_adapters, exchange_queue, exchange_sending
from quancheng.domains.hazards.services import findings as finding_services
from quancheng.domains.risk.services import risks
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.vault import services as vault

pytestmark = pytest.mark.django_db


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
def scene() -> Scene:
    return make_scene()


def batches(upper: Upper, since: int) -> list[str]:
    return [one["table"] for one in upper.calls()[since:]]


def after(**more: float) -> Any:
    return NOW + timedelta(**more)


def test_what_stands_goes_up_parents_first_and_a_change_goes_again(scene: Scene, upper: Upper) -> None:
    since = len(upper.calls())
    adapter = make_adapter(scene, upper.url)
    assert scene.rows() == dict.fromkeys(("unit", "event", "measure"), "waiting")
    assert send(adapter) == 3
    assert batches(upper, since) == ["t_aqfxfxdy", "t_aqfxsj", "t_aqfxgkcs"]
    assert scene.rows() == dict.fromkeys(("unit", "event", "measure"), "accepted")
    told = upper.rows("t_aqfxgkcs")[str(scene.measure.pk)]
    assert (told["companyCode"], told["riskEventId"], told["classify2"]) == (CODE, str(scene.event.pk), "1-4")
    assert (told["createDate"], told["updateBy"]) == ("20260908090000", scene.head.name)
    assert upper.rows("t_aqfxfxdy")[str(scene.unit.pk)]["hazardCode1"] == "O1"
    assert send(adapter, after(minutes=5)) == 0
    risks.change_measure(
        actor=scene.district.enterprise, row=scene.measure, version=scene.measure.version,
        changes={"check_text": "每月试验一次"}, now=after(minutes=6),
    )  # fmt: skip
    assert scene.rows(table="measure") == {"measure": "waiting"}
    assert send(adapter, after(minutes=7)) == 1
    told = upper.rows("t_aqfxgkcs")[str(scene.measure.pk)]
    assert (told["troubleshootContent"], told["updateDate"]) == ("每月试验一次", "20260908090600")
    risks.end_unit(actor=scene.district.enterprise, row=scene.unit, reason="拆除", now=after(minutes=8))
    assert send(adapter, after(minutes=9)) == 3
    assert {upper.rows(name)[str(pk)]["deleted"] for name, pk in (
        ("t_aqfxfxdy", scene.unit.pk), ("t_aqfxsj", scene.event.pk), ("t_aqfxgkcs", scene.measure.pk)
    )} == {"1"}  # fmt: skip


def test_a_danger_goes_up_when_it_is_graded_and_again_with_each_step(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    row = make_finding(scene.district.enterprise, scene.file, unit=scene.unit, measure=scene.measure)
    scene.hear()
    send(adapter)
    waiting = ExchangeRow.objects.get(table="danger")
    assert (waiting.state, waiting.code) == ("waiting", 4009)
    assert "期限" in waiting.reason
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    finding_services.grade_finding(
        actor=scene.district.enterprise, row=row, criterion="", grade="serious", rectifier=worker.user_id,
        deadline=None, cause="老化", now=after(minutes=2),
    )  # fmt: skip
    scene.hear()
    send(adapter, after(minutes=3))
    told = upper.rows("t_yhzlxx")[str(row.pk)]
    # The inner grade 较大 stays inside: above it is a general danger.
    assert int(told["dangerLevel"]) == 0
    assert "较大" not in str(told)
    assert "serious" not in str(told)
    assert (told["dangerState"], told["liablePerson"], told["riskMeasureId"]) == (0, "示例工", str(scene.measure.pk))
    assert scene.rows(table="danger") == {"danger": "accepted"}


def test_a_child_waits_for_its_parent_and_says_so(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    upper.order(refuse={str(scene.event.pk): "事件名称不规范"})
    send(adapter)
    event, measure = (ExchangeRow.objects.get(table=name) for name in ("event", "measure"))
    assert (event.state, event.code, event.reason) == ("rejected", 4009, "事件名称不规范")
    assert (measure.state, measure.code) == ("waiting", 4001)
    assert "安全风险事件" in measure.reason
    upper.order()
    risks.change_event(
        actor=scene.district.enterprise, row=scene.event, version=scene.event.version,
        changes={"name": "储罐满溢致火灾"}, now=after(minutes=2),
    )  # fmt: skip
    send(adapter, after(minutes=3))
    assert set(scene.rows().values()) == {"accepted"}
    assert upper.rows("t_aqfxsj")[str(scene.event.pk)]["riskEventName"] == "储罐满溢致火灾"


def test_a_peer_that_fails_is_tried_again_after_one_five_and_thirty_minutes_then_hourly(
    scene: Scene, upper: Upper
) -> None:
    adapter = make_adapter(scene, upper.url)
    upper.order(fail=100)
    now, waits = NOW, []
    for _attempt in range(6):
        assert send(adapter, now) == 1
        row = ExchangeRow.objects.get(table="unit")
        assert (row.state, row.reason) == ("waiting", "HTTP 503")
        waits.append((row.next_try_at - now) / timedelta(minutes=1))
        assert send(adapter, row.next_try_at - timedelta(seconds=1)) == 0
        now = row.next_try_at
    assert waits == [1, 5, 30, 60, 60, 60]
    adapter.refresh_from_db()
    assert (adapter.failure, adapter.failing_since, adapter.succeeded_at) == ("HTTP 503", NOW, None)
    assert exchange_sending.raise_alarms(now=after(hours=23)) == 0
    assert exchange_sending.raise_alarms(now=after(hours=24)) == 1
    assert exchange_sending.raise_alarms(now=after(hours=25)) == 0
    told = Notice.objects.get(user=scene.head.user_id, kind=exchange_sending.STUCK)
    assert told.data == {"title": "示例上级平台", "count": 3}
    upper.order()
    send(adapter, after(hours=26))
    assert exchange_sending.raise_alarms(now=after(hours=27)) == 0
    adapter.refresh_from_db()
    assert (adapter.alarmed_at, adapter.failing_since, set(scene.rows().values())) == (None, None, {"accepted"})


def test_an_answer_that_was_lost_costs_one_more_attempt_and_no_second_row(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    upper.order(lose=1)
    assert send(adapter) == 1
    assert scene.rows(table="unit") == {"unit": "waiting"}
    assert str(scene.unit.pk) in upper.rows("t_aqfxfxdy")
    send(adapter, after(minutes=1))
    assert set(scene.rows().values()) == {"accepted"}
    assert ExchangeRow.objects.get(table="unit").push_count == 2


def test_a_kill_between_the_commit_and_the_sending_loses_nothing(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    prepared = exchange_sending.prepare(adapter=adapter, code="unit", now=NOW)
    assert prepared is not None
    # Here the process died: the batch stands, nobody sent it.
    assert send(adapter) == 0
    assert send(adapter, after(minutes=1)) == 3
    assert set(scene.rows().values()) == {"accepted"}
    assert ExchangeBatch.objects.get(pk=prepared.batch.pk).status is None


def test_a_change_while_the_batch_is_under_way_is_told_too(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    prepared = exchange_sending.prepare(adapter=adapter, code="unit", now=NOW)
    assert prepared is not None
    told = exchange_sending.tell(adapter, prepared)
    risks.change_unit(
        actor=scene.district.enterprise, row=scene.unit, version=scene.unit.version, changes={"name": "V-102罐"},
        now=after(seconds=1),
    )  # fmt: skip
    exchange_sending.note(batch=prepared.batch, told=told, now=after(seconds=2))
    row = ExchangeRow.objects.get(table="unit")
    assert (row.state, row.accepted_at) == ("waiting", after(seconds=2))
    send(adapter, after(seconds=3))
    assert upper.rows("t_aqfxfxdy")[str(scene.unit.pk)]["riskUnitName"] == "V-102罐"
    assert ExchangeRow.objects.get(table="unit").state == "accepted"


def test_a_record_and_its_place_in_the_queue_stand_or_fall_together(scene: Scene, upper: Upper) -> None:
    make_adapter(scene, upper.url)
    before = ExchangeRow.objects.count()
    with pytest.raises(ZeroDivisionError):
        _enter_and_fail(scene)
    assert ExchangeRow.objects.count() == before


def _enter_and_fail(scene: Scene) -> None:
    from django.db import transaction

    with transaction.atomic():
        make_event(scene.district.enterprise, scene.unit, name="另一事件")
        raise ZeroDivisionError


def test_the_city_platform_gets_a_form_for_each_row(scene: Scene, upper: Upper) -> None:
    since = len(upper.calls())
    adapter = make_adapter(scene, upper.url, way="b", times="dashed")
    send(adapter)
    assert [(one["table"], one["act"]) for one in upper.calls()[since:]] == [
        ("t_aqfxfxdy", "create"), ("t_aqfxsj", "create"), ("t_aqfxgkcs", "create"),
    ]  # fmt: skip
    assert upper.rows("t_aqfxfxdy")[str(scene.unit.pk)]["createDate"] == "2026-09-08 09:00:00"
    risks.end_measure(actor=scene.district.enterprise, row=scene.measure, reason="合并", now=after(minutes=1))
    send(adapter, after(minutes=2))
    assert upper.calls()[-1]["act"] == "delete"
    assert upper.rows("t_aqfxgkcs")[str(scene.measure.pk)]["deleted"] == "1"
    assert set(scene.rows().values()) == {"accepted"}


@pytest.mark.parametrize("cipher", ["aes_cbc", "aes_ecb", "sm4_cbc", "sm4_ecb", "none"])
def test_each_cipher_is_read_by_the_other_side(scene: Scene, settings: Any, cipher: str) -> None:
    settings.UPPER_NETWORKS, settings.UPPER_INSECURE = ["127.0.0.1/32"], True
    with upper_platform("--cipher", cipher) as other:
        send(make_adapter(scene, other.url, cipher=cipher))
        assert set(scene.rows().values()) == {"accepted"}


def test_a_wrong_key_is_a_failure_and_no_refusal_of_rows(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url, key="another-key-16by")
    assert send(adapter) == 1
    row = ExchangeRow.objects.get(table="unit")
    assert (row.state, row.tries) == ("waiting", 1)
    assert "密文" in row.reason


def test_what_would_be_refused_does_not_leave(scene: Scene, upper: Upper) -> None:
    since = len(upper.calls())
    adapter = make_adapter(scene, upper.url)
    risks.change_object(
        actor=scene.district.enterprise, row=scene.unit.object, version=scene.unit.object.version,
        changes={"head": "某" * 21}, now=after(minutes=1),
    )  # fmt: skip
    assert send(adapter, after(minutes=2)) == 0
    row = ExchangeRow.objects.get(table="unit")
    assert (row.state, row.code, batches(upper, since)) == ("rejected", 4004, [])
    assert "hazardLiablePerson" in row.reason


def test_counts_and_digests_are_compared_and_what_differs_goes_again(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    send(adapter)
    same = exchange_adapters.reconcile(actor=scene.head, row=adapter, now=after(minutes=1))
    theirs = {line["table"]: line["theirs"] - line["ours"] for line in same.lines}
    # The process keeps rows of the tests before this one: they are told as its own.
    assert same.difference_count == _aliens(same) == sum(theirs.values())
    ExchangeRow.objects.filter(table="measure").update(accepted_version="20260101000000/0")
    other = exchange_adapters.reconcile(actor=scene.head, row=adapter, now=after(minutes=2))
    mine = [one for one in other.differences if one["key"] == str(scene.measure.pk)]
    assert mine == [{"table": "measure", "key": str(scene.measure.pk), "kind": "other"}]
    done = exchange_queue.resend_all(
        actor=scene.head, adapter=adapter, keys=[("measure", scene.measure.pk)], now=after(minutes=3)
    )
    assert done == 1
    assert send(adapter, after(minutes=4)) == 1


def _aliens(made: Any) -> int:
    return sum(line["alien"] for line in made.lines)


def test_who_sets_up_a_way_and_what_he_must_say(scene: Scene, upper: Upper) -> None:
    known = {"name": "平台", "variant": "A", "url": "ftp://x", "cipher": "aes_cbc", "key": "短"}
    with pytest.raises(NotPermitted):
        exchange_adapters.enter_adapter(actor=scene.district.enterprise, file=scene.file, known=known, now=NOW)
    with pytest.raises(NotPermitted):
        exchange_adapters.enter_adapter(actor=scene.head, file=None, known=known, now=NOW)
    with pytest.raises(Invalid) as wrong:
        exchange_adapters.enter_adapter(actor=scene.head, file=scene.file, known=known, now=NOW)
    assert set(wrong.value.fields) == {"url", "key"}
    row = make_adapter(scene, "https://192.0.2.1", on=False)
    with pytest.raises(Invalid):
        exchange_adapters.switch_adapter(actor=scene.head, row=row, on=True, now=NOW)
    assert make_measure(scene.district.enterprise, scene.event, text="再一条") is not None
    assert exchange_sending.due_adapters(after(days=1)) == []
    assert row.key.startswith("v1:")


def test_the_clock_queues_one_job_for_each_way_that_has_something_to_send(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    for _minute in range(2):
        jobs.exchange(timestamp=0)
    (queued,) = ProcrastinateJob.objects.filter(task_name="hazards.exchange_send")
    assert queued.args == {"adapter_id": str(adapter.pk)}
    jobs.exchange_send(adapter_id=str(adapter.pk))
    assert set(scene.rows().values()) == {"accepted"}


def test_rows_that_may_not_go_cost_no_depth_and_no_picture(
    scene: Scene, upper: Upper, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = make_adapter(scene, upper.url, batch_rows=1)
    for _number in range(4):
        make_finding(scene.district.enterprise, scene.file, unit=scene.unit, measure=scene.measure)
    scene.hear()
    assert send(adapter) == 3
    asked: list[int] = []
    monkeypatch.setattr(exchange_sending, "pictures_of", lambda keys: asked.append(len(keys)) or {})
    deep = exchange_sending.prepare
    monkeypatch.setattr(exchange_sending, "prepare", None)
    ExchangeRow.objects.filter(table="danger").update(next_try_at=NOW)
    assert deep(adapter=adapter, code="danger", now=NOW) is None
    assert set(ExchangeRow.objects.filter(table="danger").values_list("state", "code")) == {("waiting", 4009)}
    assert asked == []


def test_a_danger_goes_up_with_its_picture(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    picture = BytesIO()
    Image.new("RGB", (40, 30), (90, 40, 40)).save(picture, format="JPEG")
    picture.seek(0)
    photo = receive_file(actor=scene.district.enterprise, content=picture, name="前.jpg", now=NOW).pk
    row = make_finding(
        scene.district.enterprise, scene.file, unit=scene.unit, measure=scene.measure, photos=(photo,), is_major=True
    )
    Finding.objects.filter(pk=row.pk).update(plan={"measures": "停用更换", "person": "示例乙"}, deadline=NOW.date())
    scene.hear()
    send(adapter)
    assert scene.rows(subject_id=row.pk) == {"danger": "accepted"}
    assert len(upper.rows("t_yhzlxx")[str(row.pk)]["dangerImg"]) > 100


def test_queuing_many_costs_as_much_as_queuing_one(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    many = [make_event(scene.district.enterprise, scene.unit, name=f"事件{number}").pk for number in range(12)]

    def cost(keys: list[Any]) -> int:
        with CaptureQueriesContext(connection) as asked:
            exchange_queue.put(
                adapter=adapter, file_id=scene.file.pk, pairs=[("event", key) for key in keys], by="甲", now=NOW
            )
        return len(asked)

    assert cost(many) == cost(many[:1])
    ExchangeRow.objects.filter(table="event").delete()
    assert cost(many) <= cost([scene.event.pk])
    assert ExchangeRow.objects.filter(table="event", state="waiting").count() == 13


def test_a_change_of_an_object_is_told_with_its_units_alone(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    send(adapter)
    safety, parent = scene.district.enterprise, scene.unit.object
    risks.change_object(actor=safety, row=parent, version=parent.version, changes={"head": "示例乙"}, now=NOW)
    assert scene.rows() == {"unit": "waiting", "event": "accepted", "measure": "accepted"}
    risks.end_object(actor=safety, row=parent, reason="拆除", now=after(minutes=1))
    assert scene.rows() == dict.fromkeys(("unit", "event", "measure"), "waiting")


def test_only_who_may_set_up_a_way_lets_rows_of_it_go_again_as_long_as_it_lives(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url)
    send(adapter)
    row, keys = ExchangeRow.objects.get(table="unit"), [("unit", scene.unit.pk)]
    other = make_actor(scene.district.other_enterprise_org, "enterprise.head")
    for actor in (other, scene.district.enterprise):
        with pytest.raises(NotPermitted):
            exchange_queue.resend_all(actor=actor, adapter=adapter, keys=keys, now=NOW)
        with pytest.raises(NotPermitted):
            exchange_queue.resend(actor=actor, row=row, now=NOW)
    assert scene.rows(table="unit") == {"unit": "accepted"}
    exchange_adapters.end_adapter(actor=scene.head, row=adapter, now=NOW)
    acts: list[Any] = [
        lambda: exchange_queue.resend_all(actor=scene.head, adapter=adapter, keys=keys, now=NOW),
        lambda: exchange_queue.resend(actor=scene.head, row=row, now=NOW),
        lambda: exchange_queue.fill(actor=scene.head, adapter=adapter, now=NOW),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()
    assert scene.rows(table="unit") == {"unit": "accepted"}


def test_rotation_reaches_every_key_of_a_way_up(scene: Scene, upper: Upper) -> None:
    adapter = make_adapter(scene, upper.url, token="示例令牌", on=False)
    before = [adapter.key, adapter.secret, adapter.token]
    changed = vault.rotate(actor=system_actor("operator"), now=NOW)
    adapter.refresh_from_db()
    after_it = [adapter.key, adapter.secret, adapter.token]
    assert all(one and one != former for one, former in zip(after_it, before, strict=True))
    assert {changed[f"hazards_exchangeadapter.{name}:exchange"] for name in exchange_adapters.SECRETS} == {1}
    assert exchange_sending.peer_of(adapter).token == "示例令牌"


def test_a_row_that_waits_is_not_younger_for_being_sent_again_by_hand(scene: Scene, upper: Upper) -> None:
    make_adapter(scene, upper.url)
    row = ExchangeRow.objects.get(table="unit")
    exchange_queue.resend(actor=scene.head, row=row, now=after(hours=20))
    assert (row.waiting_since, row.next_try_at) == (NOW, after(hours=20))
    assert exchange_sending.raise_alarms(now=after(hours=24)) == 1
