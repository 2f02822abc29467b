"""A plan with report duties, as tests of reports, board, wall chart and packs need it."""

from __future__ import annotations

from datetime import date, datetime

from tests.factories import District, house_actor

from quancheng.domains.duty.drafts import doubts_of
from quancheng.domains.duty.models import Plan
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services import review
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.kernel.people.models import OrganisationGroup
from quancheng.kernel.people.services import create_group

_TEXT = """示例区安全生产委员会办公室
关于印发YEAR年危险化学品安全监管工作要点的通知
示安办〔YEAR〕9号

区应急局，各街道办事处：
现将《YEAR年危险化学品安全监管工作要点》印发你们，请认真抓好落实。

示例区安全生产委员会办公室
YEAR年1月10日
（此件公开发布）

YEAR年危险化学品安全监管工作要点

一、重点任务
（一）健全责任体系
重点任务1：调整公布监管责任清单。
责任单位：区应急局
完成时限：YEAR年10月底前
重点任务2：开展加油站专项检查。
责任单位：区应急局、各街道办事处
完成时限：YEAR年6月底前
（二）深化专项整治
重点任务3：开展油气储存企业评估。
责任单位：区应急局
完成时限：YEAR年12月底前
二、工作要求
（一）加强信息报送。区应急局、各街道办事处每月20日前将本月工作进展情况报送区安委办，每季度末月20日前报送季度总结，YEAR年11月中旬报送年度工作总结。
"""


def text_of(year: int) -> str:
    return _TEXT.replace("YEAR", str(year))


def commit(district: District, now: datetime, *, period_to: date | None = None) -> Plan:
    """The plan of the moment's year, imported, confirmed and committed by the office at that moment.

    :param period_to: the plan's last day; the end of the year unless given.
    """
    text = text_of(now.year)
    if not OrganisationGroup.objects.filter(name="各街道办事处").exists():
        create_group(actor=house_actor(), name="各街道办事处", aliases=["各街道"], kinds=["town"], now=now)
    director = district.director
    plan = review.register_plan(
        actor=director,
        lines=text.split("\n"),
        parsed=parse_plan(text).to_json(),
        source_name="要点.txt",
        source_sha256="0" * 64,
        now=now,
    )
    for draft in plan.drafts.order_by("order"):
        if doubts_of(draft):
            review.correct_draft(actor=director, draft=draft, fields={}, version=draft.version, now=now)
    if period_to is not None:
        fields = {"period_to": period_to}
        review.correct_plan(actor=director, plan=plan, fields=fields, version=plan.review_version, now=now)
        plan.refresh_from_db()
    return commit_plan(actor=director, plan=plan, now=now)
