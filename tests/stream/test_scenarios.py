"""The library of scenarios through the platform: decoded, judged, made into alarms, beside what is expected of it.

The processor's own parts do the work, a step of ten simulated seconds at a time, each at its simulated time. What the
platform cannot do yet is listed by :func:`not_yet` with its reason and printed; everything else must come in time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.domains.monitoring.tag_scene import Scene, make_scene

from quancheng.domains.monitoring.models import Alarm, AlarmFlood, LimitEvent, Source, Tag
from quancheng.domains.monitoring.queries.tags import known_tags
from quancheng.domains.monitoring.services import alarm_clerk, alarm_clock, processing
from quancheng.standards.signals.alarms import TRAVEL_FACTOR
from quancheng.standards.signals.tags import stale_after_s
from quancheng.stream.envelope import Received
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Decoder
from quancheng.stream.processors.evaluation import NAMES
from quancheng.stream.processors.judging import Judge
from quancheng.stream.processors.register import _row
from quancheng.stream.simulator.scenarios import SCENARIOS, Outcome, Reaction, Scenario
from quancheng.stream.simulator.site import Batch, Simulation, SitePlan
from quancheng.stream.simulator.tags import TagSpec
from quancheng.stream.store.times import moment

pytestmark = pytest.mark.django_db

MIDNIGHT = 1_781_452_800_000  # 2026-06-15T00:00:00+08:00
MIN_MS = 60_000
SITE, PARTITION, STEP_MS, SAMPLES = "XNQ000001", 3, 10_000, 500
#: Minutes of the scenarios whose rest tells nothing of alarms, and those that take longer than a default run may.
WATCHED = {"SC04": 30.0, "SC12": 380.0, "SC14": 7.0}
LONG = ("SC07", "SC07F", "SC09", "SC10", "SC12", "SC15")
#: What of the outcomes alarms tell already.
KNOWN = ("flood", "first_out", "occurrences")
#: Reactions that do not come: limits under a condition are silenced by rules that read the store, which is not here; a
#: source that is silent as a whole is an outage of the source and makes none of its tags stale.
MISSING = {
    "SC02 UNL.GND1.X BOOL", "SC10 R1.TT101.DTDT H", "SC10 R1.TT101.DTDT HH", "SC10 R1.TT101.PV HH",
    "SC12 TANK1.LT101.PV STALE",
}  # fmt: skip
#: A level that stays within a millimetre for so many seconds is stuck, as it would be entered for a tank that sells.
FLAT_AFTER_S = 1_200
#: A store of goods that heat themselves is watched over two hours: faster than any day warms it, in K a minute.
SELF_HEATING, SELF_HEATING_S = 1.5 / 60, 7_200


@dataclass
class Platform:
    """One partition of the platform without stream and store: what the processor does between them, and the clerk.

    The times of its clocks are those of the simulation.
    """

    scene: Scene
    simulation: Simulation
    start_ms: int
    book: Book = field(default_factory=Book)

    def __post_init__(self) -> None:
        source = Source.objects.get(pk=self.scene.source.pk)
        self.number = source.number
        scope = self.scene.file.row_scope()
        made = [
            Tag(
                **scope, file=self.scene.file, source=source, code=tag.code, name=tag.spec.name.zh, unit="1",
                kind="discrete" if tag.spec.unit == "bool" else "analyser", priority=tag.spec.priority,
                deadband=tag.spec.deadband, on_delay_s=tag.spec.on_delay_s, off_delay_s=tag.spec.off_delay_s,
                scan_s=tag.spec.scan_s or 3_600, is_by_exception=tag.spec.mode != "periodic",
                stale_after_s=math.ceil(stale_after_s(tag.spec.scan_s or 3_600)), first_out_group="SITE",
                created_at=moment(self.start_ms), **limits_of(tag.spec),
            )
            for tag in self.simulation.tags
        ]  # fmt: skip
        Tag.objects.bulk_create(made)
        enter_partners(self.simulation)
        self.judge = Judge(self.book, now_ms=self.start_ms)
        self.judge.renew(tag_rows(), now_ms=self.start_ms)
        self.decoder = Decoder(self.book)
        self.done = processing.take_over(PARTITION)

    def run(self, until_ms: int) -> None:
        """Let the site tell until a time, in steps."""
        parts: list[Batch] = []
        at_ms = self.start_ms
        for second in self.simulation.seconds(until_ms):
            arrived = self.simulation._next_s * 1000
            if arrived - at_ms > STEP_MS:
                self._take(parts, at_ms + STEP_MS)
                parts, at_ms = [], arrived - arrived % STEP_MS
            parts.append(second)
        self._take(parts, until_ms)
        self._look(until_ms + MIN_MS)

    def _take(self, parts: list[Batch], now_ms: int) -> None:
        """What a processor makes of the messages that came in a step."""
        if not parts:
            return
        messages = list(self._messages(Batch.joined(parts), now_ms))
        decoded = self.decoder.decode(messages, now_ms=now_ms)
        assert not decoded.asides
        assert not decoded.unknown
        changes, late = self.judge.judge(messages, decoded.readings, now_ms=now_ms)
        passed = [
            processing.Passed(
                int(self.book.numbers[one.tag]), NAMES[one.limit], one.is_raised, moment(one.at_ms), one.value,
                one.bound, is_late,
            )
            for one, is_late in zip(changes, late, strict=True)
        ]  # fmt: skip
        if passed:
            assert processing.write_down(PARTITION, self.done, passed=passed, now=moment(now_ms))
            self._look(now_ms)

    def _look(self, now_ms: int) -> None:
        now = moment(now_ms)
        while alarm_clerk.take_events(PARTITION, now=now):
            pass
        alarm_clerk.look_again(PARTITION, now=now)
        alarm_clock.end_floods(now=now)

    def _messages(self, batch: Batch, now_ms: int) -> Iterator[Received]:
        for is_history in (False, True):
            told = batch.chosen(batch.is_history == is_history)
            rows = [
                {"t": self.simulation.codes[place], "ts": at, "v": value, "q": quality}
                for place, at, value, quality in zip(
                    told.index.tolist(), told.at_ms.tolist(), told.value.tolist(), told.quality.tolist(), strict=True
                )
            ]
            for first in range(0, len(rows), SAMPLES):
                body = {"d": rows[first : first + SAMPLES], **({"hist": True} if is_history else {})}
                yield Received(self.number, "json", "", now_ms, json.dumps(body).encode())


def enter_partners(simulation: Simulation) -> None:
    """What is compared with another tag of its part, by the limits of its row."""
    for tag in simulation.tags:
        if not tag.spec.partner:
            continue
        part = [one for one in simulation.tags if one.code.split(".")[:2] == tag.code.split(".")[:2]]
        partner = Tag.objects.get(code=next(one.code for one in part if one.spec.row == tag.spec.partner))
        apart, follows = tag.spec.limit("DEV"), tag.spec.limit("DISC")
        known: dict[str, Any] = {"partner": partner}
        if apart is not None:
            known |= {"partner_as": "sensor", "apart_limit": apart.at, "apart_delay_s": tag.spec.on_delay_s}
        if follows is not None:
            known |= {"partner_as": "command", "travel_s": follows.at / TRAVEL_FACTOR}
        assert Tag.objects.filter(code=tag.code).update(**known) == 1


def tag_rows() -> list[TagRow]:
    return [_row(tag) for tag in known_tags(today=datetime(2026, 6, 15, tzinfo=UTC).date())]


def limits_of(spec: TagSpec) -> dict[str, float]:
    """The limits of a tag as it would be entered: a switch has its high limit at 1 or its low one at 0.

    What stands only under a condition is not entered: a rule of the design would silence it, by the store's last value.
    """
    if spec.condition:
        return {}
    found = {one.type.lower(): one.at for one in spec.limits if one.type in ("LL", "L", "H", "HH")}
    rate = spec.limit("ROC")
    if rate is not None:
        found["roc_limit"] = rate.at
    if spec.row == "warehouse.T":
        found |= {"roc_limit": SELF_HEATING, "roc_window_s": SELF_HEATING_S}
    if spec.row.endswith(".LT") and spec.mode == "periodic":
        found |= {"flat_after_s": FLAT_AFTER_S, "flat_within": 1.0}
    contact = spec.limit("BOOL")
    if contact is not None:
        found["h" if contact.at == 1 else "l"] = contact.at
    return found


def not_yet(scenario: Scenario, simulation: Simulation) -> dict[Reaction | Outcome, str]:
    """What is expected and cannot come yet, with the reason."""
    specs = {tag.code: tag.spec for tag in simulation.tags}
    found: dict[Reaction | Outcome, str] = {}
    for one in scenario.reactions:
        if one.is_forbidden:
            continue
        if one.alarm == "STALE":
            found[one] = "the whole source is silent: an outage"
        elif specs[f"{SITE}.{one.tag}"].condition:
            found[one] = "a limit that stands under a condition"
    for outcome in scenario.outcomes:
        if outcome.what.partition(".")[0] not in KNOWN:
            found[outcome] = "a later room or step"
    return found


def play(scenario: Scenario) -> tuple[Platform, int]:
    start = MIDNIGHT + (scenario.starts_at_h if scenario.starts_at_h is not None else 10) * 60 * MIN_MS
    simulation = Simulation([SitePlan(SITE, "", scenario.facilities)], seed=11, start_ms=start)
    scenario.play(simulation, site=SITE, at_ms=start + 40_000)
    platform = Platform(make_scene(), simulation, start)
    minutes = WATCHED.get(scenario.code, scenario.lasts_min)
    platform.run(start + 40_000 + round(minutes * MIN_MS))
    return platform, start + 40_000


def check(platform: Platform, start_ms: int, one: Reaction) -> None:
    """The alarm came within its minutes, with the priority of its tag; or did not, where it must not."""
    spec = next(tag.spec for tag in platform.simulation.tags if tag.code == f"{SITE}.{one.tag}")
    rows = Alarm.objects.filter(tag__code=f"{SITE}.{one.tag}", raised_at__gte=moment(start_ms))
    if one.alarm == "BOOL":
        rows = rows.filter(type__in=("H", "L"))
    elif one.alarm != "any":
        rows = rows.filter(type=one.alarm)
    if one.is_forbidden:
        assert not rows.exists()
        return
    row = rows.order_by("raised_at").first()
    assert row is not None, f"{one.alarm} of {one.tag} never came"
    minute = (row.raised_at.timestamp() * 1000 - start_ms) / MIN_MS
    # A contact tells when it changes and at its heartbeat: a delay is over at the next of them.
    beat = spec.scan_s / 60 if spec.mode == "change" else 0.0
    assert one.from_min <= minute <= one.to_min + beat, minute
    assert row.priority == spec.priority
    assert (row.noted_at - row.raised_at).total_seconds() * 1000 <= 2 * STEP_MS


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(one, id=one.code, marks=[pytest.mark.slow] if one.code in LONG else []) for one in SCENARIOS],
)
def test_each_scenario_brings_the_alarms_that_are_expected_of_it(scenario: Scenario) -> None:
    platform, start = play(scenario)
    missing = not_yet(scenario, platform.simulation)
    for reaction in scenario.reactions:
        if reaction not in missing:
            check(platform, start, reaction)
    for outcome in scenario.outcomes:
        if outcome not in missing:
            check_outcome(platform, start, outcome)
    for what, why in missing.items():
        name = what.what if isinstance(what, Outcome) else f"{what.tag} {what.alarm}"
        print(f"{scenario.code} not yet: {name} ({why})")
    if scenario.code == "SC12":
        # What was kept while the gateway was away is history: it raises nothing.
        cut = (moment(start), moment(start + 360 * MIN_MS))
        assert not LimitEvent.objects.filter(at__range=cut).exists()


def check_outcome(platform: Platform, start_ms: int, outcome: Outcome) -> None:
    what, _dot, rest = outcome.what.partition(".")
    if what == "flood":
        flood = AlarmFlood.objects.get()
        assert (flood.began_at.timestamp() * 1000 - start_ms) / MIN_MS <= outcome.by_min
        assert flood.count >= 40
    elif what == "first_out":
        first = Alarm.objects.filter(first_out__isnull=False, raised_at__gte=moment(start_ms)).order_by("first_out_seq")
        assert first[0].tag.code == f"{SITE}.{rest}"
    else:
        # Noise about a limit: one occurrence at most, by the deadband.
        row = Alarm.objects.get(tag__code=f"{SITE}.GDS.AT201.PV", type="H")
        assert row.again_count == 0


def test_what_is_not_yet_is_no_more_than_what_is_known_to_be_missing() -> None:
    """The list shrinks as rooms come; nothing is put on it for convenience."""
    found = set()
    for one in SCENARIOS:
        simulation = Simulation([SitePlan(SITE, "", one.facilities)], seed=11, start_ms=MIDNIGHT)
        late = [what for what in not_yet(one, simulation) if isinstance(what, Reaction)]
        found |= {f"{one.code} {what.tag} {what.alarm}" for what in late}
    assert found == MISSING
