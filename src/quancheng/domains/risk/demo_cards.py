"""Cards and boards of the demo: in force, outdated, waiting to be read, being checked; read, tried and passed.

Everything is invented; everything is done by the people of the demo through the services.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import CardReading, Post, PostCard, RiskBoard, RiskEvent
from quancheng.domains.risk.queries import card_visits as card_visit_queries
from quancheng.domains.risk.queries.cards import IN_FORCE
from quancheng.domains.risk.services import boards, card_visits, cards, readings, risks, spots
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership

_TEAM: dict[str, Any] = {
    "dept_head": "储运部部长",
    "risk_jingle": "上岗先看罐，液位不过线；阀门要对号，报警莫怠慢。",
    "duties": [
        {"text": "交接班检查储罐液位、压力、温度和报警", "standard": "与记录一致，报警无未处理项", "frequency": "每班"},
        {"text": "巡检装卸区、泵区和围堰", "standard": "无跑冒滴漏，消防通道畅通", "frequency": "每两小时"},
        {"text": "组织班组岗位风险告知", "standard": "全员签名", "frequency": "每班"},
        {"text": "参加班组应急演练", "standard": "有记录、有点评", "frequency": "每月"},
    ],
    "duty_jingle": "交班讲清楚，接班看明白。",
    "steps": [
        {"text": "核对作业单、罐号和品名", "standard": "三者一致方可作业"},
        {"text": "检查接地、阀门状态和液位", "standard": "接地电阻报警器绿灯，液位有余量"},
        {"text": "缓慢开启进料阀，控制流速", "standard": "初始流速不超过1m/s，人员不离场"},
        {"text": "到量停泵、关阀、静置、拆管", "standard": "静置不少于2分钟，残液收集"},
    ],
    "step_jingle": "一核二查三慢开，四停静置再离开。",
    "limits": [
        {"text": "储罐液位", "standard": "不高于80%"}, {"text": "卸车流速", "standard": "初始不超过1m/s"},
        {"text": "可燃气体报警", "standard": "一级25%LEL，二级50%LEL"},
    ],
    "forbidden": ["罐区内吸烟、使用非防爆手机", "擅自摘除联锁或屏蔽报警", "带压拆卸法兰和接头", "单人进入受限空间"],
    "operating": ["开车前确认流程和阀位", "停车后关闭根部阀并挂牌"],
    "abnormal": ["液位快速上升：停泵、关进料阀、报告", "可燃气体报警：停止作业、查漏、设警戒"],
    "gear": ["进入泄漏区戴正压式空气呼吸器", "灭火器：提、拔、握、压，站上风向"],
    "tickets": ["动火、受限空间须持票作业并有人监护", "票证过期、条件变化立即停止作业"],
    "process_note": "物料由槽车经装卸臂、卸料泵进入储罐，储罐设液位、压力远传和高高液位联锁。",
    "accident_signs": ["可燃气体报警仪报警", "闻到异味、看到白雾或液体滴漏", "液位、压力异常变化"],
    "first_acts": [
        "按下就近的紧急停车按钮", "拨打内部报警电话，说清地点和物料", "关闭切断阀，打开喷淋", "向上风向撤离并清点人数",
    ],
    "valves": ["XV-101进料切断阀", "XV-102出料切断阀"],
    "cautions": ["未穿戴防护用品不得进入泄漏区", "不得使用非防爆工具和照明"],
    "main_person": "当班值长", "escape": "沿罐区北侧通道向上风向，经1号门撤离", "muster": "1号门外停车场",
    "withdraw": "火势失控、有爆炸征兆或接到撤离命令时立即撤离", "leader": "分管生产副总经理",
}  # fmt: skip
_OFFICE: dict[str, Any] = {
    "duties": [
        {"text": "组织风险辨识和隐患排查", "standard": "清单更新、整改闭环", "frequency": "每月"},
        {"text": "检查特殊作业票和现场监护", "standard": "票证齐全，监护人在场", "frequency": "每日"},
        {"text": "组织应急演练和评估", "standard": "方案、记录、评估齐全", "frequency": "每半年"},
    ],
    "steps": [
        {"text": "审查作业方案和风险分析", "standard": "措施落实到人"},
        {"text": "现场核对隔离、检测和防护", "standard": "检测合格、在有效期内"},
    ],
    "forbidden": ["未到现场核查即签发作业票", "违章指挥、强令冒险作业"],
    "first_acts": ["启动应急响应，通知应急小组", "确认人员位置，组织撤离", "按规定时限上报"],
    "escape": "经办公楼东侧楼梯到1号门", "muster": "1号门外停车场", "leader": "总经理",
}  # fmt: skip


def load(desk: Desk) -> None:
    """Enterprise 1 has what is in order and what waits to be read, 2 what is outdated, 3 a card to be checked."""
    people = desk.district.users
    if "enterprise1" not in people or not Post.objects.filter(file=_file(desk, 1)).exists():
        return
    team = _card(desk, 1, "班长", _TEAM, days=90)
    _read(desk, team, days=86, fails=True)
    _card(desk, 1, "储运主管", _TEAM, days=88)
    _card(desk, 1, "安全总监", _OFFICE, days=2)
    _boards(desk, 1, days=30)
    second = _card(desk, 2, "生产主管", {**_TEAM, "muster": "2号门外空地"}, days=80)
    for card in (_card(desk, 2, "安全总监", _OFFICE, days=70), second):
        _read(desk, card, days=66)
    _boards(desk, 2, days=60)
    _new_measure(desk, 2, days=10)
    _card(desk, 3, "班长", _TEAM, days=4, is_checked=False)
    for number in (1, 2):
        file = _file(desk, number)
        asked = PostCard.objects.filter(file=file, status__in=IN_FORCE, readings__isnull=False)
        if file is not None and asked.exists():
            spots.draw_quarter(file=file, now=desk.district.now, actor=desk.actor(f"enterprise{number}"))
    _visit(desk, days=12)


def _visit(desk: Desk, *, days: int) -> None:
    """The office drew two posts of enterprise 1 at a visit: one holder knew his card, the other one did not."""
    office, file = desk.actor("emb"), _file(desk, 1)
    if file is None or not card_visit_queries.files_to_visit(actor=office).filter(pk=file.pk).exists():
        return
    at = desk.ago(days)
    visit = card_visits.draw_visit(
        actor=office, file=file, count=2, keys_only=False, occasion="双随机检查", now=at, seed="demo"
    )
    for ask in card_visit_queries.asks_of(visit):
        knows = ask.number == 1
        answers = [one["right"] if knows else card_visits.NO_ANSWER for one in ask.questions]
        holders = card_visit_queries.holders_of(ask)
        card_visits.record_ask(
            actor=office, ask=ask, holder=UUID(holders[0][0]) if holders else None,
            other="" if holders else "某当班人员", answers=answers, now=at,
            remark="" if knows else "说不出集合地点和第一动作",
        )  # fmt: skip
    card_visits.end_visit(actor=office, visit=visit, name="finish", now=at)


def _file(desk: Desk, number: int) -> Enterprise | None:
    return Enterprise.objects.filter(pk=desk.district.enterprises[number - 1].pk).first()


def _card(
    desk: Desk, number: int, name: str, parts: dict[str, Any], *, days: int, is_checked: bool = True
) -> PostCard | None:
    """An edition written by the safety director and checked by the head so many days ago."""
    post = Post.objects.filter(file=_file(desk, number), name=name).select_related("file").first()
    if post is None:
        return None
    who, at = desk.actor(f"enterprise{number}"), desk.ago(days)
    card = cards.begin_edition(actor=who, post=post, now=at)
    phones = {"inner_phone": f"811{number}", "outer_phone": "119"}
    card = cards.write_card(actor=who, card=card, version=card.draft_version, parts=parts, phones=phones, now=at)
    cards.submit_card(actor=who, card=card, now=at)
    if is_checked:
        cards.approve_card(actor=desk.actor(f"enterprise{number}.head"), card=card, now=at)
    return card


def _read(desk: Desk, card: PostCard | None, *, days: int, fails: bool = False) -> None:
    """Whoever has the card to read reads it and passes, where ``fails`` at the second try."""
    if card is None:
        return
    for row in CardReading.objects.filter(card=card, status="TO_READ").select_related("reader", "card"):
        who, at = _person(desk, row), desk.ago(days)
        readings.read_card(actor=who, row=row, signed=row.reader.name, now=at)
        for wrong in ([True, False] if fails else [False]):
            attempt = readings.start_quiz(actor=who, row=row, now=at)
            answers = [(one["right"] + wrong) % len(one["options"]) for one in attempt.questions]
            readings.answer_quiz(actor=who, attempt=attempt, answers=answers, now=at)


def _person(desk: Desk, row: CardReading) -> Actor:
    place = Membership.objects.current().get(user=row.reader_id, organisation=row.file_id)
    return actor_for(place, now=desk.district.now)


def _boards(desk: Desk, number: int, *, days: int) -> None:
    """What the enterprise needs; its own board and the first others are printed and hang."""
    file = _file(desk, number)
    if file is None:
        return
    who, at = desk.actor(f"enterprise{number}"), desk.ago(days)
    boards.find_boards(file=file, now=at)
    for board in RiskBoard.objects.filter(file=file).order_by("kind", "name")[:4]:
        row = RiskBoard.objects.select_related("file__enterprise", "unit__object", "place").get(pk=board.pk)
        if row.kind != "hazard":
            direct = row.direct_person or "班长"
            named = {"leader": "分管副总", "department_head": "储运部部长", "direct_person": direct}
            boards.name_persons(actor=who, board=row, version=row.version, changes=named, now=at)
        boards.print_board(actor=who, board=row, now=at)


def _new_measure(desk: Desk, number: int, *, days: int) -> None:
    """A measure that came after cards and boards: both are to be brought up to date."""
    file = _file(desk, number)
    event = RiskEvent.objects.filter(unit__post__name="生产主管", unit__object__file=file).order_by("pk").first()
    if file is None or event is None:
        return
    said = {
        "mode": "2", "text": "增设独立的紧急切断按钮并接入控制室", "category": "1", "subcategory": "1-4",
        "own_class": "", "check_text": "按钮试验有效，控制室有信号",
    }  # fmt: skip
    at = desk.ago(days)
    risks.enter_measure(actor=desk.actor(f"enterprise{number}"), event=event, known=said, now=at)
    cards.look_at_cards(files=[file.pk], now=at)
    boards.look_at_boards(files=[file.pk], now=at)
