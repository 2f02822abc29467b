"""Points of isolation for tests, as their people make them: the safety officer applies, the head verifies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domains.permits.factories import NOW, Crew

from quancheng.domains.permits.models import IsolationPoint, LinkRole, Permit
from quancheng.domains.permits.services import isolations

PLATE: dict[str, Any] = {
    "tag": "MB-01", "device": "BLIND", "energy": "PROCESS", "place": "进料线法兰", "owner": "工艺班",
    "equipment": "进料线L-101", "drawing": "MB图-01", "plate_form": "SPECTACLE", "diameter_mm": 100,
    "rated_mpa": Decimal("1.6"), "material": "20号钢", "medium": "柴油", "medium_mpa": Decimal("0.2"),
}  # fmt: skip
BREAKER: dict[str, Any] = {
    "tag": "DL-07", "device": "ELEC_LOTO", "energy": "ELECTRIC", "place": "配电室07柜", "owner": "电气班",
    "lock_no": "S-07", "key_holder": "当班班长",
}  # fmt: skip


def planned(crew: Crew, *, now=NOW, permit=None, role=LinkRole.RELIES, **known: Any) -> IsolationPoint:
    told = isolations.Planned(**{**BREAKER, **known})
    return isolations.plan_point(
        actor=crew.safety, file=crew.leader.file, planned=told, now=now, permit=permit, role=role
    )


def apply(crew: Crew, point: IsolationPoint, now=NOW) -> IsolationPoint:
    """Of a plate that stood before the register the head says so, with his reason."""
    if point.device == "BLIND" and point.status == "PLANNED" and point.stood_since is not None:
        told = {"actor": crew.head, "words": "建账前凭纸质作业票装设"}
    else:
        told = {"actor": crew.safety}
    return isolations.apply_point(**told, point=point, person=crew.worker, now=now)


def verify(crew: Crew, point: IsolationPoint, now=NOW, **known: Any) -> IsolationPoint:
    given = {"proof": "TRY_START", "result": "试启动不动作", **known}
    told_by_head = point.stood_since is not None and point.applied_by_id == crew.head.user_id
    actor = crew.safety if told_by_head else crew.head
    return isolations.verify_point(actor=actor, point=point, person=crew.guardian, now=now, **given)


def verified(crew: Crew, **known: Any) -> IsolationPoint:
    return verify(crew, apply(crew, planned(crew, **known)))


def link(crew: Crew, permit: Permit, point: IsolationPoint, role=LinkRole.RELIES, now=NOW):
    return isolations.link_point(actor=crew.safety, permit=permit, point=point, role=role, now=now)
