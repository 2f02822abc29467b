"""An enterprise with two posts, their risks, and cards written, checked and in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.domains.registry.factories import make_facility, make_holding
from tests.domains.registry.factories import make_unit as make_place
from tests.domains.risk.factories import make_assessment, make_event, make_measure, make_object, make_post, make_unit
from tests.factories import NOW, District, make_actor, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import CardReading, Measure, Post, PostCard, RiskEvent
from quancheng.domains.risk.services import cards as services
from quancheng.domains.risk.services import posts, readings
from quancheng.kernel.access.actor import Actor

PARTS: dict[str, Any] = {
    "duties": [{"text": "交接班前检查储罐", "standard": "液位不高于80%", "frequency": "每班"}],
    "steps": [{"text": "核对进料单", "standard": "品名数量一致"}, {"text": "开进料阀", "standard": "缓慢开启"}],
    "limits": [{"text": "液位", "standard": "不高于80%"}],
    "forbidden": ["罐区内吸烟", "带压拆卸法兰"], "first_acts": ["按下紧急停车按钮", "报告值班长"],
    "escape": "沿北侧通道向上风向撤离", "muster": "1号门外停车场", "valves": ["XV-101"], "gear": ["戴防毒面具"],
}  # fmt: skip


@dataclass
class Scene:
    """``head`` checks what ``keeper`` writes; ``worker`` holds the first post, ``other`` the second."""

    district: District
    file: Enterprise
    keeper: Actor
    head: Actor
    worker: Actor
    other: Actor
    post: Post
    second: Post
    event: RiskEvent
    measure: Measure


def make_scene() -> Scene:
    district = make_district()
    keeper = district.enterprise
    head = make_actor(district.enterprise_org, "enterprise.head", name="示例负责人")
    worker = make_actor(district.enterprise_org, "enterprise.worker", name="示例班长")
    other = make_actor(district.enterprise_org, "enterprise.worker", name="示例操作工")
    file = open_own_file(actor=keeper, kind="depot", known={}, now=NOW)
    post = make_post(keeper, file, name="班长", is_key=True)
    second = make_post(keeper, file, name="操作工", department="当班班组")
    place = make_place(keeper, file)
    tank = make_facility(keeper, place)
    make_holding(keeper, tank, "甲醇", present_t="1")
    parent = make_object(keeper, file, place=place)
    unit = make_unit(keeper, parent, facility=tank, post=post)
    event = make_event(keeper, unit, accident="08", consequence="人员烧伤")
    measure = make_measure(keeper, event)
    make_measure(keeper, event, text="配备泡沫站", category="4", subcategory="4-3")
    make_assessment(keeper, event, 4, 5)
    make_assessment(keeper, event, 2, 5, stage="residual")
    bay = make_unit(keeper, parent, code="U2", name="装车台", post=second)
    make_measure(keeper, make_event(keeper, bay, name="装车溢料着火", accident="08"), text="溢油静电联锁有效")
    posts.put_at_post(actor=keeper, post=post, user_id=worker.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
    posts.put_at_post(actor=keeper, post=second, user_id=other.user_id, since=NOW.date(), now=NOW)  # type: ignore[arg-type]
    event.refresh_from_db()
    return Scene(district, file, keeper, head, worker, other, post, second, event, measure)


def make_card(scene: Scene, post: Post | None = None, *, now: datetime = NOW, **parts: Any) -> PostCard:
    """An edition that is written and whole."""
    made = services.begin_edition(actor=scene.keeper, post=post or scene.post, now=now)
    phones = {"inner_phone": "8119", "outer_phone": "119"}
    return services.write_card(actor=scene.keeper, card=made, version=made.draft_version, parts={**PARTS, **parts},
                               phones=phones, now=now)  # fmt: skip


def card_in_force(scene: Scene, post: Post | None = None, *, now: datetime = NOW, **parts: Any) -> PostCard:
    card = make_card(scene, post, now=now, **parts)
    services.submit_card(actor=scene.keeper, card=card, now=now)
    return services.approve_card(actor=scene.head, card=card, now=now)


def reading_of(card: PostCard, reader: Actor) -> CardReading:
    return CardReading.objects.get(card=card, reader=reader.user_id, kind="edition")


def pass_quiz(reader: Actor, row: CardReading, *, now: datetime = NOW) -> None:
    attempt = readings.start_quiz(actor=reader, row=row, now=now)
    right = [one["right"] for one in attempt.questions]
    readings.answer_quiz(actor=reader, attempt=attempt, answers=right, now=now)
