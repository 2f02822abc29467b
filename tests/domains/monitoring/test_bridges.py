"""Brokers and rules: who may, where to, whose a topic is, what a bridge tells."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.monitoring.models import BridgeRule, Broker, BrokerState
from quancheng.domains.monitoring.queries.bridges import open_brokers
from quancheng.domains.monitoring.services.bridges import (
    MOST_TOPICS,
    OTHERS,
    SeenBroker,
    is_pattern,
    note_brokers,
    password_of,
)
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "name": "区消息服务器", "host": "127.0.0.1", "port": 1884, "user": "qc", "password": "broker-secret"
}  # fmt: skip


@pytest.fixture(autouse=True)
def near(settings: Any) -> None:
    settings.BROKER_NETWORKS = ["127.0.0.0/8"]
    settings.BROKER_INSECURE = True


def test_an_officer_enters_a_broker_maps_a_topic_to_a_source_and_stops_it() -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    browser = client_of(district.officer)
    made = browser.post(reverse("monitoring:broker_new"), FORM)
    row = Broker.objects.get()
    address = reverse("monitoring:broker", args=[row.pk])
    assert made["Location"] == address
    assert "broker-secret" not in row.password
    assert password_of(row.password) == "broker-secret"
    assert "broker-secret" not in browser.get(address).content.decode()
    rule = {"act": "rule", "pattern": "plant/SL001/#", "source": source.code, "form": "json"}
    assert browser.post(address, rule).status_code == 303
    assert browser.post(address, rule).status_code == 409
    for bad in ({"pattern": "#"}, {"pattern": "a/#/b"}, {"source": "GW-NONE"}, {"form": "sparkplug"}):
        assert browser.post(address, {**rule, "pattern": "other", **bad}).status_code == 422
    (known,) = open_brokers()
    (route,) = known.routes
    assert (route.pattern, route.code, route.enterprise) == ("plant/SL001/#", source.code, source.file_id)
    shown = browser.get(address).content.decode()
    assert "plant/SL001/#" in shown
    drop = reverse("monitoring:broker_rule_drop", args=[row.pk, BridgeRule.objects.get().pk])
    assert browser.post(drop).status_code == 303
    assert browser.post(drop).status_code == 404
    browser.post(address, {"act": "stop"})
    row.refresh_from_db()
    assert (open_brokers(), row.password) == ([], "")
    acts = set(JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True))
    assert acts == {f"monitoring.broker.{act}" for act in ("enter", "rule", "drop_rule", "stop")}


def test_a_password_is_not_told_to_another_host() -> None:
    district = make_district()
    browser = client_of(district.officer)
    browser.post(reverse("monitoring:broker_new"), FORM)
    row = Broker.objects.get()
    address = reverse("monitoring:broker", args=[row.pk])
    same = {**FORM, "act": "change", "password": "", "name": "新名称"}
    assert browser.post(address, same).status_code == 303
    row.refresh_from_db()
    assert (row.name, password_of(row.password)) == ("新名称", "broker-secret")
    assert browser.post(address, {**same, "host": "127.0.0.2"}).status_code == 303
    row.refresh_from_db()
    assert row.password == ""


@pytest.mark.parametrize(
    ("known", "field"),
    [({"host": "192.168.7.7"}, "公网"), ({"host": "no such"}, "主机名"), ({"port": 0}, ""), ({"name": ""}, "")],
)
def test_where_we_may_not_go_is_said_beside_the_field(known: dict[str, Any], field: str) -> None:
    district = make_district()
    answer = client_of(district.officer).post(reverse("monitoring:broker_new"), {**FORM, **known})
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert not Broker.objects.exists()


def test_a_broker_without_tls_needs_the_operator(settings: Any) -> None:
    settings.BROKER_INSECURE = False
    district = make_district()
    answer = client_of(district.officer).post(reverse("monitoring:broker_new"), FORM)
    assert "运维人员" in answer.content.decode()
    assert answer.status_code == 422


def test_enterprises_and_streets_have_nothing_to_do_with_it() -> None:
    district = make_district()
    client_of(district.officer).post(reverse("monitoring:broker_new"), FORM)
    for actor in (district.enterprise, district.town):
        assert client_of(actor).get(reverse("monitoring:brokers")).status_code == 403
        assert client_of(actor).post(reverse("monitoring:broker_new"), FORM).status_code == 403


def test_a_blocked_source_has_no_route() -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    client_of(district.officer).post(reverse("monitoring:broker_new"), FORM)
    BridgeRule.objects.create(broker=Broker.objects.get(), pattern="a", source=source, form="json", created_at=NOW)
    source.blocked_at = NOW
    source.save()
    (known,) = open_brokers()
    assert known.routes == ()


def test_topics_of_nobody_are_counted_within_bounds() -> None:
    district = make_district()
    client_of(district.officer).post(reverse("monitoring:broker_new"), FORM)
    row = Broker.objects.get()
    topics = {f"t/{number}": 2 for number in range(MOST_TOPICS + 50)}
    note_brokers([SeenBroker(row.pk, True, NOW, 300, topics, "")], now=NOW)
    state = BrokerState.objects.get(broker=row)
    assert (state.unmapped, len(state.topics), state.topics[OTHERS]) == (300, MOST_TOPICS + 1, 100)
    shown = client_of(district.officer).get(reverse("monitoring:broker", args=[row.pk]) + "?tab=topics")
    assert "t/1" in shown.content.decode()


@pytest.mark.parametrize(
    ("text", "is_right"),
    [("a/b", True), ("a/+/c", True), ("a/#", True), ("/a", True), ("#", False), ("+/+", False), ("a#", False),
     ("a/#/b", False), ("a+/b", False), ("", False), ("x" * 201, False)],
)  # fmt: skip
def test_patterns(text: str, is_right: bool) -> None:
    assert is_pattern(text) is is_right
