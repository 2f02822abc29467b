"""Inspection rounds in the demo: one closed with its numbers, one that runs with late, answered and abnormal units.

Everything is invented and entered through the services, at the days on which it is said to have happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from PIL import Image

from quancheng.domains.hazards.models import InspectionRound, RoundTarget, SeenResult
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.services import round_answers as answering
from quancheng.domains.hazards.services import rounds as services
from quancheng.domains.hazards.services.sub_fields import tag_units
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.services import Taken, receive_file

#: Enterprises of the demo with accounts, by their number.
_FIRMS = (1, 2, 3, 4, 7, 8)
#: The sub-field of the demo, and the classes whose units are tagged with it.
_FIELD, _FIELD_KINDS = "油气储存", ("depot", "trader_storage", "petrol_station")


def load(desk: Desk) -> None:
    """The closed one began two months ago, the running one twelve days ago."""
    _tag(desk)
    closed = _issue(desk, 60, services.RoundSpec(
        title="危化品企业安全管理专项检查", kind="responsibility", checklist="CL-HDG78", recheck_percent=50,
        text="对照排查治理导则逐项自查，异常的登记隐患并限期整改。",
        start_date=desk.date_in(-60), due_date=desk.date_in(-45), end_date=desk.date_in(-20),
        asked=queries.Asked(kinds=("producer", "fine_chemical", "pharmaceutical", "depot")),
    ))  # fmt: skip
    if closed is not None:
        _close(desk, closed)
    running = _issue(desk, 12, services.RoundSpec(
        title="冬季防火防爆专项检查", kind="campaign", checklist="CL-WH", recheck_percent=100,
        text="对照检查表自查库房防火、防爆、防冻措施，逐项填报。", start_date=desk.date_in(-12),
        due_date=desk.date_in(-2), end_date=desk.date_in(30), verify_date=desk.date_in(10),
        asked=queries.Asked(kinds=("depot", "fine_chemical", "pharmaceutical", "trader_storage", "petrol_station")),
    ))  # fmt: skip
    if running is not None:
        _run(desk, running)


def _tag(desk: Desk) -> None:
    files = Enterprise.objects.filter(kind__in=_FIELD_KINDS, merged_into__isnull=True).select_related("enterprise")
    known = [one.enterprise.credit_code if one.enterprise else "" for one in files.order_by("pk")]
    codes = [code for code in known if code]
    if codes:
        tag_units(actor=desk.actor("emb"), name=_FIELD, codes=codes[:12], since=desk.date_in(-70), now=desk.ago(70))


def _issue(desk: Desk, days: int, spec: services.RoundSpec) -> InspectionRound | None:
    """Drafted and issued on its day; none where the demo has nobody whom it means."""
    office, now = desk.actor("emb"), desk.ago(days)
    if not queries.candidates(actor=office, asked=spec.asked).exists():
        return None
    made = services.draft_round(actor=office, spec=spec, now=now)
    return services.issue_round(actor=office, row=made, now=now)


def _own(desk: Desk, row: InspectionRound) -> Sequence[tuple[Actor, RoundTarget]]:
    """Parts of the enterprises that have accounts, each with its person, in the order of their numbers."""
    found = []
    for number in _FIRMS:
        if number > len(desk.district.enterprises):
            continue
        rows = row.targets.filter(file=desk.district.enterprises[number - 1].pk).select_related("round")
        target = rows.first()
        if target is not None:
            found.append((desk.actor(f"enterprise{number}"), target))
    return found


def _answer(
    desk: Desk, who: Actor, target: RoundTarget, wrong: Mapping[int, str], at: datetime
) -> None:
    answering.receive_target(actor=who, row=target, now=at - timedelta(hours=30))
    items = []
    for one in queries.items_of(target):
        note = wrong.get(one.position, "")
        photos = (_photo(desk, who, at),) if note else ()
        items.append(answering.ItemAnswer(one.position, 1 if note else 0, note, photos=photos))
    said = "已逐项自查，异常项已安排整改。" if wrong else "已逐项自查，未发现异常。"
    spec = answering.AnswerSpec(items=items, text=said)
    answering.answer_target(actor=who, row=target, spec=spec, now=at)


def _look(desk: Desk, row: InspectionRound, differing: Mapping[int, str], days: int) -> None:
    """The office looks at the first unit drawn; what differs is told of it."""
    now, office = desk.ago(days), desk.actor("emb")
    look = row.checks.filter(closed_at__isnull=True).order_by("pk").first()
    if look is None:
        return
    seen = [
        answering.SeenItem(
            one.item.position, SeenResult.DIFFERS if one.item.position in differing else SeenResult.MATCHES,
            differing.get(one.item.position, ""),
        )
        for one in queries.answers_of(look.target)
    ]  # fmt: skip
    text = "现场逐项核对，有一项与填报不符，已责令整改。" if differing else "现场逐项核对，与填报一致。"
    spec = answering.LookSpec(text=text, seen_date=desk.date_in(-days), items=seen)
    answering.record_look(actor=office, row=look, spec=spec, now=now)


def _close(desk: Desk, row: InspectionRound) -> None:
    faults: tuple[dict[int, str], ...] = (
        {}, {5: "储罐区风险分析未随储存品种变化更新"}, {}, {10: "两张动火作业票缺气体分析记录"},
    )  # fmt: skip
    for number, (who, target) in enumerate(_own(desk, row)):
        _answer(desk, who, target, faults[number % len(faults)], desk.ago(50 - number))
    if not row.targets.filter(status="ANSWERED").exists():
        return
    services.draw_round(actor=desk.actor("emb"), row=row, now=desk.ago(40), seed="演示种子一")
    _look(desk, row, {2: "两个岗位没有安全生产责任制"}, 35)
    while row.checks.filter(closed_at__isnull=True).exists():
        _look(desk, row, {}, 33)
    row.refresh_from_db()
    services.close_round(
        actor=desk.actor("emb"), row=row, now=desk.ago(25),
        comment="填报企业均已自查，现场核查发现的问题已登记隐患；未填报企业列入下轮重点检查。",
    )  # fmt: skip


def _run(desk: Desk, row: InspectionRound) -> None:
    """One answered in time with what is wrong, one late, the rest lapsed at the draw; the first drawn is looked at."""
    own = _own(desk, row)
    plans: tuple[tuple[dict[int, str], int], ...] = (
        ({10: "灯距不足0.5米", 13: "一只温湿度计损坏"}, 6), ({}, 5), ({8: "酸碱同架存放"}, 1),
    )  # fmt: skip
    for (who, target), (wrong, days) in zip(own, plans, strict=False):
        _answer(desk, who, target, wrong, desk.ago(days))
    for who, target in own[len(plans) : len(plans) + 1]:
        answering.receive_target(actor=who, row=target, now=desk.ago(9))
    if own:
        services.draw_round(actor=desk.actor("emb"), row=row, now=desk.ago(1, hour=8), seed="演示种子二")
        _look(desk, row, {20: "库房出口堆放空桶"}, 0)


def _photo(desk: Desk, who: Actor, at: datetime) -> UUID:
    """A picture of plain colour, said to be one: the demo shows no real place. Each is of a colour of its own."""
    number = desk.count()
    picture = BytesIO()
    Image.new("RGB", (320, 240), (90, 90 + number % 150, 90 + number // 150)).save(picture, format="JPEG")
    picture.seek(0)
    taken = Taken(at=at - timedelta(minutes=2))
    return receive_file(actor=who, content=picture, name="示例照片.jpg", now=at, taken=taken).pk
