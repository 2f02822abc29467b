"""The demo's checks: a stopped plant, the design re-verification of chemical users, laboratories, supplies of fuel."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.kinds import CheckKind
from quancheng.domains.registry.models import Enterprise, Facility, Reverification
from quancheng.domains.registry.queries.checks import items_of
from quancheng.domains.registry.services import checks, fuel
from quancheng.domains.registry.services.checks import CheckSpec


def load(desk: Desk) -> None:
    """After the enterprises."""
    _stopped(desk)
    _design(desk)
    _laboratories(desk)
    _fuel(desk)


def _spec(kind: str, desk: Desk, days: int, *wrong: str, said: str = "", text: str = "") -> CheckSpec:
    """Every item met but those named."""
    day = desk.ago(days).date()
    items = items_of(kind, census=None, on=day)[1]
    answers = {one.place: ("no", said) if one.place in wrong else ("yes", "") for one in items}
    return CheckSpec(answers=answers, day=day, text=text)


def _stopped(desk: Desk) -> None:
    """One line of the fine chemical plant stands still: checked once, the next check is due."""
    own, file = desk.actor("enterprise2"), desk.files["临澜青禾精细化工有限公司"]
    unit = file.units.filter(kind="production").order_by("code").first() or file.units.order_by("code").first()
    row = checks.stop(
        actor=own, file=Enterprise.objects.get(pk=file.pk), unit=unit, since=desk.ago(75).date(),
        reason="产品停产，等待工艺改造", resume=(desk.ago(0) + timedelta(days=120)).date(), every_days=30,
        now=desk.ago(60),
    )  # fmt: skip
    said, text = "2号釜出料管未加盲板，已安排", "物料已退净，留存量见存量登记。"
    spec = _spec(CheckKind.STOPPED, desk, 55, "2", said=said, text=text)
    checks.check_stoppage(actor=own, stoppage=row, spec=spec, now=desk.ago(55))
    checks.check_stoppage(
        actor=own, stoppage=row, spec=_spec(CheckKind.STOPPED, desk, 26, text="盲板已加装。"), now=desk.ago(26)
    )


def _design(desk: Desk) -> None:
    """Opened for all chemical users of the bureau: one passed, one has to mend."""
    bureau = desk.actor("emb")
    due = (desk.ago(0) + timedelta(days=45)).date()
    checks.open_reverifications(actor=bureau, kinds=["user", "fine_chemical"], due_date=due, now=desk.ago(35))
    rows = list(Reverification.objects.select_related("file").order_by("code")[:2])
    for row, wrong in zip(rows, ((), ("2", "3")), strict=False):
        spec = _spec(CheckKind.DESIGN, desk, 20, *wrong, said="诊断报告提出的防爆改造尚未完成")
        evidence = [desk.paper(bureau, "设计诊断报告复核记录", desk.ago(20))]
        spec = CheckSpec(answers=spec.answers, day=spec.day, text=spec.text, evidence=evidence)
        checks.judge_reverification(
            actor=bureau, row=row, name="demand" if wrong else "pass", spec=spec,
            mend_date=(desk.ago(0) + timedelta(days=15)).date() if wrong else None, now=desk.ago(20),
        )  # fmt: skip


def _laboratories(desk: Desk) -> None:
    """The rooms of schools that are laboratories."""
    officer = desk.actor("officer")
    rooms = Facility.objects.filter(kind="laboratory", unit__file__kind="laboratory").order_by("unit__file", "code")
    for number, room in enumerate(rooms.select_related("unit__file")):
        known = {
            "kind": "teaching" if number else "research", "room": f"实验楼{number + 2}0{number + 1}室",
            "section": "化学教研室",
            "head": desk.name(), "safety_officer": "" if number else desk.name(), "people_count": 12 + number,
            "trained_count": 9 + number,
        }  # fmt: skip
        lab = checks.enter_laboratory(actor=officer, facility=room, known=known, now=desk.ago(90))
        wrong = ("3", "6") if number else ()
        spec = _spec(CheckKind.LABORATORY, desk, 33, *wrong, said="台账与实物不符，废液桶无标签")
        checks.record_check(
            actor=officer, file=lab.file, kind=CheckKind.LABORATORY, spec=spec, laboratory=lab, now=desk.ago(33)
        )


def _fuel(desk: Desk) -> None:
    """The restaurant is supplied by the station of its street, and had another from outside."""
    officer, user = desk.actor("officer"), Enterprise.objects.get(pk=desk.files["青岚区老灶饭店"].pk)
    rows = (("临澜明焰醇基燃料供应站", "0.9", "0.5"), ("邻县顺达燃料经营部", "0.2", "0.1"))
    for name, monthly, stored in rows:
        known = {
            "supplier_name": name, "monthly_t": Decimal(monthly), "stored_t": Decimal(stored),
            "storage": "后院0.8立方米不锈钢罐", "since_date": desk.ago(130).date(),
        }  # fmt: skip
        fuel.enter_supply(actor=officer, file=user, known=known, now=desk.ago(120))
