"""Cards of posts: written, checked, read, signed, asked; outdated when their risks change; printed and scanned."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.domains.risk.cards_scene import (
    PARTS,
    card_in_force,
    make_card,
    make_scene,
    pass_quiz,
    reading_of,
)
from tests.domains.risk.factories import make_measure
from tests.factories import NOW, client_of, make_actor, make_file
from tests.kernel.exchange.importing import book, imported, undo

from quancheng.domains.risk import jobs
from quancheng.domains.risk.card_parts import BY_NAME
from quancheng.domains.risk.models import CardMark, CardReading, PostCard, QuizAttempt, SpotRound
from quancheng.domains.risk.quiz_maker import CardText, questions_of, score_of, twisted
from quancheng.domains.risk.services import card_rules, posts, readings, risks, spots, watching
from quancheng.domains.risk.services import cards as services
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.running import run_work
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.hidden_dangers.checklists import cards as card_specs
from quancheng.standards.risk.commitment import digest_of_pool

pytestmark = pytest.mark.django_db


def as_typed(parts: dict[str, Any]) -> dict[str, str]:
    """Parts as a person types them."""
    found = {}
    for name, value in parts.items():
        if BY_NAME[name].kind == "text":
            found[name] = value
        else:
            found[name] = "\n".join("｜".join(one.values()) if isinstance(one, dict) else one for one in value)
    return found


@pytest.mark.clause("S4-A2.3.3e", "S4-B3.1.2e")
def test_a_post_gets_its_two_lists_and_two_cards_from_the_risk_list_and_what_is_written() -> None:
    scene = make_scene()
    own, head = client_of(scene.keeper), client_of(scene.head)
    begun = own.post(reverse("risk:card_new", args=[scene.post.pk]))
    card = PostCard.objects.get()
    write = reverse("risk:card_write", args=[card.pk])
    assert begun.headers["Location"] == write
    page = reverse("risk:card", args=[card.pk])
    # With gaps it is kept, and not handed in.
    typed = as_typed(PARTS) | {"version": "1", "inner_phone": "8119"}
    assert own.post(write, typed | {"muster": ""}).headers["Location"] == page
    assert own.post(page, {"act": "submit"}).status_code == 422
    wrong = own.post(write, typed | {"version": "2", "inner_phone": "内线", "muster": "另一处"})
    assert wrong.status_code == 422
    assert "另一处" in wrong.content.decode()
    assert own.post(write, typed | {"version": "1"}).status_code == 409
    assert own.post(write, typed | {"version": "2"}).headers["Location"] == page
    card.refresh_from_db()
    assert "8119" not in card.inner_phone
    assert own.post(page, {"act": "submit"}).status_code in (302, 303)
    # Who wrote it does not put it in force.
    assert own.post(page, {"act": "approve"}).status_code == 403
    assert head.post(page, {"act": "approve"}).status_code in (302, 303)
    told = {name: own.get(f"{page}?tab={name}").content.decode() for name in card_specs()}
    assert "储罐超液位溢料引发火灾" in told["risk_list"]
    assert "高液位报警有效" in told["risk_list"]
    assert "当心火灾" in told["risk_list"]
    assert "交接班前检查储罐" in told["duty_list"]
    assert "缓慢开启" in told["operation_card"]
    for words in ("按下紧急停车按钮", "配备泡沫站", "人员烧伤", "8119"):
        assert words in told["emergency_card"]
    assert "甲醇" in told["knowledge_card"]
    assert "1号门外停车场" in told["worker_card"]
    # Every field that the scheme names stands on its sheet.
    for code, spec in card_specs().items():
        if code == "worker_card":
            continue
        for field in spec.fields:
            if field.name not in ("attachment", "postId") or code in ("risk_list", "duty_list"):
                assert field.label.zh in told[code], (code, field.name)
    listed = client_of(scene.district.town).get(reverse("risk:cards")).content.decode()
    assert "班长" in listed


@pytest.mark.clause("S1-2g")
def test_the_clear_card_is_printed_shown_by_its_code_read_and_tested() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    row = reading_of(card, scene.worker)
    item = WorkItem.objects.get(subject_id=row.pk)
    assert item.person_id == scene.worker.user_id
    client = client_of(scene.worker)
    made = client.get(reverse("risk:card_pdf", args=[card.pk, "worker_card"]))
    paper = pypdfium2.PdfDocument(BytesIO(made.content))
    width, height = paper[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 148)
    printed = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "1号门外停车场" in re.sub(r"\s", "", printed)
    assert "一般风险（黄）" in printed
    # The code, without signing in.
    mark = CardMark.objects.get(post=scene.post)
    opened = Client().get(reverse("risk:mark", args=[mark.code])).content.decode()
    assert "按下紧急停车按钮" in opened
    assert "一般风险（黄）" in opened
    assert "交接班前检查储罐" not in opened
    assert reverse("risk:card", args=[card.pk]) in client.get(reverse("risk:mark", args=[mark.code])).content.decode()
    # Read, signed with one's own name, asked.
    page = reverse("risk:reading", args=[row.pk])
    assert client.post(page, {"act": "read", "signed": "别人"}).status_code == 422
    assert client_of(scene.other).get(page).status_code == 404
    assert client.post(page, {"act": "read", "signed": "示例班长"}).status_code in (302, 303)
    assert client.post(page, {"act": "quiz"}).status_code in (302, 303)
    attempt = QuizAttempt.objects.get()
    assert "8119" not in str(attempt.questions)
    quiz = reverse("risk:quiz", args=[attempt.pk])
    asked = client.get(quiz).content.decode()
    assert "8119" in asked
    assert client.post(quiz, {}).status_code == 422
    wrong = {f"question_{at}": (one["right"] + 1) % len(one["options"]) for at, one in enumerate(attempt.questions)}
    assert client.post(quiz, wrong).status_code in (302, 303)
    row.refresh_from_db()
    assert row.status == "TO_TEST"
    assert client.post(page, {"act": "quiz"}).status_code in (302, 303)
    second = QuizAttempt.objects.get(number=2)
    right = {f"question_{at}": one["right"] for at, one in enumerate(second.questions)}
    client.post(reverse("risk:quiz", args=[second.pk]), right)
    row.refresh_from_db()
    assert (row.status, row.signed_name) == ("PASSED", "示例班长")
    assert list(QuizAttempt.objects.order_by("number").values_list("score", flat=True)) == [0, 100]
    seen = client_of(scene.keeper).get(reverse("risk:cards")).content.decode()
    assert "1 / 1（100%）" in seen
    # A withdrawn code opens nothing, and another takes its place.
    client_of(scene.keeper).post(reverse("risk:card", args=[card.pk]), {"act": "renew_mark", "reason": "卡片遗失"})
    assert Client().get(reverse("risk:mark", args=[mark.code])).status_code == 404
    assert CardMark.objects.filter(post=scene.post, withdrawn_at__isnull=True).count() == 1


def test_a_card_whose_risks_changed_says_so_and_its_owner_owes_the_next_edition() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    row = reading_of(card, scene.worker)
    assert services.look_at_cards(now=NOW) == 0
    make_measure(scene.keeper, scene.event, text="新增独立切断阀", subcategory="1-3")
    page = client_of(scene.keeper).get(reverse("risk:card", args=[card.pk])).content.decode()
    assert "新增管控措施：新增独立切断阀" in page
    watching.look_at_all(now=NOW)
    card.refresh_from_db()
    assert (card.status, len(card.because)) == ("OUTDATED", 1)
    assert WorkItem.objects.filter(subject_id=card.pk, done_at__isnull=True, duty="risk.cards.keep").exists()
    assert services.look_at_cards(now=NOW) == 0
    # Next edition: the old one stays, its reading ends, everybody is asked again.
    fresh = services.begin_edition(actor=scene.keeper, post=scene.post, now=NOW)
    assert (fresh.edition, fresh.parts["muster"]) == (2, PARTS["muster"])
    with pytest.raises(Conflict):
        services.begin_edition(actor=scene.keeper, post=scene.post, now=NOW)
    services.submit_card(actor=scene.keeper, card=fresh, now=NOW)
    services.approve_card(actor=scene.head, card=fresh, now=NOW)
    card.refresh_from_db()
    row.refresh_from_db()
    assert (card.status, row.status) == ("SUPERSEDED", "ENDED")
    assert reading_of(fresh, scene.worker).status == "TO_READ"
    old = client_of(scene.keeper).get(reverse("risk:card", args=[card.pk]) + "?tab=risk_list").content.decode()
    assert "新增独立切断阀" not in old


def test_the_same_approval_sent_again_leaves_what_stands_alone() -> None:
    scene = make_scene()
    card = make_card(scene)
    services.submit_card(actor=scene.keeper, card=card, now=NOW)
    sent = uuid.uuid4()
    services.approve_card(actor=scene.head, card=card, now=NOW, client_id=sent)
    again = PostCard.objects.get(pk=card.pk)
    services.approve_card(actor=scene.head, card=again, now=NOW + timedelta(minutes=1), client_id=sent)
    card.refresh_from_db()
    assert (again.status, card.status) == ("STANDING", "STANDING")
    # Nor does it end the edition that came after.
    later = card_in_force(scene, now=NOW + timedelta(days=1))
    services.approve_card(actor=scene.head, card=card, now=NOW + timedelta(days=2), client_id=sent)
    later.refresh_from_db()
    assert (card.status, later.status) == ("SUPERSEDED", "STANDING")
    assert CardReading.objects.filter(card=card, status="TO_READ").count() == 0
    with pytest.raises(StaleState):
        services.approve_card(actor=scene.head, card=card, now=NOW + timedelta(days=2))
    later.refresh_from_db()
    assert later.status == "STANDING"


def test_a_reading_signed_twice_by_one_request_holds_one_signature() -> None:
    scene = make_scene()
    row, key = reading_of(card_in_force(scene), scene.worker), uuid.uuid4()
    for _time in range(2):
        readings.read_card(actor=scene.worker, row=row, signed=row.reader.name, now=NOW, client_id=key,
                           signature=[make_file(scene.worker)])  # fmt: skip
    assert len(files_of_many(CardReading, [row.pk])[row.pk]) == 1


def test_the_same_edition_begun_again_is_the_same_edition() -> None:
    scene = make_scene()
    sent = uuid.uuid4()
    first = services.begin_edition(actor=scene.keeper, post=scene.post, now=NOW, client_id=sent)
    again = services.begin_edition(actor=scene.keeper, post=scene.post, now=NOW, client_id=sent)
    assert first.pk == again.pk
    assert PostCard.objects.count() == 1


def test_a_measure_that_failed_outdates_the_card_until_it_is_verified_and_the_year_asks_for_a_review() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    risks.mark_failed(actor=scene.keeper, row=scene.measure, because="检定过期", now=NOW)
    services.look_at_cards(now=NOW)
    card.refresh_from_db()
    assert card.status == "OUTDATED"
    scene.measure.refresh_from_db()
    risks.mark_verified(actor=scene.keeper, row=scene.measure, now=NOW)
    services.look_at_cards(files=[scene.file.pk], now=NOW)
    card.refresh_from_db()
    assert (card.status, card.because) == ("STANDING", [])
    services.look_at_cards(now=NOW + timedelta(days=366))
    card.refresh_from_db()
    assert card.status == "OUTDATED"
    assert "复核日期" in card.because[0]["zh"]


def test_many_changes_of_colour_are_one_look_at_the_cards() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    Delivery.objects.all().delete()
    ProcrastinateJob.objects.filter(task_name="risk.cards_one").delete()
    risks.mark_failed(actor=scene.keeper, row=scene.measure, because="检定过期", now=NOW)
    waiting = Delivery.objects.filter(subscriber__in=("risk.cards.colours", "risk.cards.units"))
    assert waiting.count() == 2
    for one in waiting:
        assert deliver(event_id=one.event_id, subscriber=one.subscriber, now=NOW)
    job = ProcrastinateJob.objects.get(task_name="risk.cards_one")
    card.refresh_from_db()
    assert card.status == "STANDING"
    jobs.cards_one(**job.args)
    card.refresh_from_db()
    assert card.status == "OUTDATED"


def test_who_comes_to_a_post_reads_its_card_and_who_leaves_owes_nothing() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    posts.put_at_post(actor=scene.keeper, post=scene.post, user_id=scene.other.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
    late = reading_of(card, scene.other)
    person = scene.post.people.get(user=scene.other.user_id)
    posts.leave_post(actor=scene.keeper, post=scene.post, person=person, now=NOW)
    late.refresh_from_db()
    assert late.status == "ENDED"
    with pytest.raises(StaleState):
        pass_quiz(scene.worker, reading_of(card, scene.worker))
    with pytest.raises(NotPermitted):
        pass_quiz(scene.keeper, reading_of(card, scene.worker))


def test_a_worker_sees_the_cards_of_his_own_posts_and_others_of_the_house_see_all() -> None:
    scene = make_scene()
    mine, theirs = card_in_force(scene), card_in_force(scene, scene.second)
    draft = services.begin_edition(actor=scene.keeper, post=scene.post, now=NOW)
    viewer = make_actor(scene.district.enterprise_org, "enterprise.viewer")

    def seen(actor: Any) -> set[Any]:
        page = client_of(actor).get(reverse("risk:cards") + "?cols=title,code").content.decode()
        return {one.pk for one in (mine, theirs, draft) if one.code in page}

    assert seen(scene.worker) == {mine.pk}
    assert seen(scene.other) == {theirs.pk}
    assert seen(viewer) == {mine.pk, theirs.pk, draft.pk}
    assert seen(scene.district.town) == {mine.pk, theirs.pk, draft.pk}
    assert seen(scene.district.other_enterprise) == set()
    worker = client_of(scene.worker)
    assert worker.get(reverse("risk:card", args=[theirs.pk])).status_code == 404
    assert worker.get(reverse("risk:card_pdf", args=[theirs.pk, "all"])).status_code == 404
    assert worker.get(f"/api/v1/risk/cards/{theirs.pk}/sheets").status_code == 404
    assert worker.get(reverse("risk:card_write", args=[draft.pk])).status_code == 404
    export = client_of(scene.other).get(reverse("risk:readings") + "?export=xlsx")
    assert export.status_code == 200
    listed = client_of(scene.other).get(reverse("risk:readings")).content.decode()
    assert "示例班长" not in listed


def test_the_draw_of_a_quarter_can_be_drawn_again_and_lists_who_passed() -> None:
    scene = make_scene()
    with pytest.raises(Invalid):
        spots.draw_quarter(file=scene.file, now=NOW, actor=scene.keeper)
    card_in_force(scene)
    card_in_force(scene, scene.second)
    own = client_of(scene.keeper)
    assert own.post(reverse("risk:spot_new")).status_code in (302, 303)
    row = SpotRound.objects.get()
    pool = [scene.worker.user_id, scene.other.user_id]
    again = spots.draw_of(seed=row.seed, pool=reversed(pool), percent=row.percent)  # type: ignore[arg-type]
    assert [one.reader_id for one in row.readings.all()] == again
    assert len(again) == 1
    assert row.pool_digest == digest_of_pool(str(one) for one in pool)
    assert own.post(reverse("risk:spot_new")).status_code == 409
    drawn = CardReading.objects.get(spot=row)
    who = scene.worker if drawn.reader_id == scene.worker.user_id else scene.other
    page = reverse("risk:spot", args=[row.pk])
    assert own.post(page, {"act": "close"}).status_code == 409
    pass_quiz(who, drawn)
    assert "测试合格" in client_of(scene.district.town).get(page).content.decode()
    assert own.post(page, {"act": "close"}).status_code in (302, 303)
    spots.tend_spots(now=NOW + timedelta(days=120))
    assert SpotRound.objects.count() == 2


def test_the_district_sets_the_pass_mark_from_a_day_on() -> None:
    scene = make_scene()
    office = client_of(scene.district.officer)
    given = {"pass_mark": "100", "spot_percent": "50", "read_days": "3", "review_months": "6", "reason": "专项行动"}
    page = reverse("risk:card_rule_new")
    assert office.post(page, given | {"pass_mark": "0", "from_date": "2026-09-08"}).status_code == 422
    with pytest.raises(Invalid):
        card_rules.set_card_rules(
            actor=scene.district.officer, pass_mark=80, spot_percent=10, read_days=7, review_months=12, reason="x",
            from_date=NOW.date() - timedelta(days=1), now=NOW,
        )  # fmt: skip
    card_rules.set_card_rules(
        actor=scene.district.officer, pass_mark=100, spot_percent=50, read_days=3, review_months=6, reason="专项行动",
        from_date=NOW.date(), now=NOW,
    )  # fmt: skip
    card = card_in_force(scene)
    assert card.review_date is not None
    assert (card.review_date.year, card.review_date.month) == (2027, 3)
    assert reading_of(card, scene.worker).due_date == NOW.date() + timedelta(days=3)
    assert "专项行动" in office.get(reverse("risk:card_rules")).content.decode()
    assert client_of(scene.keeper).get(reverse("risk:card_rules")).status_code == 403


def test_coverage_opens_its_rows_for_enterprise_and_town() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    client_of(scene.worker).post(
        reverse("risk:reading", args=[reading_of(card, scene.worker).pk]), {"act": "read", "signed": "示例班长"}
    )
    town = client_of(scene.district.town)
    page = town.get(reverse("risk:card_files")).content.decode()
    assert "1 / 2（50%）" in page
    assert "1 / 1（100%）" in page
    sums = town.get(reverse("risk:card_towns")).content.decode()
    assert "甲街道" in sums
    for address in set(re.findall(r'href="(/risk/(?:cards|readings)[^"]*)"', sums + page)):
        assert town.get(address.replace("&amp;", "&")).status_code == 200, address
    assert "甲街道" not in client_of(scene.district.other_town).get(reverse("risk:card_towns")).content.decode()


def test_all_cards_of_an_enterprise_are_printed_in_the_background() -> None:
    scene = make_scene()
    card_in_force(scene)
    card_in_force(scene, scene.second)
    own = client_of(scene.keeper)
    page = reverse("risk:cards_print", args=[scene.file.pk])
    assert own.post(page, {}).status_code == 422
    begun = own.post(page, {"sheets": ["worker_card", "duty_list", "knowledge_card"]})
    assert begun.status_code in (302, 303)
    work = LongWork.objects.get()
    run_work(work_id=work.pk, now=timezone.now())
    assert "已生成2个岗位的卡" in own.get(begun.headers["Location"]).content.decode()


def test_duties_and_steps_come_in_by_a_sheet_and_go_again() -> None:
    scene = make_scene()
    own = client_of(scene.keeper)
    heads = ("岗位名称", "清单或卡", "序号", "职责内容或作业程序", "检查标准或作业标准及注意事项", "频次")
    sheet = book(
        heads, ("班长", "岗位职责清单", 1, "巡检储罐", "无泄漏", "每班"),
        ("班长", "岗位职责清单", 2, "填写记录", "", ""),
        ("班长", "岗位操作卡", 1, "核对阀位", "与流程图一致", ""),
    )  # fmt: skip
    run = imported(own, "risk.card_lines", sheet)
    card = PostCard.objects.get()
    assert [one["text"] for one in card.parts["duties"]] == ["巡检储罐", "填写记录"]
    assert card.parts["steps"] == [{"text": "核对阀位", "standard": "与流程图一致"}]
    assert undo(own, run).status_code in (200, 303)
    card.refresh_from_db()
    assert (card.parts["duties"], card.parts["steps"]) == ([], [])


def test_a_program_reads_confirms_and_answers() -> None:
    scene = make_scene()
    card = card_in_force(scene)
    client = client_of(scene.worker)
    row = reading_of(card, scene.worker)
    sheets = client.get(f"/api/v1/risk/cards/{card.pk}/sheets").json()
    assert sheets[0]["code"] == "worker_card"
    assert client.get(f"/api/v1/risk/posts/{scene.post.pk}/cards").json()[0]["edition"] == 1

    def post(address: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/risk/{address}", body, content_type="application/json")

    assert post(f"readings/{row.pk}/quiz", {}).status_code == 409
    assert post(f"readings/{row.pk}/confirm", {"signed": "别人"}).status_code == 422
    assert post(f"readings/{row.pk}/confirm", {"signed": "示例班长"}).json()["status"] == "TO_TEST"
    asked = post(f"readings/{row.pk}/quiz", {}).json()
    assert post(f"attempts/{asked['id']}/answers", {"answers": [0]}).status_code == 422
    attempt = QuizAttempt.objects.get()
    done = post(f"attempts/{asked['id']}/answers", {"answers": [one["right"] for one in attempt.questions]}).json()
    assert (done["passed"], done["score"]) == (True, 100)
    assert client.get("/api/v1/risk/readings?mine=true&status=PASSED").json()["items"][0]["id"] == str(row.pk)
    assert client.get("/api/v1/risk/cards").json()["items"][0]["passed"] == 1


def test_questions_follow_from_the_seed_and_no_wrong_answer_is_right() -> None:
    def event(name: str, *measures: str) -> dict[str, Any]:
        return {"name": name, "level": 2, "measures": [{"text": one} for one in measures]}

    mine = CardText("1", PARTS, True, [event("泄漏", "报警", "围堰")])
    others = [CardText("2", {**PARTS, "muster": "2号门"}, True, [event("爆炸", "围堰", "抑爆", "泄压")])]
    made = questions_of(mine, others, seed="a")
    assert made == questions_of(mine, others, seed="a")
    assert made != questions_of(mine, others, seed="b")
    assert {one["kind"] for one in made} == {"colour", "measure", "text", "phone"}
    # Two posts may have one number, so that another card's is no wrong answer.
    phone = next(one for one in made if one["kind"] == "phone")
    assert {each["phone_of"] for each in phone["options"]} == {"1"}
    for one in made:
        assert len(one["options"]) == len({str(each) for each in one["options"]}) == 4
    measure = next(one for one in made if one["kind"] == "measure")
    right = measure["options"][measure["right"]]["zh"]
    assert right in ("报警", "围堰")
    assert {each["zh"] for each in measure["options"]} & {"报警", "围堰"} == {right}
    assert score_of(made, [one["right"] for one in made]) == 100
    assert score_of(made[:3], [made[0]["right"], None, None]) == 33
    assert len({twisted("8119", place) for place in range(4)}) == 4


def test_what_is_written_has_bounds() -> None:
    scene = make_scene()
    card = make_card(scene)

    def write(**parts: Any) -> None:
        services.write_card(actor=scene.keeper, card=card, version=card.draft_version, parts=parts, phones={}, now=NOW)

    for wrong in (
        {"muster": "一" * 121}, {"limits": [{"text": "a"}] * 4}, {"steps": [{"text": "", "standard": "只有标准"}]},
        {"unknown": "x"}, {"forbidden": "一行"}, {"forbidden": ["一" * 501]},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            write(**wrong)
    write(muster="一" * 120, limits=[{"text": "a"}] * 3)


