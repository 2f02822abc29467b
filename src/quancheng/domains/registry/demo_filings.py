"""The demo's filings (档案备案): one received, with a change owed since; one for the bureau; one to be certified."""

from __future__ import annotations

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise, Filing
from quancheng.domains.registry.services import enterprises, filings
from quancheng.kernel.access.actor import Actor

_DEPOT, _FINE, _PHARMACY = (
    "青岚区蓝湾石化储运有限公司",
    "临澜青禾精细化工有限公司",
    "青岚区云杉制药有限公司",
)


def load(desk: Desk) -> None:
    """The oldest first."""
    depot = desk.employ("depothead", desk.files[_DEPOT], "总经理", ("enterprise.certifier",))
    fine = desk.employ("finehead", desk.files[_FINE], "总经理", ("enterprise.certifier",))
    desk.employ("pharmahead", desk.files[_PHARMACY], "总经理", ("enterprise.certifier",))
    first = _prepared(desk, _DEPOT, "enterprise1", 70)
    _certified(desk, first, depot, 69)
    filings.receive_filing(
        actor=desk.actor("emb"), filing=first, text="内容与上次现场核查一致。", now=desk.ago(66)
    )
    _certified(desk, _prepared(desk, _FINE, "enterprise2", 3), fine, 2)
    _prepared(desk, _PHARMACY, "enterprise3", 1)
    # What changed since the depot's last filing calls for the next one.
    file = Enterprise.objects.get(pk=desk.files[_DEPOT].pk)
    enterprises.change_enterprise(
        actor=desk.actor("enterprise1"), file=file, version=file.version,
        changes={"staff_count": (file.staff_count or 0) + 6}, now=desk.ago(4),
    )  # fmt: skip


def _prepared(desk: Desk, name: str, username: str, days: int) -> Filing:
    who, at = desk.actor(username), desk.ago(days)
    file = Enterprise.objects.get(pk=desk.files[name].pk)
    filing = filings.begin_filing(actor=who, file=file, reason="企业安全信息备案", now=at)
    return filings.prepare_filing(actor=who, filing=filing, now=at)


def _certified(desk: Desk, filing: Filing, who: Actor, days: int) -> None:
    filings.certify_filing(actor=who, filing=filing, agreed=True, now=desk.ago(days))
