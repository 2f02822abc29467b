"""At a visit an office draws posts at random and asks their holders about their cards (S1-4g)."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from tests.domains.risk.cards_scene import Scene, card_in_force, make_scene
from tests.domains.risk.factories import make_post
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.risk.models import CardAsk, CardVisit, Measure, Post, PostCard, PostPerson, RiskEvent
from quancheng.domains.risk.services import card_visits as services
from quancheng.domains.risk.services import posts
from quancheng.kernel.errors import StaleState
from quancheng.standards.risk import commitment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def scene_with_cards() -> Scene:
    scene = make_scene()
    card_in_force(scene)
    card_in_force(scene, scene.second, forbidden=["疲劳操作"], first_acts=["呼叫中控"], muster="2号门外")
    return scene


def four_cards() -> Scene:
    """Two posts more, each with a card and a holder."""
    scene = scene_with_cards()
    for name in ("装卸工", "巡检工"):
        post = make_post(scene.keeper, scene.file, name=name)
        holder = make_actor(scene.district.enterprise_org, "enterprise.worker", name=f"示例{name}")
        posts.put_at_post(actor=scene.keeper, post=post, user_id=holder.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
        card_in_force(scene, post, forbidden=[f"{name}离岗"], first_acts=[f"{name}先报警"], muster=f"{name}集合点")
    return scene


def told(ask: CardAsk, *, right: bool) -> dict[str, Any]:
    """What is ticked for a holder who knows everything, or nothing."""
    return {
        f"question_{place}": str(one["right"]) if right else "-1" for place, one in enumerate(ask.questions)
    }  # fmt: skip


@pytest.mark.parametrize(
    "who",
    [
        pytest.param("department", marks=pytest.mark.clause("S1-4g")),
        pytest.param("town", marks=pytest.mark.clause("S4-C3.3.1g")),
    ],
)
def test_posts_are_drawn_asked_and_recorded_as_passed_or_failed_with_who_was_asked(who: str) -> None:
    scene = four_cards()
    office, own = client_of(getattr(scene.district, who)), client_of(scene.keeper)
    new = reverse("risk:card_visit_new")
    wrong = office.post(new, {"file": str(scene.file.pk), "count": "0", "occasion": ""})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"count", "occasion"}
    made = office.post(new, {"file": str(scene.file.pk), "count": "2", "occasion": "9月执法检查"})
    assert made.status_code in (302, 303), made.content.decode()[-2000:]
    visit = CardVisit.objects.get()
    page = reverse("risk:card_visit", args=[visit.pk])

    # Seed and pool are kept: anybody draws again.
    assert visit.pool == sorted(str(one.pk) for one in Post.objects.filter(file=scene.file))
    assert (len(visit.pool), visit.asks.count()) == (4, 2)
    again = commitment.draw(visit.pool, seed=visit.seed, size=2)
    assert [str(one.card.post_id) for one in visit.asks.order_by("number")] == again
    assert visit.pool_digest == commitment.digest_of_pool(visit.pool)
    shown = office.get(page).content.decode()
    assert visit.seed in shown
    assert "可重现" in shown
    assert own.get(page).status_code == 404, "the enterprise is not to know which posts"

    holders = dict(PostPerson.objects.filter(post__file=scene.file).values_list("post", "user"))
    one, two = visit.asks.order_by("number")
    ask = reverse("risk:card_ask", args=[one.pk])
    asked = office.get(ask).content.decode()
    assert one.questions[0]["text"]["zh"] in asked
    assert "答不出" in asked
    assert "报警电话" not in asked, "sealed numbers are not the office's to read"
    refused = office.post(ask, {"holder": "", "remark": "已问"})
    assert refused.status_code == 422
    assert {"holder", "question_0"} <= set(refused.context["form"].errors)
    assert "已问" in refused.content.decode()
    assert office.post(page, {"act": "finish"}).status_code == 409, "every post that was drawn is asked"
    who = str(holders[one.card.post_id])
    assert office.post(ask, {"holder": who, **told(one, right=True)}).status_code in (302, 303)
    fail = reverse("risk:card_ask", args=[two.pk])
    lost = {"other": "某新员工", "remark": "不知道集合点", **told(two, right=False)}
    assert office.post(fail, lost).status_code == 303
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.is_passed, one.score, one.holder_id) == (True, 100, holders[one.card.post_id])
    assert (two.is_passed, two.score, two.asked_name) == (False, 0, "某新员工")
    assert office.post(ask, {"holder": who, **told(one, right=True)}).status_code == 409, "told once"
    assert office.post(page, {"act": "finish"}).status_code in (302, 303)

    # Now the enterprise reads each post's result; its list tells how many passed.
    read = own.get(page).content.decode()
    for words in ("某新员工", "不知道集合点", "不合格", "合格"):
        assert words in read
    assert "50%" in own.get(reverse("risk:card_visits")).content.decode()
    assert client_of(scene.worker).get(page).status_code == 404
    rest = office.get(f"/api/v1/risk/card-visits/{visit.pk}").json()
    assert (rest["passed"], rest["failed"], [each["passed"] for each in rest["asks"]]) == (1, 1, [True, False])
    assert "某新员工" not in json.dumps(rest, ensure_ascii=False)


def test_an_empty_post_gives_way_to_the_next_of_the_draw_and_all_empty_is_no_visit() -> None:
    scene = scene_with_cards()
    office = client_of(scene.district.department)
    visit = services.draw_visit(actor=scene.district.department, file=scene.file, count=1, keys_only=False,
                                occasion="巡查", now=NOW, seed="种子")  # fmt: skip
    first = visit.asks.get()
    url = reverse("risk:card_ask", args=[first.pk])
    refused = office.post(url, {"absent": "on", **told(first, right=True)})
    assert set(refused.context["form"].errors) == {"absent", "remark"}
    assert office.post(url, {"absent": "on", "remark": "换班"}).status_code == 303
    second = visit.asks.get(number=2)
    assert second.card.post_id != first.card.post_id
    assert services.is_reproducible(visit)
    page = reverse("risk:card_visit", args=[visit.pk])
    empty = reverse("risk:card_ask", args=[second.pk])
    assert office.post(empty, {"absent": "on", "remark": "停产"}).status_code == 303
    assert visit.asks.count() == 2, "nobody is left to draw"
    assert office.post(page, {"act": "finish"}).status_code == 409
    assert office.post(page, {"act": "drop", "reason": "全厂停产"}).status_code == 303
    visit.refresh_from_db()
    assert (visit.status, visit.reason) == ("DROPPED", "全厂停产")
    assert "全厂停产" in client_of(scene.keeper).get(page).content.decode(), "the enterprise reads that it was dropped"
    with pytest.raises(StaleState):
        services.record_ask(actor=scene.district.department, ask=second, absent=True, remark="x", now=NOW)


def test_an_office_has_one_open_draw_at_an_enterprise_and_draws_the_same_posts_after_it_dropped_one() -> None:
    scene = four_cards()
    office, own = client_of(scene.district.department), client_of(scene.keeper)
    new = reverse("risk:card_visit_new")
    asked = {"file": str(scene.file.pk), "count": "2", "occasion": "检查"}
    assert office.post(new, asked).status_code == 303
    first = CardVisit.objects.get()
    assert office.post(new, asked).status_code == 409, "not a second beside it"
    assert client_of(scene.district.town).post(new, asked).status_code == 303, "another office's is its own"
    posts_drawn = [str(one) for one in first.asks.order_by("number").values_list("card__post", flat=True)]
    page = reverse("risk:card_visit", args=[first.pk])
    rest = f"/api/v1/risk/card-visits/{first.pk}"
    assert office.post(page, {"act": "drop", "reason": "抽中的不合适"}).status_code == 303
    assert office.post(new, asked).status_code == 303
    second = CardVisit.objects.exclude(pk=first.pk).get(owner_org=scene.district.department.organisation_id)
    again = [str(one) for one in second.asks.order_by("number").values_list("card__post", flat=True)]
    assert (again, second.seed) == (posts_drawn, first.seed)
    # The enterprise reads of the dropped one, and of its draw only when that can hit nobody any more.
    shown = own.get(page).content.decode()
    titles = [one.card.title for one in first.asks.select_related("card")]
    assert "抽中的不合适" in shown
    assert first.seed not in shown
    assert not any(one in shown for one in titles)
    told_own = own.get(rest).json()
    assert (told_own["seed"], told_own["pool"], told_own["asks"]) == ("", [], [])
    assert office.get(rest).json()["seed"] == first.seed
    for ask in second.asks.all():
        assert office.post(reverse("risk:card_ask", args=[ask.pk]), {"other": "某当班", **told(ask, right=True)}
                           ).status_code == 303  # fmt: skip
    finished = reverse("risk:card_visit", args=[second.pk])
    assert office.post(finished, {"act": "finish"}).status_code == 303
    shown = own.get(page).content.decode()
    assert first.seed in shown
    assert all(one in shown for one in titles)
    assert len(own.get(rest).json()["asks"]) == 2
    assert office.post(new, asked).status_code == 303
    assert CardVisit.objects.get(status="OPEN", owner_org=second.owner_org).seed != first.seed, "a new one"


def test_a_post_whose_card_ended_meanwhile_is_passed_over_and_the_draw_stays_reproducible() -> None:
    scene = four_cards()
    office = client_of(scene.district.department)
    visit = services.draw_visit(actor=scene.district.department, file=scene.file, count=1, keys_only=False,
                                occasion="巡查", now=NOW, seed="种子")  # fmt: skip
    ranks = commitment.draw(visit.pool, seed=visit.seed, size=4)
    PostCard.objects.filter(post=ranks[1]).update(status="SUPERSEDED")
    first = visit.asks.get()
    gone = {"absent": "on", "remark": "换班"}
    assert office.post(reverse("risk:card_ask", args=[first.pk]), gone).status_code == 303
    second = visit.asks.get(number=2)
    assert str(second.card.post_id) == ranks[2]
    assert office.post(reverse("risk:card_ask", args=[second.pk]), gone).status_code == 303
    assert str(visit.asks.get(number=3).card.post_id) == ranks[3]
    assert "可重现" in office.get(reverse("risk:card_visit", args=[visit.pk])).content.decode()
    assert office.get(f"/api/v1/risk/card-visits/{visit.pk}").json()["passed_over"] == [ranks[1]]


def test_a_card_of_which_nothing_can_be_asked_is_not_drawn() -> None:
    scene = scene_with_cards()
    post = make_post(scene.keeper, scene.file, name="门卫")
    card = card_in_force(scene, post)
    PostCard.objects.filter(pk=card.pk).update(parts={**card.parts, "forbidden": [], "first_acts": [], "muster": ""})
    visit = services.draw_visit(actor=scene.district.department, file=scene.file, count=5, keys_only=False,
                                occasion="巡查", now=NOW)  # fmt: skip
    assert str(post.pk) not in visit.pool
    assert all(one.questions for one in visit.asks.all())


def test_the_same_request_again_draws_nothing_anew() -> None:
    scene = four_cards()
    office = client_of(scene.district.department)
    body = json.dumps({"enterprise_id": str(scene.file.pk), "count": 2, "occasion": "巡查"})
    key = str(uuid4())
    answers = [
        office.post("/api/v1/risk/card-visits", body, content_type="application/json", headers={"Idempotency-Key": key})
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201], answers[1].content
    assert answers[0].json() == answers[1].json()
    assert CardVisit.objects.count() == 1


def test_only_key_posts_are_drawn_where_the_office_asks_so_and_other_offices_tell_nothing() -> None:
    scene = scene_with_cards()
    visit = services.draw_visit(actor=scene.district.department, file=scene.file, count=5, keys_only=True,
                                occasion="巡查", now=NOW, seed="种子")  # fmt: skip
    ask = visit.asks.get()
    assert ask.card.post_id == scene.post.pk
    town = client_of(scene.district.town)
    assert town.get(reverse("risk:card_visit", args=[visit.pk])).status_code == 200
    assert town.post(reverse("risk:card_ask", args=[ask.pk]), {"absent": "on", "remark": "x"}).status_code == 403
    assert client_of(scene.keeper).get(reverse("risk:card_visit_new")).status_code == 403


def test_a_program_draws_and_tells_answers_with_the_same_refusals() -> None:
    scene = scene_with_cards()
    office = client_of(scene.district.department)

    def post(path: str, body: dict[str, Any]) -> Any:
        return office.post(f"/api/v1/risk/{path}", json.dumps(body), content_type="application/json")

    made = post("card-visits", {"enterprise_id": str(scene.file.pk), "count": 1, "occasion": "巡查"})
    assert made.status_code == 201, made.content
    visit = made.json()
    ask = CardAsk.objects.get()
    other = make_actor(scene.district.enterprise_org, "enterprise.worker")
    answers = [one["right"] for one in ask.questions]
    refused = post(f"card-asks/{ask.pk}", {"holder_id": str(other.user_id), "answers": answers})
    assert refused.status_code == 422, "he does not hold the post"
    assert "holder_id" in refused.content.decode()
    posts.put_at_post(actor=scene.keeper, post=ask.card.post, user_id=other.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
    done = post(f"card-asks/{ask.pk}", {"holder_id": str(other.user_id), "answers": answers})
    assert (done.status_code, done.json()["passed"]) == (200, True)
    assert post(f"card-visits/{visit['id']}/finish", {}).json()["status"] == "DONE"
    assert post("card-visits", {"enterprise_id": str(scene.file.pk), "count": 0, "occasion": "巡查"}).status_code == 422
    PostCard.objects.update(parts={})
    Measure.objects.all().delete()
    RiskEvent.objects.update(present_level=None)
    none = post("card-visits", {"enterprise_id": str(scene.file.pk), "count": 1, "occasion": "巡查"})
    assert none.status_code == 422
    assert "enterprise_id" in none.content.decode()
