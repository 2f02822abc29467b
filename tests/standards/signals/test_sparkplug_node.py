"""An edge node of Sparkplug B: births before data, gaps, deaths, wills that overtake."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals.sparkplug import DataType, Metric, Payload, Topic, metric_of
from quancheng.standards.signals.sparkplug_node import EdgeNode

NBIRTH, NDEATH, NDATA = (Topic("G", kind, "E") for kind in ("NBIRTH", "NDEATH", "NDATA"))
DBIRTH, DDEATH, DDATA = (Topic("G", kind, "E", "D") for kind in ("DBIRTH", "DDEATH", "DDATA"))


def bd_seq(number):
    return metric_of(number, DataType.INT64, name="bdSeq")


def birth(session=1, *, seq=0):
    rebirth = metric_of(value=False, datatype=DataType.BOOLEAN, name="Node Control/Rebirth")
    return Payload(1000, (bd_seq(session), rebirth, metric_of(-5, DataType.INT16, name="T", alias=1)), seq)


def device_birth(seq=1, *, alias=3):
    return Payload(1000, (metric_of(20.0, DataType.DOUBLE, name="P", alias=alias, timestamp=900),), seq)


def data(seq, value=26.5, *, alias=3, field=13):
    return Payload(2000, (Metric(alias=alias, field=field, raw=value),), seq)


def born():
    node = EdgeNode()
    node.receive(NBIRTH, birth(), 0)
    node.receive(DBIRTH, device_birth(), 0)
    return node


def told(outcome):
    return [(one.device, one.name, one.at_ms, one.value, one.quality) for one in outcome.readings]


def test_births_bring_values_and_data_come_by_alias_alone():
    node = EdgeNode()
    assert told(node.receive(NBIRTH, birth(), 0)) == [("", "T", 1000, -5, 192)]
    assert told(node.receive(DBIRTH, device_birth(), 0)) == [("D", "P", 900, 20.0, 192)]
    assert told(node.receive(DDATA, data(2), 0)) == [("D", "P", 2000, 26.5, 192)]
    assert told(node.receive(NDATA, data(3, 0xFFFFFFFE, alias=1, field=10), 0)) == [("", "T", 2000, -2, 192)]
    assert {one.name for one in node.known()} == {"Node Control/Rebirth", "T", "P"}


@pytest.mark.parametrize("topic", [NDATA, DBIRTH, DDATA, DDEATH])
def test_what_comes_before_the_birth_is_not_believed(topic):
    node = EdgeNode()
    first = node.receive(topic, data(5), 100)
    assert (first.readings, first.rebirth_at_ms, first.reason) == ((), 100, "BEFORE_BIRTH")
    assert node.receive(topic, data(6), 200).rebirth_at_ms is None
    assert node.receive(topic, data(7), 30_100).rebirth_at_ms == 30_100


def test_after_a_gap_nothing_is_believed_until_the_next_birth():
    node = born()
    gap = node.receive(DDATA, data(3), 50)
    assert (gap.readings, gap.rebirth_at_ms, gap.reason, gap.lost_quality) == ((), 50, "SEQUENCE", 20)
    assert {one.name for one in gap.lost} == {"Node Control/Rebirth", "T", "P"}
    assert node.receive(DDATA, data(4), 60).readings == ()
    again = node.receive(NBIRTH, birth(), 100)
    assert len(again.readings) == 1
    assert [one.name for one in again.lost] == ["P"]
    assert node.receive(DBIRTH, device_birth(), 100).readings
    assert node.receive(DDATA, data(2), 100).readings


def test_the_sequence_wraps_after_255():
    node = born()
    for number in range(2, 600):
        assert node.receive(DDATA, data(number % 256), number).readings
    assert node.receive(DDATA, data(None), 700).reason == "SEQUENCE"


def test_an_unknown_metric_asks_for_a_birth():
    assert born().receive(DDATA, data(2, alias=9), 0).reason == "UNKNOWN_METRIC"
    assert born().receive(DDATA, replace(data(2), metrics=(Metric(field=13, raw=1.0),)), 0).reason == "UNKNOWN_METRIC"
    assert born().receive(DDATA, data(2, alias=1), 0).reason == "UNKNOWN_METRIC"
    named = Payload(1, (metric_of(1.0, DataType.DOUBLE, name="new"),), 2)
    assert born().receive(DDATA, named, 0).reason == "UNKNOWN_METRIC"


def test_an_alias_given_twice_is_no_birth():
    node = EdgeNode()
    node.receive(NBIRTH, birth(), 0)
    assert node.receive(DBIRTH, device_birth(alias=1), 0).reason == "ALIAS"
    nameless = Payload(1, (bd_seq(1), Metric(alias=7, field=13, raw=1.0)), 0)
    assert EdgeNode().receive(NBIRTH, nameless, 0).reason == "ALIAS"


def test_a_device_dies_alone_and_must_be_born_again():
    node = born()
    outcome = node.receive(DDEATH, Payload(1, (), 2), 0)
    assert ([one.name for one in outcome.lost], outcome.lost_quality) == (["P"], 8)
    assert node.is_online
    assert node.receive(DDATA, data(3), 0).reason == "DEVICE_BEFORE_BIRTH"
    assert node.receive(NDATA, data(4, 7, alias=1, field=10), 0).readings


def test_the_death_of_this_session_loses_everything_and_a_stale_one_nothing():
    node = born()
    assert node.receive(NDEATH, Payload(1, (bd_seq(0),)), 0).lost == ()
    assert node.is_online
    outcome = node.receive(NDEATH, Payload(1, (bd_seq(1),)), 0)
    assert (len(outcome.lost), outcome.lost_quality, node.is_online, node.known()) == (3, 8, False, ())
    assert node.receive(NDEATH, Payload(1, (bd_seq(1),)), 0).lost == ()


def test_a_birth_that_its_own_will_overtook_is_asked_for_anew():
    node = EdgeNode()
    node.receive(NDEATH, Payload(1, (bd_seq(1),)), 1000)
    overtaken = node.receive(NBIRTH, birth(), 1250)
    assert (overtaken.readings, overtaken.rebirth_at_ms, overtaken.reason) == ((), 3250, "OVERTAKEN_BY_DEATH")
    assert not node.is_online
    assert node.receive(NBIRTH, birth(), 3300).readings
    late = EdgeNode()
    late.receive(NDEATH, Payload(1, (bd_seq(1),)), 1000)
    assert late.receive(NBIRTH, birth(), 1251).readings
    other = EdgeNode()
    other.receive(NDEATH, Payload(1, (bd_seq(0),)), 1000)
    assert other.receive(NBIRTH, birth(), 1001).readings


@pytest.mark.parametrize("bad", [birth(seq=1), birth(seq=None), Payload(1, (), 0)])
def test_a_birth_that_breaks_the_rules_is_none(bad):
    node = born()
    outcome = node.receive(NBIRTH, bad, 0)
    assert (outcome.readings, outcome.reason, outcome.rebirth_at_ms, len(outcome.lost)) == ((), "BAD_BIRTH", 0, 3)
    assert not node.is_online


def test_qualities_nulls_and_history_are_told():
    node = born()
    metrics = (
        Metric(alias=3, field=13, raw=1.0, quality=500),
        Metric(alias=3, is_null=True),
        Metric(alias=3, field=13, raw=2.0, is_historical=True, timestamp=5),
        Metric(alias=3, field=10, raw=2),
    )
    outcome = node.receive(DDATA, Payload(None, metrics, 2), 77)
    assert [(one.at_ms, one.value, one.quality, one.is_historical) for one in outcome.readings] == [
        (77, 1.0, 20, False), (77, None, 0, False), (5, 2.0, 192, True), (77, None, 4, False)]  # fmt: skip


def test_what_the_host_sends_says_nothing():
    node = born()
    assert node.receive(Topic("G", "NCMD", "E"), Payload(), 0).readings == ()
    assert node.receive(DDATA, data(2), 0).readings


MESSAGES = st.sampled_from(
    [(NBIRTH, birth()), (NBIRTH, birth(2)), (NDEATH, Payload(1, (bd_seq(1),))), (NDEATH, Payload(1, (bd_seq(2),))),
     (DBIRTH, device_birth()), (DDEATH, Payload(1, (), 2)), *((DDATA, data(number)) for number in range(4)),
     (NDATA, data(1, 4, alias=1, field=10))]
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=30))
def test_no_order_of_messages_brings_a_reading_of_what_was_not_announced(messages):
    node = EdgeNode()
    for number, (topic, payload) in enumerate(messages):
        before = {(one.device, one.name) for one in node.known()}
        outcome = node.receive(topic, payload, number * 1000)
        after = {(one.device, one.name) for one in node.known()}
        assert {(one.device, one.name) for one in outcome.readings} <= after
        assert {(one.device, one.name) for one in outcome.lost} <= before | after
        assert not outcome.readings or (node.is_online and node.is_trusted)
