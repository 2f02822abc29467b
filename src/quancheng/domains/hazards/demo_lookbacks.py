"""The demo's look back for responsibility: at the listed danger, concluded and waiting for the chief's approval."""

from __future__ import annotations

from quancheng.domains.hazards.demo_listings import NAME
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import lookbacks as services
from quancheng.domains.registry.demo_parts import Desk


def load(desk: Desk) -> None:
    """Opened by the department ten days ago at a small accident; two conclusions, submitted."""
    row = Finding.objects.filter(name=NAME).select_related("file").first()
    if row is None:
        return
    emb = desk.actor("emb")
    made = services.open_lookback(
        actor=emb, finding=row, reason="切断阀失灵期间发生物料泄漏，未造成人员伤害", accident="原料罐区物料泄漏险情",
        now=desk.ago(10),
    )  # fmt: skip
    spec = services.ConclusionSpec(
        link="plant", fault="unmended", level="unit", org=row.owner_org, who="设备部", suggestion="talk",
        evidence="整改期限届满后未申请延期，治理方案中的临时停用措施没有落实。",
    )  # fmt: skip
    services.conclude(actor=emb, row=made, spec=spec, now=desk.ago(7))
    spec = services.ConclusionSpec(
        link="follow_up", fault="unurged", level="authority", org=made.owner_org, who="危化科", suggestion="teach",
        evidence="期限届满后超过30日才提议挂牌督办。",
    )  # fmt: skip
    services.conclude(actor=emb, row=made, spec=spec, now=desk.ago(7))
    services.submit_lookback(
        actor=emb, row=made, text="企业未按期整改、未落实临时措施，监管部门跟踪督促不及时。", now=desk.ago(6)
    )  # fmt: skip
