"""Stop and think: a card on the phone; any no stops the work, and nobody is blamed."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.permits.factories import FOUND, NOW, START, crew_of, make_permit, own_file
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import ThinkCard, ThinkItemChange
from quancheng.domains.permits.services import preparing, thinking
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import Role
from quancheng.standards.gb30871.talks import think_items

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)
CODES = [one.code for one in think_items()]


class Scene:
    """A permit at work or issued, whoever of its enterprise has a phone, and the clock."""

    def __init__(self, at: list[datetime], to: str) -> None:
        self.district, self.clock = make_district(), at
        self.crew = crew_of(self.district, "EX")
        self.permit = make_permit(self.district, "EX", crew=self.crew, to=to, window_end=START + timedelta(days=1))
        at[0] = NOW + 20 * MIN
        self.own = client_of(self.crew.safety)

    def card(self, client: Any = None, **answers: str) -> Any:
        given = {f"item_{code}": answers.get(code, "1") for code in CODES}
        given |= {"note_text": "下方有人", "client_id": str(uuid.uuid4())}
        return (client or self.own).post(reverse("permits:think", args=[self.permit.pk]), given)

    def tell(self, client: Any = None, **answers: bool) -> Any:
        body = {"answers": {**dict.fromkeys(CODES, True), **answers}}
        return (client or self.own).post(
            f"/api/v1/permits/permits/{self.permit.pk}/think-cards", json.dumps(body), content_type="application/json"
        )

    def act(self, name: str) -> Any:
        given = {"act": name, "client_id": str(uuid.uuid4())}
        return self.own.post(reverse("permits:permit", args=[self.permit.pk]), given)

    def settle(self, text: str) -> Any:
        card = ThinkCard.objects.filter(is_clear=False).latest("answered_at")
        url = reverse("permits:think_settle", args=[self.permit.pk, card.pk])
        return self.own.post(url, {"settled_note": text})

    def state(self) -> tuple[str, str]:
        self.permit.refresh_from_db()
        return self.permit.status, self.permit.stop_reason


@pytest.fixture
def scene(at: list[datetime]) -> Any:
    return lambda to="WORKING": Scene(at, to)


def test_a_no_suspends_the_work_is_logged_and_must_be_settled_before_it_goes_on(scene: Any) -> None:
    here = scene()
    page = here.own.get(reverse("permits:think", args=[here.permit.pk])).content.decode()
    assert "说“否”的人不受追究" in page
    assert "不选则记登录人" in page
    assert here.card(AROUND="0").status_code == 303
    assert here.state() == ("SUSPENDED", "SIMOPS")
    card = ThinkCard.objects.get()
    assert (card.is_clear, card.has_stopped, card.note) == (False, True, "下方有人")
    assert [one["code"] for one in card.answers if not one["is_yes"]] == ["AROUND"]
    entry = JournalEntry.objects.get(act="permits.think.answer")
    assert entry.facts["no"] == ["AROUND"]
    assert Notice.objects.filter(kind="permits.stopped", subject_id=here.permit.pk).exists()
    here.clock[0] += 5 * MIN
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.clock[0])
    refused = here.act("resume")
    assert refused.status_code == 409
    assert "C-63" in refused.content.decode()
    assert "本系统要求 F-10 停一停" in refused.content.decode()
    assert here.settle(" ").status_code == 422
    assert here.settle("下方人员已撤离").status_code == 303
    assert here.settle("再写一次").status_code == 409
    assert here.act("resume").status_code == 303
    assert here.state() == ("WORKING", "")
    shown = here.own.get(reverse("permits:permit", args=[here.permit.pk]), {"tab": "daily"}).content.decode()
    assert "下方人员已撤离" in shown


def test_a_card_of_yes_alone_changes_nothing_and_one_with_a_gap_is_asked_again(scene: Any) -> None:
    here = scene()
    assert here.card().status_code == 303
    assert here.state() == ("WORKING", "")
    bad = here.card(TASK="")
    assert bad.status_code == 422
    assert "item_TASK" in bad.context["form"].errors
    assert bad.context["form"]["note_text"].value() == "下方有人"
    assert ThinkCard.objects.get().is_clear is True


def test_before_the_start_a_no_holds_it_up_and_tells_those_who_prepare(scene: Any) -> None:
    here = scene("ISSUED")
    assert here.tell(GEAR=False).status_code == 201
    assert here.state()[0] == "ISSUED", "what was signed stays signed"
    assert Notice.objects.filter(kind="permits.thought_no", subject_id=here.permit.pk).exists()
    refused = here.act("start")
    assert refused.status_code == 409
    assert "C-63" in refused.content.decode()
    here.settle("已补发防护用品")
    assert here.act("start").status_code == 303


def test_a_phone_tells_a_card_by_rest_once_and_what_it_cannot_be_is_refused(scene: Any) -> None:
    here = scene()
    told = here.tell(ESCAPE=False)
    assert told.status_code == 201, told.content.decode()
    assert (told.json()["has_stopped"], told.json()["no"]) == (True, ["ESCAPE"])
    assert here.state() == ("SUSPENDED", "BREAK")
    assert here.tell(NOTHING=True).status_code == 422
    short = here.own.post(
        f"/api/v1/permits/permits/{here.permit.pk}/think-cards", json.dumps({"answers": {"TASK": True}}),
        content_type="application/json",
    )  # fmt: skip
    assert short.status_code == 422
    assert "item_PERMIT" in short.json()["fields"]
    assert here.tell(client_of(here.district.department)).status_code == 403
    assert here.tell(client_of(here.district.other_enterprise)).status_code == 404
    listed = here.own.get(f"/api/v1/permits/permits/{here.permit.pk}/think-cards").json()
    assert [one["no"] for one in listed] == [["ESCAPE"]]


def test_whoever_of_the_enterprise_sees_the_permit_may_stop_and_offices_read_no_name(scene: Any) -> None:
    here = scene()
    Role.objects.create(code="test.sees", name="巡查", duties=["permits.view"])
    sees = make_actor(here.district.enterprise_org, "test.sees", name="某巡查工")
    assert here.card(client_of(sees), TASK="0").status_code == 303
    assert here.state()[0] == "SUSPENDED"
    url = reverse("permits:permit", args=[here.permit.pk])
    assert "某巡查工" in here.own.get(url, {"tab": "daily"}).content.decode()
    office = client_of(here.district.department).get(url, {"tab": "daily"}).content.decode()
    assert "有“否”" in office
    assert "某巡查工" not in office.partition('id="history"')[0].partition("停一停卡")[2].partition("</ul>")[0]


def gas_item(here: Scene) -> None:
    """The enterprise asks for gas as well, behind the questions that ship."""
    thinking.set_think_item(
        actor=here.crew.head, file=own_file(here.district), code="GAS", is_on=True, zh="检测仪没有报警",
        stop_reason="GAS_ALARM", clause="公司制度", valid_from=NOW.date(), reason="有毒介质", now=here.clock[0],
    )  # fmt: skip


@pytest.mark.parametrize(("no", "reason"), [
    (("TASK", "GAS"), "GAS_ALARM"), (("TASK", "AROUND"), "SIMOPS"), (("TASK", "GEAR"), "BREAK"),
])  # fmt: skip
def test_of_several_no_the_gravest_says_why_work_stands(scene: Any, no: tuple[str, ...], reason: str) -> None:
    here = scene()
    gas_item(here)
    assert here.tell(GAS="GAS" not in no, **{code: False for code in no if code != "GAS"}).status_code == 201
    assert here.state() == ("SUSPENDED", reason)


def test_a_no_about_gas_while_work_rests_asks_for_gas_anew(scene: Any) -> None:
    here = scene()
    gas_item(here)
    assert here.tell(GAS=True, TASK=False).status_code == 201
    assert here.state() == ("SUSPENDED", "BREAK")
    here.clock[0] += MIN
    assert here.tell(GAS=False).status_code == 201
    assert here.state() == ("SUSPENDED", "GAS_ALARM")
    assert here.permit.stopped_at == here.clock[0]
    entry = JournalEntry.objects.get(act="permits.stop.raise")
    assert entry.user_id is None, "nobody is named by it"


def test_a_card_that_office_and_enterprise_emptied_between_them_asks_what_ships(scene: Any) -> None:
    here = scene()
    told = {"is_on": False, "zh": "不再询问", "stop_reason": "BREAK", "clause": "制度", "valid_from": NOW.date(),
            "reason": "调整", "now": here.clock[0]}  # fmt: skip
    for code in CODES[1:]:
        thinking.set_think_item(actor=here.crew.head, file=own_file(here.district), code=code, **told)
    thinking.set_think_item(actor=here.district.director, file=None, code=CODES[0], **told)
    assert here.tell(TASK=False).status_code == 201
    assert here.state()[0] == "SUSPENDED"


def test_settling_a_card_twice_by_one_tap_is_done_once(scene: Any) -> None:
    here = scene()
    here.tell(TASK=False)
    url = reverse("permits:think_settle", args=[here.permit.pk, ThinkCard.objects.get().pk])
    given = {"settled_note": "已讲清", "client_id": str(uuid.uuid4())}
    assert [here.own.post(url, given).status_code for _again in range(2)] == [303, 303]
    assert JournalEntry.objects.filter(act="permits.think.settle").count() == 1


def test_cards_are_counted_in_the_statistics(scene: Any) -> None:
    here = scene()
    here.card(TASK="0")
    counts = here.own.get("/api/v1/permits/permit-statistics", {"day": "2026-09-08"}).json()["counts"]
    assert (counts["thought"], counts["thought_no"], counts["thought_stopped"]) == (1, 1, 1)
    page = here.own.get(reverse("permits:statistics"), {"month": "2026-09"}).content.decode()
    assert "停一停卡有“否”" in page
    rows = here.own.get(reverse("permits:counted"), {"month": "2026-09", "of": "thought_no"})
    assert rows.status_code == 200
    assert here.permit.content in rows.content.decode()


def test_an_enterprise_and_an_office_change_the_questions_from_a_day_on(scene: Any) -> None:
    here = scene()
    head, office = client_of(here.crew.head), client_of(here.district.director)
    url = reverse("permits:think_item_new")
    given = {
        "code": "LIGHT", "zh": "照明足够", "stop_reason": "BREAK", "clause": "公司制度", "is_on": "on",
        "valid_from": "2026-09-08", "reason": "夜间作业多", "client_id": str(uuid.uuid4()),
    }  # fmt: skip
    assert here.own.post(url, given).status_code == 403
    bad = head.post(url, {**given, "code": "光", "valid_from": "2026-09-01"})
    assert bad.status_code == 422
    assert set(bad.context["form"].errors) == {"code", "valid_from"}
    assert head.post(url, given).status_code == 303
    think = reverse("permits:think", args=[here.permit.pk])
    assert "照明足够" in here.own.get(think).content.decode()
    # An office's word is for all; another enterprise does not see what this one set.
    told = {**given, "code": "TASK", "zh": "我清楚任务", "client_id": str(uuid.uuid4())}
    assert office.post(url, told).status_code == 303
    page = here.own.get(reverse("permits:think_items")).content.decode()
    assert "我清楚任务" in page
    assert "照明足够" in page
    other = client_of(here.district.other_enterprise).get(reverse("permits:think_items")).content.decode()
    assert "我清楚任务" in other
    assert "照明足够" not in other
    shown = head.get(url, {"code": "LIGHT"}).context["form"].initial
    assert (shown["zh"], shown["clause"]) == ("照明足够", "公司制度")
    assert head.get(url, {"code": "NONE"}).status_code == 404
    # The last question stays.
    for code in (*CODES, "LIGHT"):
        off = {**given, "code": code, "is_on": "", "client_id": str(uuid.uuid4())}
        answer = head.post(url, off)
    assert answer.status_code == 422
    assert "is_on" in answer.context["form"].errors
    assert ThinkItemChange.objects.filter(is_on=False).count() == len(CODES)
