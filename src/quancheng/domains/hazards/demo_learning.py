"""The demo's same-type self-check: one danger of the demo is asked of the like enterprises; some have answered."""

from __future__ import annotations

from quancheng.domains.hazards.models import Finding, PushReply
from quancheng.domains.hazards.queries.learning import Asked, candidates
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.hazards.services.learning import PushSpec, answer_push, push_self_check
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise


def load(desk: Desk) -> None:
    """A push of nine days ago by the department; the first enterprise found one, the second none, others still owe."""
    source = Finding.objects.filter(name="反应釜爆破片超期未更换").first()
    office = desk.actor("emb")
    asked = Asked(equipment="罐", kinds=("fine_chemical", "pharmaceutical"))
    meant = [one.file.pk for one in candidates(actor=office, asked=asked, besides=source)]
    if source is None or not meant:
        return
    spec = PushSpec(
        title="安全附件超期使用同类自查", finding=source,
        text="逐台核对安全阀、爆破片、压力表、液位计的检定、更换日期，超期的立即停用并登记隐患。",
    )  # fmt: skip
    made = push_self_check(actor=office, spec=spec, asked=asked, files=meant, now=desk.ago(9))
    answered = 0
    for number in range(1, 9):
        file = Enterprise.objects.filter(pk=desk.district.enterprises[number - 1].pk).first()
        reply = PushReply.objects.filter(push=made, file=file).first() if file else None
        if reply is None or file is None or answered == 3:
            continue
        who = desk.actor(f"enterprise{number}")
        if answered == 0:
            spec_of = FindingSpec(name="T-203罐呼吸阀超过检定期", place="成品罐区", type="equipment", source="accident")
            found = report_finding(actor=who, file=file, spec=spec_of, now=desk.ago(6))
            answer_push(actor=who, row=reply, name="found", text="共核对安全附件46件，1件超期，已停用。",
                        findings=[found], now=desk.ago(5))  # fmt: skip
        elif answered == 1:
            answer_push(actor=who, row=reply, name="clear", text="共核对安全附件12件，均在有效期内。", now=desk.ago(4))
        else:
            answer_push(actor=who, row=reply, name="not_applicable", text="相关装置已于去年拆除。", now=desk.ago(3))
        answered += 1
