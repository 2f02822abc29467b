"""Hand-over of a shift, and revalidation of permits that run into the next one."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.domains.permits.factories import (
    ELSEWHERE,
    FOUND,
    NOW,
    START,
    crew_of,
    make_permit,
    own_file,
    samples,
    sign_all,
)
from tests.domains.registry.factories import make_unit
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import (
    Permit,
    PermitPerson,
    PermitSiteCheck,
    Revalidation,
    ShiftHandOver,
    ShiftPlan,
)
from quancheng.domains.permits.queries.shifts import is_whole
from quancheng.domains.permits.services import clock, preparing, shifts, thinking, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.domains.permits.services.figures import set_figure
from quancheng.domains.permits.services.revalidating import revalidate
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.gb30871.talks import think_items

pytestmark = pytest.mark.django_db
MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LINES = ["早班 08:00", "中班 16:00", "夜班 00:00"]
#: 16:00 in Shanghai.
CHANGE = NOW + 7 * HOUR


class Scene:
    """An enterprise with three shifts, its safety officer and its head, and a clock."""

    def __init__(self, at: list[datetime], kind: str, to: str, **known: Any) -> None:
        self.district, self.clock = make_district(), at
        self.crew = crew_of(self.district, kind)
        self.file = own_file(self.district)
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to, **known)
        self.plan()

    # Whoever works eight hours later signs in anew.
    @property
    def own(self) -> Any:
        return client_of(self.crew.safety)

    @property
    def head(self) -> Any:
        return client_of(self.crew.head)

    def plan(self, unit: Any = None, lines: Any = LINES, now: datetime = NOW) -> ShiftPlan:
        return shifts.set_shifts(
            actor=self.crew.head, file=self.file, unit=unit, lines=lines, from_date=now.date(), reason="公司制度",
            now=now,
        )  # fmt: skip

    def switch_on(self, name: str, value: str) -> None:
        set_figure(actor=self.crew.head, file=self.file, name=name, value=value, from_date=NOW.date(), reason="启用",
                   now=NOW)  # fmt: skip

    def tick(self, moment: datetime) -> None:
        self.clock[0] = moment
        shifts.keep_shifts(now=moment)

    def act(self, client: Any, name: str, **given: Any) -> Any:
        return self._post(client, reverse("permits:permit", args=[self.permit.pk]), name, given)

    def sign(self, client: Any, name: str, at: datetime = CHANGE, **given: Any) -> Any:
        url = reverse("permits:shift_hand_over", args=[ShiftHandOver.objects.get(began_at=at, unit=None).pk])
        if name == "take" and "read" not in given:
            given["read"] = self.read(client, at)
        return self._post(client, url, name, given)

    def read(self, client: Any, at: datetime = CHANGE) -> str:
        """Which list somebody reads who opens the form; none where it is not offered to him."""
        url = reverse("permits:shift_hand_over", args=[ShiftHandOver.objects.get(began_at=at, unit=None).pk])
        shown = client.get(url, {"act": "take"})
        return shown.context["panel"].form["read"].value() if shown.status_code == 200 else ""

    def _post(self, client: Any, url: str, name: str, given: dict[str, Any]) -> Any:
        return client.post(url, {"act": name, "client_id": str(uuid.uuid4()), **given})

    def look(self) -> None:
        preparing.check_site(actor=self.crew.safety, permit=self.permit, found=FOUND, now=self.clock[0])

    def state(self) -> tuple[str, str]:
        self.permit.refresh_from_db()
        return self.permit.status, self.permit.stop_reason


@pytest.fixture
def scene(at: list[datetime]) -> Any:
    return lambda kind="EX", to="ISSUED", **known: Scene(
        at, kind, to, **{"window_end": START + timedelta(days=2), **known}
    )


@pytest.fixture
def late(scene: Any) -> Scene:
    """Half an hour and a minute after the change of shift, which nobody handed over."""
    here: Scene = scene()
    here.switch_on("hand_over_min", "30")
    here.tick(CHANGE - HOUR)
    here.tick(CHANGE + 31 * MIN)
    return here


def test_half_an_hour_after_the_change_nothing_new_begins_until_two_people_signed(late: Scene) -> None:
    late.look()
    refused = late.act(late.own, "start")
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "C-60" in page
    assert "本系统要求 F-07 交接班" in page
    assert "由交班和接班的班长在交接班记录上签字" in page
    handed = late.sign(late.own, "hand", remarks="反应釜温度偏高，注意观察")
    assert handed.status_code == 303, handed.content.decode()
    assert late.act(late.own, "start").status_code == 409, "one signature is not enough"
    same = late.sign(late.own, "take")
    assert same.status_code in (403, 409)
    assert ShiftHandOver.objects.get(began_at=CHANGE).status == "HANDED"
    assert late.sign(late.head, "take", note="已清楚").status_code == 303
    started = late.act(late.own, "start")
    assert started.status_code == 303, started.content.decode()
    assert late.state()[0] == "WORKING"
    row = ShiftHandOver.objects.get(began_at=CHANGE)
    assert (row.status, row.outgoing_name, row.incoming_name) == ("TAKEN", late.crew.safety.name, late.crew.head.name)


@pytest.mark.parametrize(("grace", "moment"), [("0", 31), ("30", 30)])
def test_up_to_the_half_hour_and_where_it_is_off_new_work_begins(scene: Any, grace: str, moment: int) -> None:
    here = scene()
    here.switch_on("hand_over_min", grace)
    here.tick(CHANGE + moment * MIN)
    here.look()
    assert here.act(here.own, "start").status_code == 303


def test_the_last_signature_is_refused_too_and_running_work_goes_on(scene: Any) -> None:
    here = scene(to="WORKING")
    here.switch_on("hand_over_min", "30")
    crew = crew_of(here.district, "RC", order=730)
    waiting = make_permit(here.district, "RC", crew=crew, to="APPROVING", at=ELSEWHERE, window_end=CHANGE + DAY)
    here.tick(CHANGE + 40 * MIN)
    clock.watch_running(now=here.clock[0])
    assert here.state() == ("WORKING", "")
    preparing.check_site(actor=crew.safety, permit=waiting, found=FOUND, now=here.clock[0])
    with pytest.raises(Refused) as refused:
        sign_all(crew, waiting, now=here.clock[0])
    assert [one["code"] for one in refused.value.facts["answers"]] == ["C-60"]
    waiting.refresh_from_db()
    assert waiting.status == "APPROVING"
    here.sign(here.own, "hand", remarks="无")
    here.sign(here.head, "take")
    sign_all(crew, waiting, now=here.clock[0] + 10 * MIN)
    assert waiting.status == "ISSUED"


def test_it_is_told_to_both_and_to_the_head_once_and_owed_by_who_signs_for_the_unit(late: Scene) -> None:
    late.tick(CHANGE + 32 * MIN)
    row = ShiftHandOver.objects.get(began_at=CHANGE)
    told = Notice.objects.filter(kind="permits.shift_late", subject_id=row.pk)
    assert {one.user_id for one in told} == {late.crew.safety.user_id, late.crew.head.user_id}
    assert told.count() == 2
    assert WorkItem.objects.open().filter(subject_id=row.pk, duty="permits.sign_unit").exists()


def test_the_list_is_made_by_itself_and_sealed_as_it_stood(late: Scene) -> None:
    row = ShiftHandOver.objects.get(began_at=CHANGE)
    url = reverse("permits:shift_hand_over", args=[row.pk])
    assert late.permit.number in late.own.get(url).content.decode(), "before it is signed: as it stands now"
    assert late.sign(late.own, "hand", remarks="无").status_code == 303
    Permit.objects.filter(pk=late.permit.pk).update(status="CANCELLED")
    row.refresh_from_db()
    assert [(one["group"], one["number"]) for one in row.listed] == [("ISSUED", late.permit.number)]
    assert is_whole(row)
    page = late.head.get(url).content.decode()
    assert late.permit.number in page
    assert "已封存" in page
    told = late.head.get(f"/api/v1/permits/shift-hand-overs/{row.pk}").json()
    assert told["is_sealed"] is True
    assert [one["group"] for one in told["standing"]] == ["ISSUED"]
    listed = late.head.get("/api/v1/permits/shift-hand-overs", {"status": "HANDED"}).json()["items"]
    assert [one["id"] for one in listed] == [str(row.pk)]
    # What was altered after the signature is taken over by nobody.
    ShiftHandOver.objects.filter(pk=row.pk).update(remarks="改")
    assert late.sign(late.head, "take").status_code == 409
    assert late.sign(late.head, "give_back", reason="内容不符").status_code == 303
    row.refresh_from_db()
    assert (row.status, row.seal, row.listed) == ("OPEN", "", [])
    assert late.sign(late.own, "hand", remarks="无").status_code == 303
    assert late.sign(late.head, "take").status_code == 303
    assert JournalEntry.objects.filter(act="permits.shift_hand_over.give_back").exists()


def test_the_next_hand_over_does_not_stand_for_the_one_that_is_open(late: Scene) -> None:
    following = CHANGE + 8 * HOUR
    late.tick(following - HOUR)
    late.look()
    refused = late.sign(late.own, "hand", at=following, remarks="无")
    assert refused.status_code == 409
    assert "请先完成上一次交接班" in refused.content.decode()
    assert "C-60" in late.act(late.own, "start").content.decode()
    assert late.sign(late.own, "hand", remarks="无").status_code == 303
    assert late.sign(late.own, "hand", at=following, remarks="无").status_code == 409, "until both signed the first"
    assert late.sign(late.head, "take").status_code == 303
    assert late.sign(late.own, "hand", at=following, remarks="无").status_code == 303


def test_nobody_takes_over_hours_before_his_shift(scene: Any) -> None:
    here = scene()
    here.tick(CHANGE - 2 * HOUR)
    assert here.sign(here.own, "hand", remarks="无").status_code == 303
    early = here.sign(here.head, "take")
    assert early.status_code == 409
    assert "本系统要求 F-07 交接班" in early.content.decode()
    here.clock[0] = CHANGE - 30 * MIN
    assert here.sign(here.head, "take").status_code == 303


def test_what_begins_after_the_outgoing_signature_is_read_and_signed_by_the_incoming_leader(scene: Any) -> None:
    here = scene()
    here.tick(CHANGE - HOUR)
    assert here.sign(here.own, "hand", remarks="无").status_code == 303
    here.clock[0] = CHANGE - 10 * MIN
    stale = here.read(here.head)
    here.look()
    assert here.act(here.own, "start").status_code == 303
    refused = here.sign(here.head, "take", read=stale)
    assert refused.status_code == 409, "he did not read that it began"
    assert "核对现在的清单" in refused.content.decode()
    url = reverse("permits:shift_hand_over", args=[ShiftHandOver.objects.get().pk])
    assert "交班人签字后的变化" in here.head.get(url).content.decode()
    assert here.sign(here.head, "take", read="").status_code == 409
    assert here.sign(here.head, "take").status_code == 303
    row = ShiftHandOver.objects.get()
    assert [(one["group"], one["number"]) for one in row.added] == [("WORKING", here.permit.number)]
    assert is_whole(row)
    told = here.head.get(f"/api/v1/permits/shift-hand-overs/{row.pk}").json()
    assert [one["group"] for one in told["standing"]] == ["ISSUED"]
    assert [one["group"] for one in told["added"]] == ["WORKING"]
    for altered in ({"added": []}, {"incoming_note": "改"}, {"taken_seal": ""}, {"seal": ""}):
        ShiftHandOver.objects.filter(pk=row.pk).update(**altered)
        assert "内容被改动" in here.head.get(url).content.decode(), altered
        row.save()


def test_another_list_than_he_read_is_not_signed_by_him(late: Scene) -> None:
    assert late.sign(late.own, "hand", remarks="一切正常").status_code == 303
    first = late.read(late.head)
    assert late.sign(late.head, "give_back", reason="补充").status_code == 303
    assert late.sign(late.own, "hand", remarks="反应釜超温").status_code == 303
    assert late.sign(late.head, "take", read=first).status_code == 409
    assert late.sign(late.head, "take").status_code == 303


def test_who_handed_over_by_mistake_and_had_it_given_back_takes_over(late: Scene) -> None:
    assert late.sign(late.head, "hand", remarks="误点").status_code == 303
    assert late.sign(late.own, "give_back", reason="交班人不对").status_code == 303
    assert late.sign(late.own, "hand", remarks="无").status_code == 303
    assert late.sign(late.own, "take").status_code == 409
    taken = late.sign(late.head, "take")
    assert taken.status_code == 303, taken.content.decode()


def test_the_same_signature_twice_is_one(late: Scene) -> None:
    row = ShiftHandOver.objects.get(began_at=CHANGE)
    url, key = reverse("permits:shift_hand_over", args=[row.pk]), str(uuid.uuid4())
    for _again in range(2):
        assert late.own.post(url, {"act": "hand", "client_id": key, "remarks": "无"}).status_code == 303
    key, read = str(uuid.uuid4()), late.read(late.head)
    for _again in range(2):
        assert late.head.post(url, {"act": "take", "client_id": key, "read": read}).status_code == 303


def test_finished_work_whose_fire_is_watched_and_cards_with_a_no_are_handed_over(scene: Any) -> None:
    here = scene(to="WORKING")
    other = make_permit(here.district, "RC", crew=crew_of(here.district, "RC", order=730), at=ELSEWHERE)
    here.clock[0] = CHANGE - 20 * MIN
    working.finish_work(actor=here.crew.safety, permit=here.permit, note="已清理", now=here.clock[0])
    answers = {one.code: one.code != "GEAR" for one in think_items()}
    thinking.answer_card(actor=here.crew.safety, permit=other, answers=answers, now=here.clock[0])
    here.tick(CHANGE - 10 * MIN)
    assert here.sign(here.own, "hand", remarks="无").status_code == 303
    listed = [(one["group"], one["number"]) for one in ShiftHandOver.objects.get().listed]
    assert listed == [("ISSUED", other.number), ("FINISHED", here.permit.number), ("CARD", str(other))]
    url = reverse("permits:shift_hand_over", args=[ShiftHandOver.objects.get().pk])
    assert "停一停卡未处理的“否”" in here.head.get(url).content.decode()


def test_the_journal_holds_no_name_of_who_signed(late: Scene) -> None:
    late.sign(late.own, "hand", remarks="无")
    late.sign(late.head, "give_back", reason="补充")
    late.sign(late.own, "hand", remarks="无")
    late.sign(late.head, "take")
    entries = JournalEntry.objects.filter(act__startswith="permits.shift_hand_over", subject_id__isnull=False)
    told = json.dumps(list(entries.values_list("facts", flat=True)), ensure_ascii=False)
    assert entries.filter(act="permits.shift_hand_over.take").exists()
    assert late.crew.safety.name not in told
    assert late.crew.head.name not in told


def test_a_change_that_another_plan_took_away_lapses_and_is_told_to_nobody(scene: Any) -> None:
    here = scene()
    here.switch_on("hand_over_min", "30")
    here.tick(CHANGE - HOUR)
    here.plan(lines=["早班 08:00", "中班 17:00", "夜班 00:00"], now=CHANGE - 30 * MIN)
    here.tick(CHANGE + MIN)
    assert ShiftHandOver.objects.get(began_at=CHANGE).status == "LAPSED"
    here.tick(CHANGE + 40 * MIN)
    assert not Notice.objects.filter(kind="permits.shift_late").exists()


def test_a_change_of_three_days_ago_keeps_no_other_from_being_opened(scene: Any) -> None:
    here = scene()
    here.tick(CHANGE)
    here.plan(lines=[], now=CHANGE + HOUR)
    # Two days later shifts begin anew; the last change is that of the old plan.
    later = CHANGE + 2 * DAY + 2 * HOUR
    here.plan(lines=["白班 20:00"], now=later)
    here.tick(later + MIN)
    assert ShiftHandOver.objects.filter(began_at=CHANGE + 2 * DAY + 4 * HOUR).exists()


def test_empty_remarks_keep_the_page_and_the_database_wants_two_people(late: Scene) -> None:
    bare = late.sign(late.own, "hand", remarks=" ")
    assert bare.status_code == 422
    assert ShiftHandOver.objects.get(began_at=CHANGE).status == "OPEN"
    row, who = ShiftHandOver.objects.get(began_at=CHANGE), uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        ShiftHandOver.objects.filter(pk=row.pk).update(status="TAKEN", outgoing_id=who, incoming_id=who)


def test_what_nobody_handed_over_lapses_when_the_next_shift_comes(late: Scene) -> None:
    late.tick(CHANGE + 8 * HOUR)
    first, second = ShiftHandOver.objects.order_by("began_at")
    assert (first.status, second.status) == ("LAPSED", "OPEN")
    assert (second.outgoing_shift, second.incoming_shift) == ("中班", "夜班")
    late.tick(CHANGE + 8 * HOUR)
    assert ShiftHandOver.objects.count() == 2


def test_a_new_plan_does_not_undo_a_change_that_has_come_and_one_without_shifts_ends_them(late: Scene) -> None:
    now = CHANGE + 40 * MIN
    late.plan(lines=["长白班 08:00"], now=now)
    late.tick(now + MIN)
    assert ShiftHandOver.objects.get(began_at=CHANGE).status == "OPEN"
    late.look()
    assert late.act(late.own, "start").status_code == 409
    late.plan(lines=[], now=now + 2 * MIN)
    late.tick(now + 3 * MIN)
    assert ShiftHandOver.objects.get(began_at=CHANGE).status == "LAPSED"
    assert late.act(late.own, "start").status_code == 303


def test_a_unit_with_shifts_of_its_own_is_handed_over_by_itself(scene: Any) -> None:
    here = scene()
    unit = make_unit(here.crew.safety, here.file)
    here.plan(unit=unit, lines=["甲班 10:00", "乙班 22:00"])
    here.switch_on("hand_over_min", "30")
    here.tick(NOW + HOUR + 31 * MIN)
    assert list(ShiftHandOver.objects.values_list("unit", "incoming_shift")) == [(unit.pk, "甲班")]
    here.look()
    # A permit that names no unit may be there: it waits as well. One of another unit does not.
    assert here.act(here.own, "start").status_code == 409
    other = make_unit(here.crew.safety, here.file, code="U2", name="示例泵房")
    Permit.objects.filter(pk=here.permit.pk).update(unit=other)
    answer = here.act(here.own, "start").content.decode()
    assert "C-60" not in answer


def test_shifts_are_set_by_the_head_by_page_and_a_bad_line_is_told_at_its_field(scene: Any) -> None:
    here = scene()
    here.clock[0] = NOW
    url = reverse("permits:shift_plan_new")
    assert here.own.get(url).status_code == 403
    given = {"shifts": "早班 八点", "from_date": "2026-09-08", "reason": "公司制度", "unit": ""}
    bad = here.head.post(url, given)
    assert bad.status_code == 422
    assert "shifts" in bad.context["form"].errors
    assert bad.context["form"]["shifts"].value() == "早班 八点"
    for lines in ("早班 08:00\n夜班 08:00", "早班 25:00", "\n".join(f"班{n} {n:02}:00" for n in range(7))):
        assert here.head.post(url, {**given, "shifts": lines}).status_code == 422
    assert here.head.post(url, {**given, "shifts": "早班 08:00", "from_date": "2026-09-01"}).status_code == 422
    ok = here.head.post(url, {**given, "shifts": "白班 8:00\n夜班 20：00", "client_id": str(uuid.uuid4())})
    assert ok.status_code == 303, ok.content.decode()
    assert ShiftPlan.objects.order_by("-entered_at", "-pk")[0].shifts == [
        {"name": "白班", "at": "08:00"}, {"name": "夜班", "at": "20:00"}
    ]  # fmt: skip
    assert "白班 08:00" in here.own.get(reverse("permits:shift_plans")).content.decode()
    assert JournalEntry.objects.filter(act="permits.shift_plan.set").exists()
    foreign = here.head.post(url, {**given, "shifts": "早班 08:00", "unit": str(uuid.uuid4())})
    assert "unit" in foreign.context["form"].errors


# Revalidation --------------------------------------------------------------------------------------------------------


@pytest.fixture
def crossing(scene: Any) -> Scene:
    """Work that ran into the next shift."""
    here: Scene = scene(to="WORKING")
    here.switch_on("revalidate_min", "60")
    here.clock[0] = CHANGE + 60 * MIN
    return here


def test_work_that_ran_into_a_new_shift_stands_after_an_hour_until_it_is_revalidated(crossing: Scene) -> None:
    clock.watch_running(now=CHANGE + 60 * MIN)
    assert crossing.state() == ("WORKING", "")
    clock.watch_running(now=CHANGE + 61 * MIN)
    assert crossing.state() == ("SUSPENDED", "BREAK")
    crossing.clock[0] = CHANGE + 70 * MIN
    crossing.look()
    refused = crossing.act(crossing.own, "resume")
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "C-61" in page
    assert "本系统要求 F-08 每班复核" in page
    done = crossing.act(crossing.head, "revalidate", opinion="条件未变，同意继续")
    assert done.status_code == 303, done.content.decode()
    row = Revalidation.objects.get()
    assert (row.shift, row.shift_began_at, row.by_name) == ("中班", CHANGE, crossing.crew.head.name)
    assert crossing.act(crossing.own, "resume").status_code == 303
    assert crossing.state() == ("WORKING", "")
    clock.watch_running(now=CHANGE + 90 * MIN)
    assert crossing.state() == ("WORKING", "")
    page = crossing.own.get(reverse("permits:permit", args=[crossing.permit.pk]), {"tab": "daily"}).content.decode()
    assert "条件未变，同意继续" in page
    assert JournalEntry.objects.filter(act="permits.permit.revalidate").exists()


def test_before_the_clock_stops_it_who_signs_is_told_once_what_waits(crossing: Scene) -> None:
    crossing.tick(CHANGE - MIN)
    assert not Notice.objects.filter(kind="permits.crossing").exists()
    crossing.tick(CHANGE + MIN)
    crossing.tick(CHANGE + 2 * MIN)
    told = Notice.objects.filter(kind="permits.crossing")
    assert {one.user_id for one in told} == {crossing.crew.safety.user_id, crossing.crew.head.user_id}
    assert told.count() == 2
    assert told[0].data == {"title": "全厂 早班 → 中班", "count": 1, "minutes": 60}
    page = crossing.own.get(reverse("permits:permit", args=[crossing.permit.pk]), {"tab": "blocks"}).content.decode()
    assert "C-61" in page


def test_revalidated_within_the_hour_it_never_stands(crossing: Scene) -> None:
    crossing.clock[0] = CHANGE + 20 * MIN
    crossing.look()
    assert crossing.act(crossing.head, "revalidate", opinion="同意").status_code == 303
    clock.watch_running(now=CHANGE + 61 * MIN)
    assert crossing.state() == ("WORKING", "")


def test_nothing_starts_in_a_new_shift_without_it_and_off_it_asks_nothing(scene: Any) -> None:
    here = scene()
    here.clock[0] = CHANGE + MIN
    here.look()
    here.switch_on("revalidate_min", "60")
    refused = here.act(here.own, "start")
    assert refused.status_code == 409
    assert "C-61" in refused.content.decode()
    here.switch_on("revalidate_min", "0")
    assert here.act(here.own, "start").status_code == 303


def test_what_is_switched_on_within_a_shift_stops_nothing_that_ran_into_it(scene: Any) -> None:
    here = scene(to="WORKING")
    now = here.clock[0] = CHANGE + 2 * HOUR
    set_figure(actor=here.crew.head, file=here.file, name="revalidate_min", value="60", from_date=now.date(),
               reason="启用", now=now)  # fmt: skip
    clock.watch_running(now=now + MIN)
    assert here.state() == ("WORKING", "")
    # From the next change on it is asked.
    clock.watch_running(now=CHANGE + 9 * HOUR + MIN)
    assert here.state() == ("SUSPENDED", "BREAK")


def test_who_did_not_look_at_the_place_in_this_shift_revalidates_nothing(crossing: Scene) -> None:
    crossing.clock[0] = CHANGE - 5 * MIN
    crossing.look()
    crossing.clock[0] = CHANGE + 5 * MIN
    refused = crossing.act(crossing.head, "revalidate", opinion="同意")
    assert refused.status_code == 409
    assert "本班还没有现场核查" in refused.content.decode()
    assert crossing.act(crossing.head, "revalidate", opinion="").status_code == 422
    with pytest.raises(Conflict):
        revalidate(actor=crossing.crew.head, permit=crossing.permit, opinion="同意", now=crossing.clock[0])
    assert not Revalidation.objects.exists()


@pytest.mark.parametrize("part", ["LEADER", "WORKER", "GUARDIAN"])
def test_who_is_on_the_permit_does_not_revalidate_it_himself(crossing: Scene, part: str) -> None:
    crossing.clock[0] = CHANGE + 20 * MIN
    crossing.look()
    on_it = PermitPerson.objects.get(permit=crossing.permit, part=part)
    if part == "WORKER":
        # Who leads works as well: he stands on it twice.
        PermitPerson.objects.filter(pk=on_it.pk).update(person=crossing.crew.leader)
        on_it.refresh_from_db()
    himself = make_actor(crossing.district.enterprise_org, "enterprise.head", name=on_it.person.name)
    refused = crossing.act(client_of(himself), "revalidate", opinion="同意")
    assert refused.status_code == 409
    assert "请由所在单位的其他人复核" in refused.content.decode()
    assert "本系统要求 F-08 每班复核" in refused.content.decode()
    assert not Revalidation.objects.exists()


def test_of_a_confined_space_gas_is_tested_anew(scene: Any) -> None:
    here = scene("CS", "WORKING", window_end=START + timedelta(hours=20))
    here.switch_on("revalidate_min", "60")
    here.clock[0] = CHANGE + 20 * MIN
    here.look()
    with pytest.raises(Refused) as refused:
        revalidate(actor=here.crew.head, permit=here.permit, opinion="同意", now=here.clock[0])
    assert "C-02" in {one["code"] for one in refused.value.facts["answers"]}
    for one in samples("CS", here.clock[0]):
        preparing.enter_gas(actor=here.crew.safety, permit=here.permit, sample=one, now=here.clock[0])
    revalidate(actor=here.crew.head, permit=here.permit, opinion="同意", now=here.clock[0])
    assert Revalidation.objects.get().site_check == PermitSiteCheck.objects.order_by("-checked_at")[0]
