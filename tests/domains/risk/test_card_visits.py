"""At a visit an office draws posts at random and asks their holders about their cards (S1-4g)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.risk.cards_scene import Scene, card_in_force, make_scene
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.risk.models import CardAsk, CardVisit
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


def told(ask: CardAsk, *, right: bool) -> dict[str, Any]:
    """What is ticked for a holder who knows everything, or nothing."""
    return {
        f"question_{place}": str(one["right"]) if right else "-1" for place, one in enumerate(ask.questions)
    }  # fmt: skip


@pytest.mark.clause("S1-4g")
@pytest.mark.clause("S4-C3.3.1g")
def test_posts_are_drawn_asked_and_recorded_as_passed_or_failed_with_who_was_asked() -> None:
    scene = scene_with_cards()
    office, own = client_of(scene.district.department), client_of(scene.keeper)
    new = reverse("risk:card_visit_new")
    wrong = office.post(new, {"file": str(scene.file.pk), "count": "0", "occasion": ""})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"count", "occasion"}
    made = office.post(new, {"file": str(scene.file.pk), "count": "2", "occasion": "9月执法检查"})
    assert made.status_code in (302, 303), made.content.decode()[-2000:]
    visit = CardVisit.objects.get()
    page = reverse("risk:card_visit", args=[visit.pk])

    # Seed and pool are kept: anybody draws again.
    assert visit.pool == sorted(str(one.pk) for one in (scene.post, scene.second))
    again = commitment.draw(visit.pool, seed=visit.seed, size=2)
    assert [str(one.card.post_id) for one in visit.asks.order_by("number")] == again
    assert visit.pool_digest == commitment.digest_of_pool(visit.pool)
    shown = office.get(page).content.decode()
    assert visit.seed in shown
    assert "可重现" in shown
    assert own.get(page).status_code == 404, "the enterprise is not to know which posts"

    holders = {scene.post.pk: scene.worker, scene.second.pk: scene.other}
    one, two = visit.asks.order_by("number")
    ask = reverse("risk:card_ask", args=[one.pk])
    asked = office.get(ask).content.decode()
    assert "紧急撤离后到哪里集合？" in asked
    assert "答不出" in asked
    assert "报警电话" not in asked, "sealed numbers are not the office's to read"
    refused = office.post(ask, {"holder": "", "remark": "已问"})
    assert refused.status_code == 422
    assert {"holder", "question_0"} <= set(refused.context["form"].errors)
    assert "已问" in refused.content.decode()
    assert office.post(page, {"act": "finish"}).status_code == 409, "every post that was drawn is asked"
    who = str(holders[one.card.post_id].user_id)
    assert office.post(ask, {"holder": who, **told(one, right=True)}).status_code in (302, 303)
    fail = reverse("risk:card_ask", args=[two.pk])
    lost = {"other": "某新员工", "remark": "不知道集合点", **told(two, right=False)}
    assert office.post(fail, lost).status_code == 303
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.is_passed, one.score, one.holder_id) == (True, 100, holders[one.card.post_id].user_id)
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
    with pytest.raises(StaleState):
        services.record_ask(actor=scene.district.department, ask=second, absent=True, remark="x", now=NOW)


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
    posts.put_at_post(actor=scene.keeper, post=ask.card.post, user_id=other.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
    done = post(f"card-asks/{ask.pk}", {"holder_id": str(other.user_id), "answers": answers})
    assert (done.status_code, done.json()["passed"]) == (200, True)
    assert post(f"card-visits/{visit['id']}/finish", {}).json()["status"] == "DONE"
    assert post("card-visits", {"enterprise_id": str(scene.file.pk), "count": 0, "occasion": "巡查"}).status_code == 422
