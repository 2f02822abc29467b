"""Signs of made-up check records (排查记录异常) [D]: each a reason to look, none a proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.check_cycles import CHINA, NORMAL
from quancheng.standards.wording import Text

#: The signs by code.
FLAGS: dict[str, Text] = {
    "BURST": Text("一人短时间内记录过多", "Too many records of one person in a short time"),
    "SHARED_DEVICE": Text("一台设备一天内多人使用", "One device used by many persons in a day"),
    "FAR": Text("记录位置远离单元", "Recorded far from the unit"),
    "REPEATED_PHOTO": Text("照片重复", "The same photo again"),
    "OFF_SHIFT": Text("不在本人当班时间", "Outside the person's shift"),
    "ALWAYS_NORMAL": Text("连续四周全部正常", "Everything normal for four weeks"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond what a sign shows: more than ``burst_records`` in ``burst_s`` seconds, more than ``device_persons`` a day,
    farther than ``distance_m`` metres, ``normal_weeks`` weeks of nothing but normal.
    """

    burst_records: int = 10
    burst_s: int = 60
    device_persons: int = 5
    distance_m: int = 200
    normal_weeks: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """A check record. ``distance_m`` from the unit, ``in_shift`` and ``device`` may be unknown (None, empty).

    :raises BadInput: a naive time.
    """

    code: str
    person: str
    at: datetime
    status: int
    device: str = ""
    distance_m: Decimal | int | None = None
    photos: tuple[str, ...] = ()
    in_shift: bool | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadInput("at", Text("时间须带时区", "the time must be aware"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFlag:
    """A sign, with the codes of the records that show it."""

    code: str
    records: tuple[str, ...]
    text: Text


def flags(records: Sequence[CheckRecord], *, now: datetime, limits: Limits | None = None) -> tuple[RecordFlag, ...]:
    """The signs in the records of one enterprise. ``now`` ends the four weeks."""
    bounds, rows = limits or Limits(), sorted(records, key=lambda one: (one.at, one.code))
    found = [*_bursts(rows, bounds), *_shared(rows, bounds), *_photos(rows), *_always_normal(rows, now, bounds)]
    for one in rows:
        if one.distance_m is not None and one.distance_m > bounds.distance_m:
            found.append(_flag("FAR", [one], f"{one.distance_m}米", f"{one.distance_m} m"))
        if one.in_shift is False:
            found.append(_flag("OFF_SHIFT", [one], one.person, one.person))
    order = list(FLAGS)
    return tuple(sorted(found, key=lambda flag: (order.index(flag.code), flag.records)))


def _bursts(rows: Sequence[CheckRecord], limits: Limits) -> Iterable[RecordFlag]:
    for person, own in _by(rows, lambda one: one.person).items():
        start, hit = 0, list[CheckRecord]()
        for end, one in enumerate(own):
            while one.at - own[start].at > timedelta(seconds=limits.burst_s):
                start += 1
            if end - start + 1 > limits.burst_records:
                hit += [each for each in own[start : end + 1] if each not in hit]
        if hit:
            yield _flag("BURST", hit, f"{person}，{len(hit)}条", f"{person}, {len(hit)} records")


def _shared(rows: Sequence[CheckRecord], limits: Limits) -> Iterable[RecordFlag]:
    used = _by([one for one in rows if one.device], lambda one: f"{one.device} {one.at.astimezone(CHINA).date()}")
    for named, own in used.items():
        persons = len({one.person for one in own})
        if persons > limits.device_persons:
            yield _flag("SHARED_DEVICE", own, f"{named}，{persons}人", f"{named}, {persons} persons")


def _photos(rows: Sequence[CheckRecord]) -> Iterable[RecordFlag]:
    seen: dict[str, list[CheckRecord]] = defaultdict(list)
    for one in rows:
        for photo in set(one.photos):
            seen[photo].append(one)
    for own in seen.values():
        if len(own) > 1:
            yield _flag("REPEATED_PHOTO", own, f"{len(own)}条", f"{len(own)} records")


def _always_normal(rows: Sequence[CheckRecord], now: datetime, limits: Limits) -> Iterable[RecordFlag]:
    week = timedelta(days=7)
    recent = [one for one in rows if now - limits.normal_weeks * week <= one.at < now]
    for person, own in _by(recent, lambda one: one.person).items():
        weeks = {(now - one.at) // week for one in own}
        if len(weeks) >= limits.normal_weeks and all(one.status == NORMAL for one in own):
            yield _flag("ALWAYS_NORMAL", own, f"{person}，{len(own)}条", f"{person}, {len(own)} records")


def _by(rows: Sequence[CheckRecord], key: Callable[[CheckRecord], str]) -> dict[str, list[CheckRecord]]:
    found: dict[str, list[CheckRecord]] = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


def _flag(code: str, records: Sequence[CheckRecord], zh: str, en: str) -> RecordFlag:
    name = FLAGS[code]
    return RecordFlag(
        code=code, records=tuple(one.code for one in records), text=Text(f"{name.zh}：{zh}", f"{name.en}: {en}")
    )
