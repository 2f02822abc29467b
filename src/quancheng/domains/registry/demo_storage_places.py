"""The demo's storage places: one shared by two firms, one merged into another, one that stands in no licence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Holding, Unit
from quancheng.domains.registry.queries.storage_checks import goods_of, list_papers, list_workshops
from quancheng.domains.registry.queries.storage_places import STORING
from quancheng.domains.registry.services import storage_checks, storage_places


def load(desk: Desk) -> None:
    """After stock and licences; whatever the firms happen to have is taken."""
    officer = desk.actor("officer")
    shop = _places("青岚区南屏化工经营部").first()
    if shop is not None:
        changes = {"shared_with": ["临澜旧纺织厂资产管理处", "青岚区南屏五金建材行"]}
        storage_places.set_place(actor=officer, unit=shop, version=0, changes=changes, now=desk.ago(60))
    for unit in _places("临澜青禾精细化工有限公司"):
        others = _places("临澜青禾精细化工有限公司").exclude(pk=unit.pk)
        left = Holding.objects.filter(facility__unit=unit, ended_date__isnull=True, present_t__gt=0)
        if others and not left.exists():
            storage_places.merge_places(
                actor=desk.actor("enterprise2"), source=unit, target=others[0], on=desk.ago(45).date(),
                reason="小库停用，物料并入主罐区，减少储存点。", now=desk.ago(45),
            )  # fmt: skip
            break
    cold = _places("青岚区清河湾冷链仓储有限公司").first()
    if cold is not None:
        storage_places.report_place(
            actor=desk.actor("street6"), unit=cold, now=desk.ago(4),
            text="库区西侧加建彩钢棚，存放制冷用化学品若干桶，现场不能出示许可。",
        )  # fmt: skip


def load_checks(desk: Desk) -> None:
    """After stock: workshops get their limits, one of them less than lies there; one place its papers."""
    own = {one.pk: number for number, one in enumerate(desk.district.enterprises, 1)}
    officer = desk.actor("officer")
    workshops: Any = list_workshops(actor=officer)
    for order, unit in enumerate(workshops.filter(present_t__gt=0)):
        share = Decimal("0.8") if order == 0 else Decimal("1.5")
        limit = max(Decimal("0.001"), (unit.present_t * share).quantize(Decimal("0.001")))
        storage_checks.set_workshop_limit(
            actor=officer, unit=unit, version=0, limit_t=limit, source="车间暂存管理制度（2026）第3条",
            now=desk.ago(30),
        )  # fmt: skip
    for unit in list_papers(actor=officer, on=desk.date_in(0)).filter(file__in=list(own))[:4]:
        who = desk.actor(f"enterprise{own[unit.file_id]}")
        known = {"kind": "plan", "title": f"{unit.name}现场处置方案", "issued_date": desk.date_in(-200)}
        storage_checks.enter_paper(actor=who, unit=unit, known=known, now=desk.ago(25))
        for chemical in goods_of(unit)[:1]:
            known = {"kind": "sheet", "chemical": chemical, "title": f"{chemical.name}安全技术说明书（供应商）",
                     "issued_date": desk.date_in(-300)}  # fmt: skip
            storage_checks.enter_paper(actor=who, unit=unit, known=known, now=desk.ago(25))


def _places(name: str) -> QuerySet[Unit]:
    rows = Unit.objects.filter(file__enterprise__name=name, facilities__kind__in=STORING, ended_date__isnull=True)
    return rows.distinct().order_by("code")
