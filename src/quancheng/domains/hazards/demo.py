"""This domain's part of the demo district: hidden dangers in every state, found by both sides.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from quancheng.domains.hazards import (
    demo_checks,
    demo_department_lists,
    demo_design,
    demo_further,
    demo_guarantors,
    demo_learning,
    demo_listings,
    demo_lookbacks,
    demo_patrols,
    demo_rounds,
    demo_running,
    demo_self_checks,
)
from quancheng.domains.hazards.demo_exchange import load as load_exchange
from quancheng.domains.hazards.models import MajorReport
from quancheng.domains.hazards.queries.findings import measures_of
from quancheng.domains.hazards.queries.terms import upper_end_of
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.expiry_reviews import owe_expiry_reviews
from quancheng.domains.hazards.services.learning import LessonSpec
from quancheng.domains.hazards.services.majors import send_report
from quancheng.domains.hazards.services.rechecks import draw_rechecks
from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.index import work_out_all
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.files.services import Taken, receive_file


@dataclass(frozen=True, slots=True)
class Found:
    """One danger of the demo. :param until: the step that it has come to; :param firm: number of the enterprise."""

    firm: int
    name: str
    place: str
    type: str
    days: int
    until: str
    criterion: str = ""
    by: str = ""
    source: str = "daily"
    measure: str = ""
    stop: str = ""


_FOUND = (
    Found(1, "V-101罐高液位报警试验无声光", "成品油罐区", "instrument", 20, "closed",
          measure="液位远传并设高液位声光报警"),
    Found(1, "防火堤西侧有两处孔洞未封堵", "成品油罐区", "safety", 6, "fixing"),
    Found(1, "装车台静电接地夹锈蚀", "汽车装车台", "electrical", 3, "planning"),
    Found(1, "消防泵房出口阀门渗水", "消防泵房", "fire", 1, "reported"),
    Found(2, "甲醇罐可燃气体探测器超期未检定", "甲醇罐区", "instrument", 30, "cancelling", criterion="CH-12", by="emb",
          source="regulator", stop="part"),
    Found(2, "R-102釜安全阀根部阀未全开", "酯化车间", "equipment", 12, "accepting", criterion="CH-15"),
    Found(2, demo_further.RESUMED, "酯化车间", "equipment", 45, "majorclosed", criterion="CH-15", stop="part"),
    Found(1, demo_further.HANDED[0], "装车台", "equipment", 7, "reported", by="emb", source="regulator"),
    Found(3, demo_further.HANDED[1], "办公楼", "fire", 11, "reported", by="emb", source="regulator"),
    Found(4, demo_further.HANDED[2], "加油区", "equipment", 14, "reported", by="emb", source="regulator"),
    Found(3, "危化品仓库酸碱同架存放", "原料库", "safety", 4, "planning", criterion="CH-20", by="emb",
          source="regulator"),
    Found(3, "灭火器压力不足两具", "制剂车间", "fire", 15, "closed"),
    Found(4, "2号加油机急停按钮无标识", "加油区", "equipment", 9, "closed"),
    Found(4, "卸油口静电释放装置失效", "卸油区", "electrical", 2, "confirmed"),
    Found(7, "氧气瓶未戴瓶帽", "气瓶间", "safety", 8, "extending"),
    Found(7, "电工证过期仍上岗", "充装间", "safety", 25, "overdue", criterion="CH-02"),
    Found(3, demo_listings.NAME, "原料罐区", "instrument", 80, "overdue", criterion="CH-12"),
    Found(8, "次氯酸钠储罐围堰开裂", "加药间", "safety", 5, "discarded"),
)  # fmt: skip
_LESSON = LessonSpec(
    whys=("部件到期没有更换", "台账里没有登记到期日", "设备部和仪表班之间没有交接规定"),
    places=(("其余罐组", "逐台核对，未见同类问题"), ("装卸栈台", "一处临近到期，已安排更换")),
    rule="设备管理制度增加到期件清单和月度核对", training="设备、仪表人员培训一次", tell="有同类设备的储存企业",
)  # fmt: skip
_PLAN: dict[str, Any] = {
    "measures": "更换并重新试验，合格后投用", "person": "设备主管", "money": 1800, "money_note": "",
    "emergency_plan": "现场处置方案", "goal": "消除隐患，恢复正常投用",
    "materials": "备件和便携式检测仪", "body": "设备部",
    "requirements": "按期完成，每日报进度",
    "safety_measures": "停用期间专人监护", "interim": ["watch"],
}  # fmt: skip


def load(district: District) -> None:
    """Dangers one after the other, the oldest first, then the draw of what is looked at again."""
    desk = Desk(district)
    demo_guarantors.load(desk)
    for one in sorted(_FOUND, key=lambda found: -found.days):
        file = Enterprise.objects.filter(pk=district.enterprises[one.firm - 1].pk).first()
        if file is not None:
            _Case(desk, one, file).play()
    demo_learning.load(desk)
    # What was doubted of announcements becomes dangers here, as the workers would do it.
    for waiting in Delivery.objects.filter(subscriber="hazards.announced", done_at__isnull=True).order_by("pk"):
        deliver(event_id=waiting.event_id, subscriber=waiting.subscriber, now=desk.district.now)
    demo_department_lists.load(desk)
    demo_checks.load(desk)
    demo_rounds.load(desk)
    demo_patrols.load(desk)
    demo_listings.load(desk)
    demo_further.load(desk)
    demo_lookbacks.load(desk)
    load_exchange(desk)
    draw_rechecks(now=desk.district.now, chance=district.chance)
    owe_expiry_reviews(now=desk.district.now)
    demo_design.load(desk)
    demo_running.load(desk)
    demo_self_checks.load(desk)
    # The index rests on all of it, so it is worked out last, as the night would do it.
    work_out_all(now=desk.district.now)


class _Case:
    """One danger played as far as it has come."""

    def __init__(self, desk: Desk, found: Found, file: Enterprise) -> None:
        self.desk, self.found, self.file, self.chance = desk, found, file, desk.district.chance
        self.safety = desk.actor(f"enterprise{found.firm}")
        self.head = desk.actor(f"enterprise{found.firm}.head")

    def play(self) -> None:
        found = self.found
        finder: Actor = self.desk.actor(found.by) if found.by else self.head
        measure = measures_of(self.file).filter(text=found.measure).first() if found.measure else None
        spec = services.FindingSpec(
            name=found.name, place=found.place, type=found.type, source=found.source, is_major=bool(found.criterion),
            measure=measure, unit=measure.event.unit if measure else None, photos=(self._photo(finder, found.days),),
        )  # fmt: skip
        self.row = services.report_finding(actor=finder, file=self.file, spec=spec, now=self.desk.ago(found.days))
        steps: dict[str, tuple[Callable[[], Any], ...]] = {
            "reported": (), "discarded": (self._discard,), "confirmed": (self._grade,), "planning": (self._grade,),
            "fixing": (self._grade, self._plan), "overdue": (self._grade, self._plan),
            "extending": (self._grade, self._plan, self._extend),
            "accepting": (self._grade, self._plan, self._finish),
            "closed": (self._grade, self._plan, self._finish, self._accept),
            "cancelling": (self._grade, self._plan, self._finish, self._accept),
            "majorclosed": (self._grade, self._plan, self._finish, self._accept, self._cancel),
        }  # fmt: skip
        for step in steps[found.until]:
            step()
        self._report()

    def _grade(self) -> None:
        by = self.desk.actor(self.found.by) if self.found.by else self.safety
        services.grade_finding(
            actor=by, row=self.row, criterion=self.found.criterion,
            grade="major" if self.found.criterion else "general", rectifier=self.safety.user_id,
            deadline=self._due(), cause="日常维护不到位", now=self._at(0),
        )  # fmt: skip

    def _due(self) -> date:
        days = 10 if self.found.until == "overdue" else max(12, self.found.days + 6)
        begin = Calendar().local_date(self.desk.ago(self.found.days))
        end = upper_end_of(self.row, major=bool(self.found.criterion), today=begin)
        return min(begin + timedelta(days=days), end.day)

    def _plan(self) -> None:
        # Grading marked its measure as failed: the colour, and with it the longest term, is read anew.
        self.row.refresh_from_db()
        plan = {**_PLAN, "due_date": self._due()}
        if self.found.stop:
            plan |= {"stop": self.found.stop, "interim": ["stop", "watch"]}
        services.plan_finding(actor=self.safety, row=self.row, plan=plan, now=self._at(1))
        if self.row.is_major:
            services.judge_plan(actor=self.head, row=self.row, approved=True, reason="", now=self._at(1))

    def _extend(self) -> None:
        until = (self.row.deadline or self.desk.today) + timedelta(days=5)
        services.ask_extension(actor=self.safety, row=self.row, until=until, reason="配件尚未到货", now=self._at(2))

    def _finish(self) -> None:
        services.finish_finding(
            actor=self.safety, row=self.row, result="已更换并试验合格", lesson=_LESSON,
            photos=[self._photo(self.safety, self.found.days - 2)], now=self._at(2),
        )  # fmt: skip

    def _accept(self) -> None:
        report = demo_further.report(self.desk, self.head, self._at(3)) if self.row.needs_review_report else None
        services.accept_finding(
            actor=self.head, row=self.row, comment="现场查看，符合要求", now=self._at(3), report=report
        )

    def _cancel(self) -> None:
        services.cancel_finding(actor=self.desk.actor("emb"), row=self.row, comment="复核合格", now=self._at(4))

    def _discard(self) -> None:
        services.discard_finding(
            actor=self.safety, row=self.row, name="discard", reason="经检测为表层抹灰裂纹，围堰不渗漏", now=self._at(1)
        )  # fmt: skip

    def _report(self) -> None:
        """Reports of major ones are sent, but for the newest, where they are owed."""
        if self.found.days <= 4 or self.found.until == "overdue":
            return
        for report in MajorReport.objects.filter(finding=self.row, status="DUE").order_by("pk"):
            text = f"{self.row.name}：设备老化所致，危害程度较大，整改难度一般，方案已经主要负责人批准。"
            send_report(actor=self.safety, report=report, text=text, now=self._at(1))

    def _at(self, after: int) -> Any:
        return self.desk.ago(max(0, self.found.days - after), hour=3 + after)

    def _photo(self, who: Actor, days: int) -> UUID:
        """A picture of plain colour, said to be one: the demo shows no real place."""
        picture = BytesIO()
        shade = tuple(self.chance.randrange(90, 200) for _one in range(3))
        Image.new("RGB", (320, 240), shade).save(picture, format="JPEG")
        picture.seek(0)
        at = self.desk.ago(max(0, days))
        stored = receive_file(
            actor=who, content=picture, name="示例照片.jpg", now=at, taken=Taken(at=at - timedelta(minutes=2))
        )  # fmt: skip
        return stored.pk
