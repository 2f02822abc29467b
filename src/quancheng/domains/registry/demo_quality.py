"""The demo's inspected products: passed ones, one that the enterprise has to mend, one that waits for its re-test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.domains.registry.services import quality
from quancheng.domains.registry.services.quality import RetestSpec

_FINE, _GASES, _DEPOT = "临澜青禾精细化工有限公司", "青岚区东湖气体充装站", "青岚区蓝湾石化储运有限公司"
_INSTITUTE = "临澜市产品质量检验院"
#: Enterprise, product, sample where it is none on file, kind, standard, batch, days ago, whose result, what failed.
_ROWS: tuple[tuple[str, str, str, str, str, str, int, str, str], ...] = (
    (_FINE, "工业甲醇", "", "sampling", "GB/T 338-2011", "M2608-02", 150, "", ""),
    (_DEPOT, "92号车用汽油", "", "sampling", "GB 17930-2016", "", 120, "", ""),
    (_FINE, "QH-201 聚氨酯稀释剂", "", "sampling", "HG/T 3378-2003", "B2609-05", 75, "",
     "水分：标准值不大于0.1%，实测0.32%"),
    (_GASES, "工业氧气", "", "sampling", "GB/T 3863-2008", "", 48, "", "纯度：标准值不低于99.2%，实测98.7%"),
    (_GASES, "", "溶解乙炔气瓶 40 L", "package", "GB/T 11638-2020", "C2610-22", 40, "", ""),
    (_FINE, "QH-201 聚氨酯稀释剂", "", "export", "《国际海运危险货物规则》", "B2611-03", 11, "临澜海关", ""),
    (_FINE, "QH-201 聚氨酯稀释剂", "", "licence", "HG/T 3378-2003", "B2611-07", 9, "",
     "闪点：标准值不低于23℃，实测19℃"),
)  # fmt: skip


def load(desk: Desk) -> None:
    """After the products."""
    made = [_record(desk, number, *row) for number, row in enumerate(_ROWS, 1)]
    who, bureau = desk.actor("enterprise2"), desk.actor("msb")
    thinner, oxygen = made[2], made[3]
    said = "更换脱水塔填料，库存B2609-05批全部返工；已售12桶召回9桶。"
    quality.answer_inspection(
        actor=who, row=thinner, text=said, evidence=[desk.paper(who, "整改报告", desk.ago(50))], now=desk.ago(50)
    )
    spec = RetestSpec(desk.ago(42).date(), _INSTITUTE, "临检2026-F017")
    quality.retest_inspection(actor=bureau, row=thinner, name="close", spec=spec, now=desk.ago(40))
    gases = desk.actor("enterprise7")
    quality.answer_inspection(
        actor=gases, row=oxygen, text="更换分子筛，停充三天，逐瓶抽检合格后恢复。", now=desk.ago(6)
    )


def _record(
    desk: Desk, number: int, firm: str, product: str, sample: str, kind: str, standard: str, batch: str, days: int,
    issuer: str, failed: str,
) -> Inspection:  # fmt: skip
    bureau, at = desk.actor("msb"), desk.ago(days)
    file = Enterprise.objects.get(pk=desk.files[firm].pk)
    known: dict[str, Any] = {
        "product_name": sample or product, "kind": kind, "batch": batch,
        "sampled_date": (at - timedelta(days=14)).date(), "institute": _INSTITUTE, "standard": standard,
        "report_no": f"临检2026-{number:04d}", "reported_date": (at - timedelta(days=3)).date(), "issuer": issuer,
        "result": "failed" if failed else "passed", "failed_items": failed,
        "disposal": "该批次停止销售、封存" if failed else "",
    }  # fmt: skip
    return quality.record_inspection(
        actor=bureau, file=file, product=Product.objects.filter(file=file, name=product).first(), known=known,
        evidence=[desk.paper(bureau, f"检验报告{number:04d}", at)], now=at,
    )  # fmt: skip
