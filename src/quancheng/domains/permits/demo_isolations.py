"""The demo's register of isolation: points in every state, upon which permits of its enterprises rely."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from quancheng.domains.permits.demo_papers import unit_of
from quancheng.domains.permits.models import IsolationPoint, LinkRole, Part, Permit, PermitPerson
from quancheng.domains.permits.services import isolations, locks
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor

_PLATE: dict[str, Any] = {
    "device": "BLIND", "energy": "PROCESS", "plate_form": "SPECTACLE", "diameter_mm": 100,
    "rated_mpa": Decimal("1.6"), "material": "20号钢", "medium": "柴油", "medium_mpa": Decimal("0.2"),
    "owner": "示例工艺班",
}  # fmt: skip
_LOCK: dict[str, Any] = {"owner": "示例电气班", "key_holder": "当班班长"}


class _Register:
    """Points of one enterprise: its safety officer tells of the application, its head of the trial."""

    def __init__(self, desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
        self.desk, self.file, self.safety, self.head = desk, file, safety, head
        self.now = desk.district.now
        self.unit = unit_of(file)

    def permit(self, kind: str, *states: str) -> Permit | None:
        return Permit.objects.filter(file=self.file, kind=kind, status__in=states).order_by("pk").first()

    def plan(self, tag: str, place: str, permit: Permit | None = None, **known: Any) -> Any:
        planned = isolations.Planned(tag=tag, place=place, unit=self.unit, **known)
        return isolations.plan_point(
            actor=self.safety, file=self.file, planned=planned, permit=permit, now=self.now
        )

    def apply(self, point: IsolationPoint, permit: Permit) -> None:
        """Of a plate that stood before, its head says so."""
        stood = point.device == "BLIND"
        isolations.apply_point(
            actor=self.head if stood else self.safety, point=point, person=self.of(permit, Part.WORKER).person,
            now=self.now, words="建账前凭纸质盲板抽堵作业票装设（演示）" if stood else "",
        )  # fmt: skip

    def verify(self, point: IsolationPoint, permit: Permit, proof: str, result: str) -> None:
        isolations.verify_point(
            actor=self.safety if point.device == "BLIND" else self.head, point=point,
            person=self.of(permit, Part.GUARDIAN).person, proof=proof, result=result, now=self.now,
        )  # fmt: skip

    def of(self, permit: Permit, part: str) -> PermitPerson:
        found = PermitPerson.objects.select_related("person", "permit__file").filter(permit=permit, part=part)
        return found.order_by("number")[:1].get()

    def confined_space(self) -> None:
        """A plate that stood before the register and the breaker of a mixer, both relied on; a personal lock."""
        permit = self.permit("CS", "WORKING", "PREPARING")
        if permit is None:
            return
        stood = self.desk.date_in(-45)
        plate = self.plan("B-301", "收集罐进料线", **_PLATE, equipment="示例进料线", drawing="示例盲板图-01",
                          stood_since=stood)  # fmt: skip
        self.apply(plate, permit)
        breaker = self.plan("示-DL-07", "配电室07柜", **_LOCK, device="ELEC_LOTO", energy="ELECTRIC", lock_no="示-S-07")
        self.apply(breaker, permit)
        if permit.status == "PREPARING":
            # Its trial is still to come: presenting it is refused.
            for one in (plate, breaker):
                isolations.link_point(actor=self.safety, permit=permit, point=one, now=self.now)
            return
        self.verify(plate, permit, "POSITION", "牌号与盲板图一致，两侧无压")
        self.verify(breaker, permit, "TRY_START", "现场试启动，设备不动作")
        for one in (plate, breaker):
            isolations.link_point(actor=self.safety, permit=permit, point=one, now=self.now)
        locks.hang_lock(
            actor=self.safety, point=breaker, worker=self.of(permit, Part.WORKER), lock_no="示-P-01", team="检修班",
            now=self.now,
        )  # fmt: skip

    def hot_work(self) -> None:
        """A valve that hot work needs locked: its trial found pressure."""
        permit = self.permit("HW", "DRAFT")
        if permit is None:
            return
        valve = self.plan("示-FM-12", "管廊三层压缩空气阀", permit, owner="示例工艺班", key_holder="当班班长",
                          device="VALVE_LOCK", energy="PRESSURE", lock_no="示-S-12", needs_blind=False)  # fmt: skip
        self.apply(valve, permit)
        isolations.fail_point(actor=self.head, point=valve, reason="排放阀仍有压力，阀门内漏", now=self.now)

    def removed(self) -> None:
        """A breaker that was locked for work that is over."""
        permit = self.permit("TE", "WORKING")
        if permit is None:
            return
        breaker = self.plan("示-DL-03", "提取车间配电箱", **_LOCK, device="ELEC_LOTO", energy="ELECTRIC",
                            lock_no="示-S-03", stood_since=self.desk.date_in(-3))  # fmt: skip
        self.apply(breaker, permit)
        self.verify(breaker, permit, "VOLTAGE_TEST", "验电无电压")
        isolations.remove_point(
            actor=self.safety, point=breaker, person=self.of(permit, Part.WORKER).person, now=self.now
        )


def plan_plate(actor: Actor, permit: Permit, now: datetime) -> None:
    """The plate that a blinding permit is to put in: planned with it, before it is presented."""
    planned = isolations.Planned(
        tag="演示-MB-01", place="装卸区进料线法兰", unit=unit_of(permit.file), **_PLATE, equipment="演示进料管线",
        drawing="演示-MB图-01",
    )  # fmt: skip
    isolations.plan_point(
        actor=actor, file=permit.file, planned=planned, permit=permit, role=LinkRole.FITS, now=now
    )


def load_isolations(desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
    """Points of one enterprise, as its permits need them."""
    register = _Register(desk, file, safety, head)
    register.confined_space()
    register.hot_work()
    register.removed()
