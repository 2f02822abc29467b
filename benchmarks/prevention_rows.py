"""Rows of dual prevention for ``prevention``: a year of every enterprise, by COPY, in the order in which it happened.

Each row is like one that a service made in the demo, with what differs. Days follow one another, as they do where the
system runs: the rows of one enterprise lie apart, the rows of one day together.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

#: Days of history, and the shares of what is told in the module's figures.
DAYS = 364
DONE, LATE, MAJOR, BY_REGULATOR, OPEN_YOUNG, OPEN_OLD = 0.93, 0.01, 0.03, 0.08, 0.75, 0.045
#: Of open dangers, as far as their term could be over.
OVERDUE = 0.2
#: Dangers of an enterprise a year, days younger than which most are open, days with an announcement, weeks evaluated.
DANGERS, YOUNG, ANNOUNCED, WEEKS = 100, 30, 30, 8
EVENTS, MEASURES = 3, 4
_NAMES = ("高液位报警试验无声光", "防火堤有孔洞未封堵", "静电接地夹锈蚀", "出口阀门渗水", "可燃气体探测器超期未检定",
          "安全阀根部阀未全开", "酸碱同架存放", "灭火器压力不足", "急停按钮无标识", "气瓶未戴瓶帽", "电缆桥架盖板缺失",
          "应急灯不亮")  # fmt: skip
_PLACES = ("罐区", "装车台", "泵房", "仓库", "反应釜", "加油区", "气瓶间", "配电室")
_TYPES = ("instrument", "safety", "electrical", "equipment", "fire", "other")
_STATES = ("REPORTED", "PLANNING", "FIXING", "FIXING", "FIXING", "ACCEPTING")
_CHUNK = 2000


class Ids:
    """Identifiers of version 7, one after the other: the time in front, then a number of its own."""

    def __init__(self, begin: int) -> None:
        self.count = begin

    def at(self, moment: datetime) -> str:
        self.count += 1
        stamp = int(moment.timestamp() * 1000)
        return f"{stamp >> 16:08x}-{stamp & 0xFFFF:04x}-7000-8000-{self.count:012x}"


class Sheet:
    """COPY of rows like one that stands: constant columns are written once into the form of a line."""

    def __init__(self, row: Any, varying: Sequence[str]) -> None:
        fields = [field for field in row._meta.concrete_fields if not field.generated]
        known = {field.attname for field in fields}
        if missing := set(varying) - known:
            raise LookupError(f"{row._meta.label} has no {missing}")
        order = [*varying, *(field.attname for field in fields if field.attname not in varying)]
        columns = {field.attname: field for field in fields}
        parts = ["%s"] * len(varying)
        parts += [
            text_of(getattr(row, name), is_json=columns[name].get_internal_type() == "JSONField").replace("%", "%%")
            for name in order[len(varying) :]
        ]
        self.form = "\t".join(parts) + "\n"
        names = ", ".join(f'"{columns[name].column}"' for name in order)
        self.statement = f'COPY "{row._meta.db_table}" ({names}) FROM STDIN'

    def write(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Rows whose values are texts as COPY reads them, in the order of ``varying``; how many."""
        from django.db import connection

        total, waiting, form = 0, [], self.form
        with connection.cursor() as cursor, cursor.copy(self.statement) as copy:
            for row in rows:
                waiting.append(form % row)
                if len(waiting) == _CHUNK:
                    total += _CHUNK
                    copy.write("".join(waiting))
                    waiting.clear()
            copy.write("".join(waiting))
        return total + len(waiting)


def text_of(value: Any, *, is_json: bool = False) -> str:
    """A value as COPY reads it in its text format."""
    if value is None:
        return r"\N"
    if is_json:
        text = json.dumps(value, ensure_ascii=False, default=str)
    elif isinstance(value, bool):
        return "t" if value else "f"
    elif isinstance(value, list):
        text = json.dumps([str(one) for one in value], ensure_ascii=False)
        text = "{" + text[1:-1] + "}"
    elif isinstance(value, datetime | date | time):
        text = value.isoformat()
    else:
        text = str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


@dataclass(slots=True)
class Job:
    """One check task: when it falls due, of which unit, measure and post, what is looked at."""

    pk: str
    kind: str
    slot: int
    unit: str
    measure: str
    post: str
    content: str

    def is_on(self, day: date) -> bool:
        if self.kind == "daily":
            return day.weekday() < 5
        return day.weekday() == self.slot if self.kind == "weekly" else day.day == self.slot


@dataclass(slots=True)
class Firm:
    """One enterprise as its rows name it."""

    pk: str
    area: str
    links: str
    supervisor: str
    safety: str
    worker: str
    posts: list[str]
    units: list[str]
    measures: list[str]
    jobs: list[Job]


class Year:
    """Fills the tables one after the other; ``total`` counts rows, ``told`` what the figures name."""

    def __init__(self, now: datetime, today: date) -> None:
        from quancheng.kernel.calendar import Calendar

        self.now, self.today = now, today
        self.chance = random.Random(7)
        self.ids = Ids(1)
        self.born = now - timedelta(days=DAYS + 40)
        self.total = 0
        self.told: dict[str, int] = {}
        self.calendar = Calendar()

    def fill(self) -> None:
        """Everything, each table or day in a transaction of its own whose constraints are checked at its end."""
        firms = self._firms()
        self._people(firms)
        self._lists(firms)
        self._tasks(firms)
        self._colours(firms)
        self._weeks(firms)
        self._days(firms)

    def _put(self, name: str, sheet: Sheet, rows: Iterable[tuple[Any, ...]]) -> None:
        from django.db import connection, transaction

        with transaction.atomic():
            number = sheet.write(rows)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.total += number
        self.told[name] = self.told.get(name, 0) + number

    def _firms(self) -> list[Firm]:
        from quancheng.domains.registry.models import Enterprise

        rows = Enterprise.objects.filter(enterprise__name__startswith="测试企业").order_by("pk")
        born, ids = self.born, self.ids
        found = []
        for pk, area, links, supervisor in rows.values_list("pk", "area_id", "links", "supervisor_id"):
            found.append(Firm(
                str(pk), text_of(area), text_of(links), str(supervisor), ids.at(born), ids.at(born),
                [ids.at(born) for _ in range(4)], [ids.at(born) for _ in range(2)], [], [],
            ))  # fmt: skip
        return found

    def _people(self, firms: Sequence[Firm]) -> None:
        from quancheng.domains.risk.models import Post, PostPerson
        from quancheng.kernel.people.models import Membership

        for kind, like in (("safety", "enterprise1"), ("worker", "worker1")):
            place = Membership.objects.select_related("user").get(user__username=like)
            users = Sheet(place.user, ("id", "username", "name", "phone_index"))
            self._put("people", users, (
                (getattr(one, kind), f"b.{kind}{number}", f"测试人员{number}", r"\N")
                for number, one in enumerate(firms)
            ))  # fmt: skip
            places = [(self.ids.at(self.born), getattr(one, kind), one.pk) for one in firms]
            self._put("people", Sheet(place, ("id", "user_id", "organisation_id")), places)
            through = Membership.roles.through
            for role in place.roles.all():
                number = through.objects.order_by("-pk").values_list("pk", flat=True)[0]
                link = through(membership_id=place.pk, role_id=role.pk)
                rows = ((number + count, one[0]) for count, one in enumerate(places, start=1))
                self._put("people", Sheet(link, ("id", "membership_id")), rows)
                self._advance(through, number + len(places))
        posts = Sheet(
            Post.objects.filter(ended_date__isnull=True)[0],
            ("id", "file_id", "name", "layer", "department", "created_at"),
        )
        layers = (("班长", "team"), ("车间主任", "workshop"), ("生产主管", "plant"), ("主要负责人", "company"))
        self._put("posts", posts, (
            (pk, one.pk, *layers[place], "生产部", self.born.isoformat())
            for one in firms for place, pk in enumerate(one.posts)
        ))  # fmt: skip
        held = Sheet(PostPerson.objects.filter(until_date__isnull=True)[0], ("id", "post_id", "user_id"))
        self._put("posts", held, (
            (self.ids.at(self.born), pk, one.safety if place else one.worker)
            for one in firms for place, pk in enumerate(one.posts)
        ))  # fmt: skip

    def _advance(self, model: Any, number: int) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            table = model._meta.db_table
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, number + 1])

    def _lists(self, firms: Sequence[Firm]) -> None:
        """One object of two units, three events each with four measures, and their levels."""
        from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit

        chance, ids, born = self.chance, self.ids, self.born
        stamp = born.isoformat()
        objects, units, events, measures = [], [], [], []
        for number, one in enumerate(firms):
            levels = [[chance.choice((1, 2, 3, 3, 4, 4, 4, 4)) for _ in range(EVENTS)] for _ in range(2)]
            pk = ids.at(born)
            worst = min(map(min, levels))
            objects.append((pk, one.pk, one.pk, one.pk, one.area, one.links, f"O{number}", worst, worst, stamp, stamp))
            for place, unit in enumerate(one.units):
                top = min(levels[place])
                units.append((unit, pk, f"U{place}", one.posts[0], top, top, stamp))
                for rank, level in enumerate(levels[place]):
                    event = ids.at(born)
                    events.append((event, unit, f"{_PLACES[rank]}泄漏{rank}", level, level, level, level, stamp))
                    for turn in range(MEASURES):
                        measure = ids.at(born)
                        one.measures.append(measure)
                        measures.append((measure, event, f"措施{rank}.{turn}", stamp))
        of = RiskObject.objects.filter(ended_date__isnull=True, place__isnull=True)
        like = of.first() or RiskObject.objects.all()[0]
        like.place_id, like.kind = None, "unit" if like.kind == "hazard" else like.kind
        scope = ("id", "file_id", "owner_org_id", "enterprise_id", "area_id", "links")
        levels_of = ("static_level", "present_level", "created_at")
        self._put("risk lists", Sheet(like, (*scope, "code", *levels_of, "updated_at")), objects)
        unit = RiskUnit.objects.filter(ended_date__isnull=True)[0]
        unit.facility_id = None
        self._put("risk lists", Sheet(unit, ("id", "object_id", "code", "post_id", *levels_of)), units)
        event = RiskEvent.objects.filter(ended_date__isnull=True, static_level__isnull=False)[0]
        self._put("risk lists", Sheet(event, (
            "id", "unit_id", "name", "inherent_level", "residual_level", *levels_of,
        )), events)  # fmt: skip
        measure = Measure.objects.filter(ended_date__isnull=True, failed_at__isnull=True, mode="2")[0]
        self._put("risk lists", Sheet(measure, ("id", "event_id", "text", "created_at")), measures)

    def _tasks(self, firms: Sequence[Firm]) -> None:
        """Thirteen an enterprise: one each working day, four each week, eight each month; for each tenth one of hours.

        Some 550 instances a year.
        """
        from quancheng.domains.hazards.models import CheckTask

        ids, born, rows, hourly = self.ids, self.born, [], []
        for number, one in enumerate(firms):
            for place in range(13):
                kind = "daily" if place == 0 else "weekly" if place < 5 else "monthly"
                slot = (number + place) % 7 if kind == "weekly" else 1 + (number * 3 + place * 2) % 27
                job = Job(
                    ids.at(born), kind, slot, one.units[place % 2], one.measures[place] if place else r"\N",
                    one.posts[0 if place < 4 else 1 if place < 9 else 2], f"{_PLACES[place % 8]}排查{place}",
                )  # fmt: skip
                one.jobs.append(job)
                rows.append((
                    job.pk, one.pk, job.unit, job.measure, job.content, *_CYCLES[kind], self._start(kind, slot),
                    job.post, born.isoformat(), r"\N", r"\N",
                ))  # fmt: skip
            if number % 10 == 0:
                hourly.append((
                    ids.at(born), one.pk, one.units[0], r"\N", "巡检", "4", "hour", "every", born.isoformat(),
                    one.posts[0], born.isoformat(), "08:00", "20:00",
                ))  # fmt: skip
        like = CheckTask.objects.filter(checklist__isnull=True, ended_date__isnull=True, work_type=0)[0]
        like.object_id = like.person_id = None
        sheet = Sheet(like, (
            "id", "file_id", "unit_id", "measure_id", "content", "every", "cycle_unit", "days", "starts_at", "post_id",
            "created_at", "window_start", "window_end",
        ))  # fmt: skip
        self._put("check tasks", sheet, [*rows, *hourly])

    def _start(self, kind: str, slot: int) -> str:
        first = self.today - timedelta(days=DAYS)
        while kind != "daily" and (first.weekday() if kind == "weekly" else first.day) != slot:
            first += timedelta(days=1)
        return f"{first.isoformat()}T08:00:00+08:00"

    def _colours(self, firms: Sequence[Firm]) -> None:
        """Gradings of six in ten and their colours, and how colours changed over the year."""
        from quancheng.domains.risk.models import EnterpriseRisk, Grading, RiskColour

        chance, gradings, standing, colours = self.chance, [], [], []
        for number, one in enumerate(firms):
            days = sorted(chance.randrange(1, DAYS) for _ in range(3))
            for subject, pk in (("file", one.pk), *(("unit", unit) for unit in one.units)):
                for back in reversed(days):
                    at, level = self.now - timedelta(days=back), chance.randrange(1, 5)
                    colours.append((self.ids.at(at), one.pk, subject, pk, level, level, at.isoformat()))
            if number % 10 < 6:
                pk, level = self.ids.at(self.born), chance.choice((1, 2, 3, 3, 4, 4, 4))
                gradings.append((pk, one.pk, one.pk, one.pk, one.area, one.links, f"FJ9{number:09d}", 1, level))
                standing.append((one.pk, pk, level, level))
        colours.sort(key=lambda row: row[-1])
        grading = Grading.objects.filter(status="PUBLISHED")[0]
        self._put("gradings", Sheet(grading, (
            "id", "file_id", "owner_org_id", "enterprise_id", "area_id", "links", "code", "round_no", "level",
        )), gradings)  # fmt: skip
        risk = EnterpriseRisk.objects.filter(grading__isnull=False)[0]
        self._put("gradings", Sheet(risk, ("file_id", "grading_id", "graded_level", "present_level")), standing)
        colour = RiskColour.objects.all()[0]
        columns = ("id", "file_id", "subject", "subject_id", "static_level", "present_level", "at")
        self._put("changes of colour", Sheet(colour, columns), colours)
        self._object_colours()

    def _object_colours(self) -> None:
        from quancheng.domains.risk.models import RiskColour, RiskObject

        known = RiskObject.objects.filter(created_at=self.born).values_list("pk", "file_id", "present_level")
        rows = []
        for pk, file, level in known.iterator():
            for back, then in ((DAYS + 30, 4), (self.chance.randrange(2, DAYS), level)):
                at = self.now - timedelta(days=back)
                rows.append((self.ids.at(at), str(file), "object", str(pk), then, then, at.isoformat()))
        columns = ("id", "file_id", "subject", "subject_id", "static_level", "present_level", "at")
        rows.sort(key=lambda row: row[-1])
        self._put("changes of colour", Sheet(RiskColour.objects.all()[0], columns), rows)

    def _weeks(self, firms: Sequence[Firm]) -> None:
        """Eight frozen weeks before the last, which is evaluated by the benchmark itself."""
        from quancheng.domains.hazards.models import RunningWeek

        this_monday = self.today - timedelta(days=self.today.weekday())
        like = RunningWeek.objects.filter(frozen_at__isnull=False, is_vetoed=False)[0]
        sheet = Sheet(like, ("id", "file_id", "monday", "e", "grade", "change"))
        for back in range(WEEKS + 1, 1, -1):
            monday = this_monday - timedelta(days=7 * back)
            at = self.calendar.start_of(monday)
            rows = []
            for one in firms:
                e = Decimal(self.chance.randrange(550, 1001)) / 10
                grade = "excellent" if e >= 90 else "good" if e >= 80 else "medium" if e >= 60 else "poor"
                rows.append((self.ids.at(at), one.pk, monday, e, grade, r"\N"))
            self._put("weeks evaluated", sheet, rows)

    def _days(self, firms: Sequence[Firm]) -> None:
        """Day by day: what is due, what is recorded of it, dangers, announcements."""
        dues, records, dangers = self._due_sheet(), self._record_sheet(), _Dangers(self)
        announcements = _Announcements(self)
        for back in range(DAYS, -1, -1):
            day = self.today - timedelta(days=back)
            made, done = self._checks_of(firms, day)
            self._put("check dues", dues, made)
            self._put("check records", records, done)
            dangers.add(firms, day)
            if back < ANNOUNCED:
                announcements.add(firms, day)
        dangers.close()

    def _checks_of(self, firms: Sequence[Firm], day: date) -> tuple[list[Any], list[Any]]:
        chance, ids, made, done = self.chance, self.ids, [], []
        begin = self.calendar.start_of(day)
        due_at = begin + timedelta(hours=8)
        opens, due_text = begin.isoformat(), due_at.isoformat()
        next_day, next_month = begin + timedelta(days=1), self.calendar.start_of(_month_later(day))
        for one in firms:
            for job in one.jobs:
                if not job.is_on(day):
                    continue
                pk, closes = ids.at(begin), next_month if job.kind == "monthly" else next_day
                at = due_at + timedelta(seconds=chance.randrange(32_000))
                if job.kind == "monthly":
                    at += timedelta(days=chance.randrange(20))
                drawn = chance.random()
                is_late = drawn > 1 - LATE
                if is_late:
                    at = closes + timedelta(hours=9)
                is_done = (drawn < DONE or is_late) and at < self.now
                done_at = at.isoformat() if is_done and not is_late else r"\N"
                made.append((
                    pk, job.pk, one.pk, job.post, day, opens, due_text, closes.isoformat(), done_at,
                ))  # fmt: skip
                if is_done:
                    team = job.post == one.posts[0]
                    text = at.isoformat()
                    done.append((
                        ids.at(at), one.pk, job.pk, pk, job.unit, job.measure, job.post, job.content,
                        one.worker if team else one.safety, text, text, text, text, "t" if is_late else "f",
                        f"d{one.worker[-8:]}",
                    ))  # fmt: skip
        return made, done

    def _due_sheet(self) -> Sheet:
        from quancheng.domains.hazards.models import CheckDue

        like = CheckDue.objects.filter(covered_by__isnull=True, work_type=0, person__isnull=True, is_extra=False)[0]
        like.is_moved = False
        return Sheet(like, (
            "id", "task_id", "file_id", "post_id", "key", "opens_at", "due_at", "closes_at", "done_at",
        ))  # fmt: skip

    def _record_sheet(self) -> Sheet:
        from quancheng.domains.hazards.models import CheckRecord

        like = CheckRecord.objects.filter(edition__isnull=True, status=0)[0]
        like.object_id = None
        return Sheet(like, (
            "id", "file_id", "task_id", "due_id", "unit_id", "measure_id", "post_id", "content", "person_id", "at",
            "client_at", "sent_at", "received_at", "is_late", "device_index",
        ))  # fmt: skip


_CYCLES = {
    "daily": ("1", "day", "working"), "weekly": ("7", "day", "every"), "monthly": ("1", "month", "every"),
}  # fmt: skip


def _month_later(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=min(day.day, 28))


class _Dangers:
    """Hidden dangers as they were found, most closed; the steps that open ones wait for."""

    def __init__(self, year: Year) -> None:
        from quancheng.domains.hazards.models import Finding
        from quancheng.kernel.work.models import WorkItem

        self.year, self.number = year, 0
        like = Finding.objects.filter(status="CLOSED", is_major=False, measure__isnull=True, diagnosis__isnull=True)[0]
        for name in ("object_id", "unit_id", "lon", "lat", "repeat_of_id", "reopens_id", "check_record_id"):
            setattr(like, name, None)
        like.criterion = ""
        self.sheet = Sheet(like, (
            "id", "owner_org_id", "enterprise_id", "area_id", "links", "file_id", "supervisor_id", "code", "name",
            "place", "type", "found_at", "created_at", "status", "status_at", "updated_at", "finder_id",
            "finder_org_id", "is_by_regulator", "channel", "source", "is_major", "grade", "is_planned", "rectifier_id",
            "deadline", "finished_at", "accepted_at", "accepted_by_id", "closed_at", "is_drawn", "is_repeat",
            "reject_count", "extension_count", "unit_id", "cost_yuan",
        ))  # fmt: skip
        item = WorkItem.objects.filter(loop_code="hazards.finding", done_at__isnull=True, state="FIXING")[0]
        item.assumed_years, item.urged_at = [], None
        self.item = Sheet(item, (
            "id", "owner_org_id", "enterprise_id", "area_id", "links", "subject_id", "state", "duty", "title",
            "person_id", "entered_at", "due_at",
        ))  # fmt: skip
        self.waiting: list[tuple[Any, ...]] = []
        self.items: list[tuple[Any, ...]] = []

    def add(self, firms: Sequence[Firm], day: date) -> None:
        chance, share = self.year.chance, DANGERS / (DAYS + 1)
        for one in firms:
            if chance.random() < share:
                self._one(one, day)
        if len(self.waiting) > 20_000:
            self.close()

    def close(self) -> None:
        self.year._put("hidden dangers", self.sheet, self.waiting)
        self.year._put("steps owed", self.item, self.items)
        self.waiting, self.items = [], []

    def _one(self, firm: Firm, day: date) -> None:
        year, chance = self.year, self.year.chance
        self.number += 1
        found = min(year.calendar.start_of(day) + timedelta(hours=8, seconds=chance.randrange(36_000)), year.now)
        pk, stamp = year.ids.at(found), found.isoformat()
        is_major, outside = chance.random() < MAJOR, chance.random() < BY_REGULATOR
        name = f"{_PLACES[self.number % 8]}{_NAMES[chance.randrange(12)]}"
        code = f"YH9{self.number:09d}"
        deadline = day + timedelta(days=chance.randrange(5, 45) if is_major else chance.randrange(3, 20))
        age = (year.today - day).days
        is_open = chance.random() < (OPEN_YOUNG if age < YOUNG else OPEN_OLD)
        took = timedelta(days=min(chance.randrange(1, 25), max(0, age - 1)), hours=2)
        if not is_open and found + took > year.now:
            is_open = True
        state = "CLOSED"
        if is_open:
            state = chance.choice(_STATES)
            if chance.random() > OVERDUE:
                deadline = max(deadline, year.today + timedelta(days=chance.randrange(1, 30)))
            if is_major and state == "ACCEPTING":
                state = "CANCELLING"
        done = (found + took).isoformat() if not is_open else r"\N"
        put_right = done if state not in ("ACCEPTING", "CANCELLING") else stamp
        waits = is_open and state == "REPORTED"
        self.waiting.append((
            pk, firm.pk, firm.pk, firm.area, firm.links, firm.pk, firm.supervisor, code, name, _PLACES[self.number % 8],
            chance.choice(_TYPES), stamp, stamp, state, stamp if is_open else done, stamp if is_open else done,
            firm.safety, firm.supervisor if outside else firm.pk, "t" if outside else "f",
            "district" if outside else "enterprise", "regulator" if outside else "daily", "t" if is_major else "f",
            "major" if is_major else "general", "f" if waits or state == "PLANNING" else "t",
            r"\N" if waits else firm.worker, r"\N" if waits else deadline, put_right, done,
            r"\N" if is_open else firm.safety, done, r"\N" if is_open else "f",
            "t" if chance.random() < 0.06 else "f", "1" if chance.random() < 0.05 else "0",
            "1" if chance.random() < 0.04 else "0", firm.units[self.number % 2], chance.randrange(100, 20_000),
        ))  # fmt: skip
        if is_open:
            owner = firm.supervisor if state == "CANCELLING" else firm.pk
            due = year.calendar.start_of(deadline + timedelta(days=1)).isoformat()
            person = firm.worker if state in ("PLANNING", "FIXING") else r"\N"
            self.items.append((
                year.ids.at(found), owner, firm.pk, firm.area, firm.links, pk, state, _DUTY[state], f"{code} {name}",
                person, stamp, due,
            ))  # fmt: skip


_DUTY = {
    "REPORTED": "hazards.findings.confirm", "PLANNING": "hazards.findings.rectify",
    "FIXING": "hazards.findings.rectify", "ACCEPTING": "hazards.findings.accept",
    "CANCELLING": "hazards.findings.supervise",
}  # fmt: skip


class _Announcements:
    """What each enterprise announced in the last days; two in a hundred did not."""

    def __init__(self, year: Year) -> None:
        from quancheng.domains.risk.models import Announcement

        self.year = year
        columns = (
            "id", "owner_org_id", "enterprise_id", "area_id", "links", "file_id", "supervisor_id", "title", "day",
            "due_at", "late_after", "status", "status_at", "updated_at", "published_at", "created_at", "closed_at",
            "level",
        )  # fmt: skip
        like = Announcement.objects.filter(status="PUBLISHED", is_late=False, doubt_count=0)[0]
        self.published = Sheet(like, columns)

    def add(self, firms: Sequence[Firm], day: date) -> None:
        year, chance = self.year, self.year.chance
        begin = year.calendar.start_of(day)
        due, late = (begin + timedelta(hours=9)).isoformat(), (begin + timedelta(hours=9, minutes=30)).isoformat()
        rows = []
        for number, one in enumerate(firms):
            if chance.random() < 0.02 or day == year.today:
                continue
            at = (begin + timedelta(hours=7, seconds=chance.randrange(7000))).isoformat()
            rows.append((
                year.ids.at(begin), one.pk, one.pk, one.area, one.links, one.pk, one.supervisor,
                f"测试企业{number:06d}", day, due, late, "PUBLISHED", at, at, at, begin.isoformat(), at,
                chance.choice((2, 3, 3, 4, 4)),
            ))  # fmt: skip
        year._put("announcements", self.published, rows)
