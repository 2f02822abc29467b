"""Toolbox talks: topic from the permit, everybody signs in and answers two questions, then work begins."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.permits.factories import (
    DO,
    ELSEWHERE,
    FOUND,
    LEARNED,
    NOW,
    START,
    crew_of,
    make_permit,
    own_file,
    sign_all,
)
from tests.domains.training.factories import make_person
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson, TalkAttendance, ToolboxTalk
from quancheng.domains.permits.services import guarding, preparing, talks, thinking
from quancheng.domains.permits.services.checking import withdraw_signatures
from quancheng.domains.permits.services.figures import set_figure
from quancheng.domains.permits.services.forgetting import forget
from quancheng.domains.training.models import Person
from quancheng.kernel.errors import Invalid
from quancheng.kernel.journal.models import JournalEntry
from quancheng.standards.gb30871.talks import think_items

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)


class Scene:
    """An issued permit of an enterprise that asks for talks, the device of its leader, and the clock."""

    def __init__(self, at: list[datetime], to: str = "ISSUED") -> None:
        self.district, self.clock = make_district(), at
        self.crew = crew_of(self.district, "EX")
        self.permit = make_permit(
            self.district, "EX", crew=self.crew, to=to, window_end=START + timedelta(days=3)
        )
        at[0] = NOW + 20 * MIN
        set_figure(
            actor=self.crew.head, file=own_file(self.district), name="talk_min", value="5", from_date=NOW.date(),
            reason="启用班前会", now=NOW,
        )  # fmt: skip

    @property
    def own(self) -> Any:
        return client_of(self.crew.safety)

    def start(self) -> Any:
        given = {"act": "start", "client_id": str(uuid.uuid4())}
        return self.own.post(reverse("permits:permit", args=[self.permit.pk]), given)

    def begin(self) -> str:
        url = reverse("permits:talk_new", args=[self.permit.pk])
        made = self.own.post(url, {"client_id": str(uuid.uuid4())})
        assert made.status_code == 303, made.content.decode()
        return made["Location"]

    def come(self, talk: str, name: str, staff_no: str = "") -> Any:
        return self.own.post(talk, {"name": name, "staff_no": staff_no})

    def answer(self, quiz: str, *, right: bool = True) -> Any:
        row = TalkAttendance.objects.select_related("talk").get(pk=quiz.rstrip("/").rpartition("/")[2])
        drawn = talks.asked_of(row)
        chosen = [one.right if right else (one.right + 1) % len(one.options) for one in drawn]
        given = {f"answer_{number}": str(value) for number, value in enumerate(chosen)}
        return self.own.post(quiz, {"asked": str(row.wrong_count), **given})

    def hold(self) -> None:
        talk = self.begin()
        for name in ("某作业人", "某监护人"):
            assert self.answer(self.come(talk, name)["Location"]).status_code == 303


@pytest.fixture
def here(at: list[datetime]) -> Scene:
    return Scene(at)


def test_a_start_needs_the_talk_of_the_day_with_workers_and_guardians(here: Scene) -> None:
    refused = here.start()
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "C-62" in page
    assert "本系统要求 F-09 班前会" in page
    talk = here.begin()
    shown = here.own.get(talk).content.decode()
    assert "设接火盆，专人监护" in shown, "the topic is drawn from the analysis of hazards"
    assert "某监护人" in shown
    quiz = here.come(talk, "某作业人")
    assert quiz.status_code == 303
    assert here.start().status_code == 409, "who came and did not answer was not there"
    assert here.answer(quiz["Location"]).status_code == 303
    still = here.start()
    assert still.status_code == 409
    assert here.answer(here.come(talk, "某监护人")["Location"]).status_code == 303
    started = here.start()
    assert started.status_code == 303, started.content.decode()
    page = here.own.get(reverse("permits:permit", args=[here.permit.pk]), {"tab": "daily"}).content.decode()
    assert page.count("已答对") == 2
    acts = set(JournalEntry.objects.filter(act__startswith="permits.talk").values_list("act", flat=True))
    assert acts == {"permits.talk.begin", "permits.talk.attend", "permits.talk.pass"}


def test_a_wrong_answer_is_explained_and_other_questions_are_asked(here: Scene) -> None:
    quiz = here.come(here.begin(), "某作业人")["Location"]
    first = talks.asked_of(TalkAttendance.objects.select_related("talk").get())
    wrong = here.answer(quiz, right=False)
    assert wrong.status_code == 422
    assert first[0].answer in str(wrong.context["form"].errors["answer_0"])
    row = TalkAttendance.objects.select_related("talk").get()
    assert (row.wrong_count, row.passed_at) == (1, None)
    shown = here.own.get(quiz).content.decode()
    assert all(one.answer in shown for one in talks.asked_of(row))
    bare = here.own.post(quiz, {"asked": "1"})
    assert bare.status_code == 422
    assert set(bare.context["form"].errors) == {"answer_0", "answer_1"}
    stale = here.own.post(quiz, {"asked": "0", "answer_0": "0", "answer_1": "0"})
    assert stale.status_code == 409, "answers to questions that were replaced count for nothing"
    assert here.answer(quiz).status_code == 303
    assert here.answer(quiz).status_code == 409


def test_who_is_not_on_the_permit_or_comes_after_five_minutes_is_refused(here: Scene) -> None:
    talk = here.begin()
    unknown = here.come(talk, "路人甲")
    assert unknown.status_code == 422
    assert unknown.context["form"]["name"].value() == "路人甲"
    Person.objects.filter(name="某作业人").update(staff_no="A-17")
    assert here.come(talk, "某作业人").status_code == 422
    assert here.come(talk, "某作业人", "A-17").status_code == 303
    assert here.come(talk, "某作业人", "A-17").status_code == 409
    here.clock[0] += 5 * MIN
    assert here.come(talk, "某监护人").status_code == 303, "until the last minute"
    TalkAttendance.objects.filter(person__person__name="某监护人").delete()
    here.clock[0] += timedelta(seconds=1)
    late = here.come(talk, "某监护人")
    assert late.status_code == 409
    assert "另开一次班前会" in late.content.decode()
    # A second talk is for the rest.
    again = here.begin()
    assert here.come(again, "某监护人").status_code == 303
    assert ToolboxTalk.objects.count() == 2


def test_the_talk_of_yesterday_begins_no_work_of_today_and_where_it_is_off_none_is_asked(here: Scene) -> None:
    here.hold()
    here.clock[0] += timedelta(days=1)
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.clock[0])
    refused = here.start()
    assert refused.status_code == 409
    assert "C-62" in refused.content.decode()
    set_figure(
        actor=here.crew.head, file=own_file(here.district), name="talk_min", value="0",
        from_date=here.clock[0].date(), reason="停用", now=here.clock[0],
    )  # fmt: skip
    assert here.start().status_code == 303


def test_only_the_enterprise_holds_a_talk_and_none_before_anything_is_prepared(here: Scene) -> None:
    url = reverse("permits:talk_new", args=[here.permit.pk])
    assert client_of(here.district.department).post(url, {}).status_code == 403
    assert client_of(here.district.other_enterprise).post(url, {}).status_code == 404
    draft = make_permit(here.district, "RC", crew=crew_of(here.district, "RC", order=730), to="DRAFT")
    assert here.own.post(reverse("permits:talk_new", args=[draft.pk]), {}).status_code == 409
    assert not ToolboxTalk.objects.exists()
    foreign = make_permit(here.district, "BL", crew=crew_of(here.district, "BL", order=740), at=ELSEWHERE)
    talk = here.begin()
    wrong = reverse("permits:talk", args=[foreign.pk, talk.rpartition("/")[2]])
    assert here.own.get(wrong).status_code == 404


def test_who_came_later_to_the_work_needs_a_talk_as_well(here: Scene) -> None:
    here.hold()
    comes = make_person(here.district, order=790, name="某接替人")
    guarding.hand_over(
        actor=here.crew.safety, permit=here.permit, part="WORKER", person=comes, briefing="作业内容和风险",
        outgoing=PermitPerson.objects.get(permit=here.permit, part="WORKER"), tasks=["WORKER"], educated_on=LEARNED,
        medical_on=LEARNED, now=here.clock[0],
    )  # fmt: skip
    refused = here.start()
    assert refused.status_code == 409
    assert "C-62" in refused.content.decode()
    assert here.answer(here.come(here.begin(), "某接替人")["Location"]).status_code == 303
    assert here.start().status_code == 303


def test_a_talk_about_what_was_written_anew_since_begins_no_work(here: Scene) -> None:
    here.hold()
    Permit.objects.filter(pk=here.permit.pk).update(status="PREPARING", seal="", issued_at=None)
    here.permit.refresh_from_db()
    talk = here.own.post(reverse("permits:talk_new", args=[here.permit.pk]), {"client_id": str(uuid.uuid4())})
    assert talk.status_code == 409
    assert "本系统要求 F-09 班前会" in talk.content.decode()
    withdraw_signatures(here.permit, here.clock[0])
    steps = [{"step": "开挖", "hazard": "塌方", "measure": "放坡支护"}]
    preparing.analyse(
        actor=here.crew.safety, permit=here.permit, steps=steps, participants=["某负责人"], now=here.clock[0]
    )
    DO["briefing"](here.crew, here.permit, here.clock[0])
    preparing.present_permit(actor=here.crew.safety, permit=here.permit, now=here.clock[0])
    here.clock[0] = sign_all(here.crew, here.permit, now=here.clock[0])
    refused = here.start()
    assert refused.status_code == 409
    assert "C-62" in refused.content.decode()
    here.hold()
    assert here.start().status_code == 303


def test_of_two_of_one_name_both_sign_in(here: Scene) -> None:
    namesake = make_person(here.district, order=791, name="某作业人")
    guarding.hand_over(
        actor=here.crew.safety, permit=here.permit, part="WORKER", person=namesake, briefing="作业内容和风险",
        tasks=["WORKER"], educated_on=LEARNED, medical_on=LEARNED, now=here.clock[0],
    )  # fmt: skip
    Person.objects.filter(pk=namesake.pk).update(staff_no="A-18")
    talk = here.begin()
    assert here.come(talk, "某作业人", "A-18").status_code == 303
    assert TalkAttendance.objects.get().person.person_id == namesake.pk, "it is his badge"
    assert here.come(talk, "某作业人").status_code == 303
    assert TalkAttendance.objects.count() == 2
    Person.objects.filter(pk=namesake.pk).update(staff_no="")
    TalkAttendance.objects.all().delete()
    assert [here.come(talk, "某作业人").status_code for _one in range(3)] == [303, 303, 409], "two without a badge"


def test_one_tap_that_arrives_twice_signs_in_and_answers_once(here: Scene) -> None:
    given = {"name": "某作业人", "staff_no": "", "client_id": str(uuid.uuid4())}
    talk = here.begin()
    first, second = (here.own.post(talk, given) for _again in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    row = TalkAttendance.objects.select_related("talk").get()
    right = {f"answer_{number}": str(one.right) for number, one in enumerate(talks.asked_of(row))}
    key = str(uuid.uuid4())
    wrong = {name: str((int(value) + 1) % 3) for name, value in right.items()}
    assert here.own.post(first["Location"], {"asked": "0", "client_id": key, **wrong}).status_code == 422
    assert here.own.post(first["Location"], {"asked": "0", "client_id": key, **wrong}).status_code == 409
    row.refresh_from_db()
    assert row.wrong_count == 1
    # The form that is shown anew keeps its identifier.
    right = {f"answer_{number}": str(one.right) for number, one in enumerate(talks.asked_of(row))}
    told = {"asked": "1", "client_id": key, **right}
    assert [here.own.post(first["Location"], told).status_code for _again in range(2)] == [303, 303]
    assert JournalEntry.objects.filter(act="permits.talk.pass").count() == 1


@pytest.mark.parametrize(("before", "after", "status"), [(20, 30, 303), (120, 10, 409)])
def test_a_talk_shortly_before_midnight_is_of_the_shift_that_begins_at_it(
    here: Scene, before: int, after: int, status: int
) -> None:
    midnight = datetime(2026, 9, 8, 16, 0, tzinfo=UTC)
    here.clock[0] = midnight - before * MIN
    here.hold()
    here.clock[0] = midnight + after * MIN
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.clock[0])
    assert here.start().status_code == status


def test_what_is_forgotten_takes_its_talks_and_cards_along(here: Scene) -> None:
    here.hold()
    thinking.answer_card(
        actor=here.crew.safety, permit=here.permit, answers={one.code: True for one in think_items()},
        person=PermitPerson.objects.get(permit=here.permit, part="WORKER"), now=here.clock[0],
    )  # fmt: skip
    forget([here.permit])
    assert not Permit.objects.filter(pk=here.permit.pk).exists()
    assert not TalkAttendance.objects.exists()


@pytest.mark.parametrize("second", [None, -1, 3])
def test_half_an_answer_is_no_try_and_learns_nothing_of_the_other(here: Scene, second: int | None) -> None:
    here.come(here.begin(), "某作业人")
    row = TalkAttendance.objects.select_related("talk__permit__file").get()
    wrong = (talks.asked_of(row)[0].right + 1) % 3
    for _again in range(2):
        with pytest.raises(Invalid) as refused:
            talks.answer(actor=here.crew.safety, row=row, given=[wrong, second], now=here.clock[0])
        assert list(refused.value.fields) == ["answer_1"]
    row.refresh_from_db()
    assert row.wrong_count == 0
