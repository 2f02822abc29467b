"""This domain's part of the demo district: who holds which hazardous chemical, where, and what is missing.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from datetime import date, timedelta

from quancheng.domains.registry import (
    demo_census,
    demo_checks,
    demo_environment,
    demo_filings,
    demo_places,
    demo_products,
    demo_projects,
    demo_quality,
    demo_rights,
    demo_storage_places,
)
from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.demo_plants import plants
from quancheng.domains.registry.demo_stations import stations
from quancheng.domains.registry.demo_traders import traders, unlicensed
from quancheng.domains.registry.models import Enterprise, HazardCheck, MajorHazard
from quancheng.domains.registry.services import enterprises, facilities, hazards
from quancheng.domains.registry.services.completeness import measure_all
from quancheng.domains.registry.services.facilities import decommission
from quancheng.kernel.people.models import Organisation


def load(district: District) -> None:
    """Sensitive places first, then the enterprises in the order in which they were found, then what followed."""
    desk = Desk(district)
    demo_places.load(desk)
    firms = [*plants(), *traders(), *stations(), *unlicensed()]
    for firm in sorted(firms, key=lambda one: (-one.entered_days, one.name)):
        desk.enter(firm)
    _leases(desk)
    _later(desk)
    _hazards(desk)
    demo_rights.load(desk)
    demo_projects.load(desk)
    demo_products.load(desk)
    demo_census.load(desk)
    demo_checks.load(desk)
    demo_storage_places.load(desk)
    demo_storage_places.load_checks(desk)
    demo_quality.load(desk)
    demo_environment.load(desk)
    demo_filings.load(desk)
    measure_all(now=district.now)


def _leases(desk: Desk) -> None:
    """Plants within plants (厂中厂): a landlord known here, one known by name, one without an agreement."""
    officer = desk.actor("officer")
    depot = Organisation.objects.get(pk=desk.files["青岚区蓝湾石化储运有限公司"].pk)
    rows = (
        ("青岚区南屏化工经营部", None, "临澜旧纺织厂资产管理处", "3号库西半间", False),
        ("青岚区老灶饭店", None, "望江街道江边路物业", "一层铺面及后院", False),
        ("青岚区新港液化天然气加气站", depot, "", "油库南侧空地", True),
    )
    for tenant, landlord, name, place, agreed in rows:
        enterprises.enter_lease(
            actor=officer,
            file=desk.files[tenant],
            landlord_name=name,
            landlord=landlord,
            place=place,
            use="经营、储存",
            from_date=date(2023, 1, 1),
            to_date=date(2027, 12, 31),
            has_agreement=agreed,
            now=desk.ago(150),
        )


def _later(desk: Desk) -> None:
    """What changed since the census: a safety director who left, a telephone number, a tank taken out of service."""
    own, at = desk.actor("enterprise2"), desk.ago(88)
    file = desk.files["临澜青禾精细化工有限公司"]
    gone = file.contacts.filter(role="safety").get()
    enterprises.leave_contact(actor=own, file=file, contact=gone, now=at)
    enterprises.name_contact(
        actor=own,
        file=file,
        role="safety",
        name=desk.name(),
        post="安全总监",
        phone="19900009901",
        since_date=at.date(),
        now=at,
    )
    store = file.units.get(code="TK1")
    old = facilities.enter_facility(
        actor=own, unit=store, known={"code": "V-04", "name": "原丙酮储罐", "kind": "tank"}, now=at
    )
    decommission(
        actor=own,
        facility=old,
        on=desk.ago(60).date(),
        record="退役2025-03号：断开管线、加盲板、清洗置换合格",
        now=desk.ago(60),
    )
    pharmacy = Enterprise.objects.get(pk=desk.files["青岚区云杉制药有限公司"].pk)
    changed = enterprises.change_enterprise(
        actor=desk.actor("enterprise3"),
        file=pharmacy,
        version=pharmacy.version,
        changes={"staff_count": 436},
        now=desk.ago(40),
    )
    enterprises.verify_enterprise(
        actor=desk.actor("emb"), file=changed, version=changed.version, remark="电话核实。", now=desk.ago(30)
    )


def _hazards(desk: Desk) -> None:
    """The depot's file stands; the waterworks' waits for the bureau; the cold store owes its own; gas was returned."""
    depot = _hazard(desk, "青岚区蓝湾石化储运有限公司", "TK1")
    _file(desk, depot, "enterprise1", 318)
    hazards.accept_hazard(
        actor=desk.actor("emb"), hazard=depot, text="资料齐全，已核对设计文件和评估报告。", now=desk.ago(310)
    )
    _confirm(desk, depot, "现场罐容、周边人口与档案一致。", 316)
    water = _hazard(desk, "青岚区石桥自来水厂", "U1")
    _confirm(desk, water, "现场瓶数与档案一致，周边新建学校，已告知重新统计人口。", 306)
    _file(desk, water, "enterprise8", 5)
    desk.employ("coldstore", desk.files["青岚区清河湾冷链仓储有限公司"], "安全总监", ("enterprise.safety",))
    desk.employ("citygas", desk.files["青岚区华焰城市燃气有限公司"], "安全总监", ("enterprise.safety",))
    gas = _hazard(desk, "青岚区华焰城市燃气有限公司", "U1")
    _file(desk, gas, "citygas", 12)
    hazards.answer_hazard(
        actor=desk.actor("hub"),
        hazard=gas,
        name="return",
        reason="评估报告缺少周边敏感目标一览表，请补充。",
        now=desk.ago(7),
    )
    tanks = _hazard(desk, "临澜青禾精细化工有限公司", "TK1")
    _confirm(desk, tanks, "罐容和设计文件一致。", 312)
    _file(desk, tanks, "enterprise2", 3)


def _confirm(desk: Desk, hazard: MajorHazard, text: str, days: int) -> None:
    hazards.check_hazard(
        actor=desk.actor("emb"), check=HazardCheck.objects.get(hazard=hazard), name="confirm", evidence=(), text=text,
        now=desk.ago(days),
    )  # fmt: skip


def _hazard(desk: Desk, name: str, unit: str) -> MajorHazard:
    return MajorHazard.objects.get(unit__file=desk.files[name], unit__code=unit)


def _file(desk: Desk, hazard: MajorHazard, username: str, days: int) -> None:
    who, at = desk.actor(username), desk.ago(days)
    hazards.file_hazard(
        actor=who,
        hazard=hazard,
        report_date=(at - timedelta(days=10)).date(),
        report_by="临澜衡安安全技术服务有限公司",
        evidence=[desk.paper(who, "安全评估报告", at)],
        now=at,
    )
