"""The demo's further parts of the loop: dangers handed over, and work that stopped, resumed or waits to."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.hazards.models import Finding, Resumption
from quancheng.domains.hazards.services import hand_overs, resumptions
from quancheng.domains.hazards.services.review_reports import ReportSpec
from quancheng.domains.registry.demo_parts import Desk
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.people.models import Organisation

RESUMED = "反应釜爆破片超期未更换"
#: Handed over: one waits, one was accepted, one was sent back.
HANDED = ("装车车辆紧急切断阀失效", "宿舍区消防通道堵塞", "加油机计量铅封破损")
_ASSESSOR = "示例安全评价有限公司"


def report(desk: Desk, who: Actor, at: datetime) -> ReportSpec:
    """An agency's report that a danger is gone."""
    return ReportSpec(
        maker_kind="agency", maker=_ASSESSOR, made_date=Calendar().local_date(at), verdict="removed",
        conclusion="现场核查，隐患已消除，联锁和报警试验合格", files=(desk.paper(who, "隐患整改审查报告", at),),
    )  # fmt: skip


def load(desk: Desk) -> None:
    _hand_over(desk)
    _resume(desk)


def _hand_over(desk: Desk) -> None:
    emb, trb = desk.actor("emb"), desk.actor("trb")
    receiver = Organisation.objects.get(pk=str(trb.organisation_id))
    basis = "区安委会成员单位安全生产工作职责分工"
    for name, ends, days in zip(HANDED, ("", "accept", "return"), (4, 9, 12), strict=True):
        row = Finding.objects.select_related("file").filter(name=name).first()
        if row is None:
            continue
        made = hand_overs.hand_over(
            actor=emb, row=row, receiver=receiver, reason="属运输车辆和场所外围管理，不在本局监管职责内", basis=basis,
            now=desk.ago(days),
        )  # fmt: skip
        if ends == "accept":
            hand_overs.receive(actor=trb, row=made, text="已列入本局隐患台账", now=desk.ago(days - 1))
        elif ends == "return":
            hand_overs.send_back(actor=trb, row=made, name="return", reason="属加油站内设备，由应急管理部门监管",
                                 now=desk.ago(days - 2))  # fmt: skip


def _resume(desk: Desk) -> None:
    """Of the danger that is off the list work was refused first and then allowed; of the other it waits."""
    emb = desk.actor("emb")
    closed = Finding.objects.select_related("file").filter(name=RESUMED, status="CLOSED").first()
    if closed is not None and closed.is_stopped:
        for days, allowed, said in ((38, False, "爆破片已更换，联锁尚未投用"), (33, True, "现场审查合格，同意恢复")):
            made = _apply(desk, closed, days)
            resumptions.decide_resumption(
                actor=emb, row=made, allowed=allowed, visited=Calendar().local_date(desk.ago(days - 2)), text=said,
                evidence=[], now=desk.ago(days - 2),
            )  # fmt: skip
            closed.refresh_from_db()
    waiting = Finding.objects.select_related("file").filter(status="CANCELLING").exclude(stop="none")
    for row in waiting.order_by("found_at", "pk"):
        _apply(desk, row, 3)


def _apply(desk: Desk, row: Finding, days: int) -> Resumption:
    at = desk.ago(days)
    number = next(number for number, one in enumerate(desk.district.enterprises, 1) if one.pk == row.owner_org_id)
    who = desk.actor(f"enterprise{number}")
    spec = resumptions.ResumptionSpec(
        text="整改已完成并经本单位验收，申请恢复停用部位的生产。", assessor_kind="agency", assessor=_ASSESSOR,
        assessment="停用部位具备恢复生产的安全条件", files=(desk.paper(who, "恢复生产安全评估报告", at),),
    )  # fmt: skip
    return resumptions.apply_resumption(actor=who, row=row, spec=spec, now=at)
