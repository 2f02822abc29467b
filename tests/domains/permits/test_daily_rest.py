"""Revalidations and toolbox talks over REST: the rules of the pages, told to programs."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.domains.permits.factories import ELSEWHERE, FOUND, NOW, START, crew_of, make_permit, own_file
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import PermitPerson, Revalidation, TalkAttendance, ToolboxTalk
from quancheng.domains.permits.services import preparing, shifts, talks
from quancheng.domains.permits.services.figures import set_figure
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import Role

pytestmark = pytest.mark.django_db
API = "/api/v1/permits"
MIN, HOUR = timedelta(minutes=1), timedelta(hours=1)
LINES = ["早班 08:00", "中班 16:00", "夜班 00:00"]
#: 16:00 in Shanghai.
CHANGE = NOW + 7 * HOUR


class Scene:
    """A permit, whoever of its enterprise signs for the unit and organises the work, and the clock."""

    def __init__(self, at: list[datetime], kind: str, to: str) -> None:
        self.district, self.clock = make_district(), at
        self.crew, self.file = crew_of(self.district, kind), own_file(self.district)
        hours = timedelta(hours=20)
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to, window_end=START + hours)
        self.at = f"permits/{self.permit.pk}"
        at[0] = NOW + 20 * MIN

    # Whoever works eight hours later signs in anew.
    @property
    def own(self) -> Any:
        return client_of(self.crew.safety)

    @property
    def head(self) -> Any:
        return client_of(self.crew.head)

    def switch_on(self, name: str, value: str) -> None:
        set_figure(actor=self.crew.head, file=self.file, name=name, value=value, from_date=NOW.date(), reason="启用",
                   now=NOW)  # fmt: skip

    def get(self, path: str, client: Any = None, **query: Any) -> Any:
        return (client or self.own).get(f"{API}/{path}", query)

    def post(self, path: str, body: dict[str, Any] | None = None, client: Any = None, *, key: str = "") -> Any:
        return (client or self.own).post(
            f"{API}/{path}", json.dumps(body or {}), content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )  # fmt: skip

    def strangers(self, path: str, body: dict[str, Any] | None = None) -> list[int]:
        """What another enterprise, an office, and somebody of the enterprise who only sees it get who act."""
        Role.objects.get_or_create(code="test.sees", defaults={"name": "巡查", "duties": ["permits.view"]})
        sees = make_actor(self.district.enterprise_org, "test.sees", name=f"某巡查工{uuid.uuid4().hex[:4]}")
        who = (self.district.other_enterprise, self.district.department, sees)
        return [self.post(path, body, client_of(one)).status_code for one in who]

    # Talks

    def begin(self) -> str:
        """A talk of the permit: where it is read."""
        made = self.post(f"{self.at}/talks")
        assert made.status_code == 201, made.content.decode()
        return f"{self.at}/talks/{made.json()['id']}"

    def come(self, talk: str, name: str = "某作业人", **given: Any) -> str:
        """Somebody signs in: where he is asked."""
        made = self.post(f"{talk}/attendances", {"name": name, **given})
        assert made.status_code == 201, made.content.decode()
        return f"{talk}/attendances/{made.json()['id']}"

    def chosen(self, *, right: bool = True) -> dict[str, int]:
        """Answers of the only one who came."""
        row = TalkAttendance.objects.select_related("talk").get()
        told = {f"answer_{n}": (one.right + (not right)) % 3 for n, one in enumerate(talks.asked_of(row))}
        return {"asked": row.wrong_count, **told}


@pytest.fixture
def crossing(at: list[datetime]) -> Any:
    """Work that ran into the next shift, and that somebody looked at in it."""

    def build(kind: str = "EX", *, looked: bool = True) -> Scene:
        here = Scene(at, kind, "WORKING")
        shifts.set_shifts(actor=here.crew.head, file=here.file, unit=None, lines=LINES, from_date=NOW.date(),
                          reason="公司制度", now=NOW)  # fmt: skip
        here.switch_on("revalidate_min", "60")
        at[0] = CHANGE + 20 * MIN
        if looked:
            preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=at[0])
        return here

    return build


@pytest.fixture
def here(at: list[datetime]) -> Scene:
    return Scene(at, "EX", "ISSUED")


# Revalidation --------------------------------------------------------------------------------------------------------


def test_a_permit_is_revalidated_by_a_program_and_each_word_is_read_with_who_gave_it(crossing: Any) -> None:
    here = crossing()
    at = f"{here.at}/revalidations"
    assert here.get(at).json() == []
    made = here.post(at, {"opinion": " 条件未变，同意继续 "}, here.head)
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert (told["shift"], told["opinion"], told["signed_by"]) == ("中班", "条件未变，同意继续", here.crew.head.name)
    assert datetime.fromisoformat(told["shift_began_at"]) == CHANGE
    assert datetime.fromisoformat(told["signed_at"]) == here.clock[0]
    here.clock[0] += MIN
    later = here.post(at, {"opinion": "再次复核"}, here.head).json()
    for reader in (here.own, client_of(here.district.department)):
        assert here.get(at, reader).json() == [later, told]
    assert here.get(at, client_of(here.district.other_enterprise)).status_code == 404
    assert JournalEntry.objects.filter(act="permits.permit.revalidate").count() == 2


def test_a_revalidation_sent_twice_counts_once_and_answers_the_same(crossing: Any) -> None:
    here = crossing()
    key, at = str(uuid.uuid4()), f"{here.at}/revalidations"
    first = here.post(at, {"opinion": "同意"}, here.head, key=key)
    here.clock[0] += MIN
    assert here.post(at, {"opinion": "同意"}, here.head).status_code == 201, "the same words are said again and again"
    again = here.post(at, {"opinion": "同意"}, here.head, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Revalidation.objects.count() == 2
    other = here.post(at, {"opinion": "不同"}, here.head, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")


def test_who_may_not_and_what_cannot_be_read_revalidates_nothing(crossing: Any) -> None:
    here = crossing()
    at = f"{here.at}/revalidations"
    assert here.strangers(at, {"opinion": "同意"}) == [404, 403, 403]
    empty = here.post(at, {"opinion": " "}, here.head)
    assert (empty.status_code, list(empty.json()["fields"])) == (422, ["opinion"])
    for body in ({}, {"opinion": "长" * 501}):
        refused = here.post(at, body, here.head)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["body.opinion"])
    unknown = here.post(at, {"opinion": "同意", "shift": "早班"}, here.head)
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["body.shift"])
    worker = PermitPerson.objects.get(permit=here.permit, part="WORKER").person.name
    himself = make_actor(here.district.enterprise_org, "enterprise.head", name=worker)
    assert here.post(at, {"opinion": "同意"}, client_of(himself)).status_code == 409
    assert not Revalidation.objects.exists()


def test_what_was_not_looked_at_or_fails_a_check_is_refused_with_the_checks(crossing: Any) -> None:
    here = crossing("CS", looked=False)
    at = f"{here.at}/revalidations"
    unseen = here.post(at, {"opinion": "同意"}, here.head)
    assert unseen.status_code == 409
    assert "本班还没有现场核查" in unseen.json()["detail"]
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.clock[0])
    refused = here.post(at, {"opinion": "同意"}, here.head)
    assert (refused.status_code, refused.json()["code"]) == (409, "permit_refused")
    found = refused.json()["facts"]["answers"]
    assert "C-02" in {one["code"] for one in found}, "gas is tested anew"
    assert all(one["clause"] and one["remedy"] for one in found)
    assert JournalEntry.objects.get(act="permits.permit.refuse").facts["move"] == "revalidate"
    assert not Revalidation.objects.exists()


# Toolbox talks -------------------------------------------------------------------------------------------------------


def test_a_talk_is_held_by_a_program_from_its_begin_to_the_last_answer(here: Scene) -> None:
    talk = here.begin()
    shown = here.get(talk).json()
    assert "设接火盆，专人监护" in json.dumps(shown["topics"], ensure_ascii=False)
    assert (shown["came"], shown["passed"], shown["attendances"]) == (0, 0, [])
    assert {"某作业人", "某监护人"} <= set(shown["missing"])
    assert here.get(talk, client_of(here.district.department)).json()["missing"] is None
    assert shown["led_by"] == here.crew.safety.name
    asked_at = here.come(talk)
    quiz = here.get(f"{asked_at}/questions").json()
    assert quiz["asked"] == 0
    assert [len(one["options"]) for one in quiz["questions"]] == [3, 3]
    assert "right" not in json.dumps(quiz), "which option is right is nobody's to read"
    passed = here.post(f"{asked_at}/answers", here.chosen())
    assert passed.status_code == 200, passed.content.decode()
    assert (passed.json()["name"], passed.json()["passed_at"] is not None) == ("某作业人", True)
    assert here.post(f"{asked_at}/answers", here.chosen()).status_code == 409, "once is enough"
    shown = here.get(talk).json()
    assert (shown["came"], shown["passed"], "某作业人" in shown["missing"]) == (1, 1, False)
    assert shown["attendances"] == [passed.json()]
    acts = set(JournalEntry.objects.filter(act__startswith="permits.talk").values_list("act", flat=True))
    assert acts == {"permits.talk.begin", "permits.talk.attend", "permits.talk.pass"}


def test_a_wrong_answer_is_explained_at_its_question_and_others_are_asked(here: Scene) -> None:
    asked_at = here.come(here.begin())
    first = here.get(f"{asked_at}/questions").json()
    right = talks.asked_of(TalkAttendance.objects.select_related("talk").get())[0].answer
    wrong = here.post(f"{asked_at}/answers", here.chosen(right=False))
    assert wrong.status_code == 422
    assert list(wrong.json()["fields"]) == ["answer_0", "answer_1"]
    assert right in wrong.json()["fields"]["answer_0"]
    second = here.get(f"{asked_at}/questions").json()
    assert second["asked"] == 1
    assert second["questions"] != first["questions"]
    stale = here.post(f"{asked_at}/answers", {**here.chosen(), "asked": 0})
    assert stale.status_code == 409, "answers to questions that were replaced count for nothing"
    for given in ({"answer_1": None}, {"answer_1": 3}, {"answer_1": -1}):
        bad = here.post(f"{asked_at}/answers", {**here.chosen(), **given})
        assert (bad.status_code, list(bad.json()["fields"])) == (422, ["answer_1"]), given
        half = here.post(f"{asked_at}/answers", {**here.chosen(right=False), **given})
        assert list(half.json()["fields"]) == ["answer_1"], "half an answer does not tell what is right of the other"
    key, empty = str(uuid.uuid4()), {"asked": 1}
    assert [here.post(f"{asked_at}/answers", empty, key=key).status_code for _again in range(2)] == [422, 422]
    assert TalkAttendance.objects.get().wrong_count == 1, "what is no option is no try"
    bare = here.post(f"{asked_at}/answers", {"answer_0": 0, "answer_1": 0})
    assert (bare.status_code, list(bare.json()["fields"])) == (422, ["body.asked"])
    assert here.post(f"{asked_at}/answers", here.chosen()).status_code == 200


def test_the_same_begin_sign_in_and_answer_sent_twice_count_once(here: Scene) -> None:
    key = str(uuid.uuid4())
    talk, same = (here.post(f"{here.at}/talks", key=key).json() for _again in range(2))
    assert talk == same
    at, key = f"{here.at}/talks/{talk['id']}/attendances", str(uuid.uuid4())
    came, same = (here.post(at, {"name": "某作业人"}, key=key).json() for _again in range(2))
    assert came == same
    key, right = str(uuid.uuid4()), here.chosen()
    answers = [here.post(f"{at}/{came['id']}/answers", right, key=key) for _again in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (ToolboxTalk.objects.count(), TalkAttendance.objects.count()) == (1, 1)
    assert JournalEntry.objects.filter(act="permits.talk.pass").count() == 1


def test_who_is_not_on_the_permit_comes_twice_or_too_late_is_refused(here: Scene) -> None:
    talk = here.begin()
    at = f"{talk}/attendances"
    unknown = here.post(at, {"name": "路人甲"})
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["name"])
    for field, body in (("name", {"name": " "}), ("name", {}), ("staff_no", {"name": "某", "staff_no": "9" * 41})):
        bad = here.post(at, body)
        assert (bad.status_code, list(bad.json()["fields"])) == (422, [f"body.{field}"])
    here.come(talk)
    assert here.post(at, {"name": "某作业人"}).status_code == 409
    here.clock[0] += 5 * MIN + timedelta(seconds=1)
    late = here.post(at, {"name": "某监护人"})
    assert late.status_code == 409
    assert "另开一次班前会" in late.json()["detail"]


def test_only_the_enterprise_holds_a_talk_and_an_office_reads_who_was_there(here: Scene) -> None:
    draft = make_permit(here.district, "RC", crew=crew_of(here.district, "RC", order=730), to="DRAFT")
    assert here.post(f"permits/{draft.pk}/talks").status_code == 409, "nothing is prepared yet"
    assert here.strangers(f"{here.at}/talks") == [404, 403, 403]
    assert not ToolboxTalk.objects.exists()
    talk = here.begin()
    asked_at = here.come(talk)
    assert here.strangers(f"{talk}/attendances", {"name": "某监护人"}) == [404, 403, 403]
    assert here.strangers(f"{asked_at}/answers", here.chosen()) == [404, 403, 403]
    office, other = client_of(here.district.department), client_of(here.district.other_enterprise)
    assert here.get(f"{asked_at}/questions", office).status_code == 403
    assert here.get(f"{asked_at}/questions", other).status_code == 404
    assert [one["name"] for one in here.get(talk, office).json()["attendances"]] == ["某作业人"]
    assert here.get(talk, other).status_code == 404
    elsewhere = make_permit(here.district, "BL", crew=crew_of(here.district, "BL", order=740), at=ELSEWHERE)
    assert here.get(talk.replace(str(here.permit.pk), str(elsewhere.pk))).status_code == 404, "a talk of another permit"


def test_talks_are_listed_for_whoever_sees_the_permit_and_narrowed(here: Scene) -> None:
    first = here.begin()
    asked_at = here.come(first)
    assert here.post(f"{asked_at}/answers", here.chosen()).status_code == 200
    here.clock[0] += 10 * MIN
    here.begin()
    listed = here.get("talks", total="true").json()
    assert (listed["total"], [one["came"] for one in listed["items"]]) == (2, [0, 1]), "the newest first"
    assert listed["items"][1]["passed"] == 1
    assert {one["permit_id"] for one in listed["items"]} == {str(here.permit.pk)}
    page = here.get("talks", limit=1).json()
    assert (len(page["items"]), page["next_offset"]) == (1, 1)
    office = client_of(here.district.department)
    known: dict[str, Any] = {"enterprise_id": here.file.pk, "permit_id": here.permit.pk, "day": NOW.date()}
    assert len(here.get("talks", office, **known).json()["items"]) == 2
    for name, value in (("enterprise_id", uuid.uuid4()), ("permit_id", uuid.uuid4()), ("day", "2026-01-01")):
        assert here.get("talks", office, **{name: value}).json()["items"] == [], name
    bad = here.get("talks", office, day="gestern")
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["query.day"])
    assert here.get("talks", client_of(here.district.other_enterprise)).json()["items"] == []


def test_a_page_of_talks_costs_the_same_however_many_there_are(here: Scene) -> None:
    client, counts = here.own, []
    for _each in range(3):
        here.come(here.begin())
        with CaptureQueriesContext(connection) as asked:
            here.get("talks", client)
        counts.append(sum(1 for one in asked if one["sql"].lstrip("(").startswith("SELECT")))
    assert counts[0] == counts[2], counts
