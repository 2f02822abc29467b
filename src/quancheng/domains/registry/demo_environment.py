"""The demo's environmental management: assessments that stand, one overdue, one unverified; where waste goes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise, Licence
from quancheng.domains.registry.services import environment

_FINE, _DEPOT, _DRUGS = "临澜青禾精细化工有限公司", "青岚区蓝湾石化储运有限公司", "青岚区云杉制药有限公司"
#: Enterprise, its account, unit (empty for the whole), grade, days ago assessed, whether the office verified it.
_ASSESSED = (
    (_FINE, "enterprise2", "", "major", 420, True),
    (_FINE, "enterprise2", "TK1", "larger", 420, False),
    (_DEPOT, "enterprise1", "", "larger", 1180, True),
    (_DRUGS, "enterprise3", "", "general", 200, True),
)
#: Enterprise, account, what, code, how it goes, days until the contract ends.
_WASTE = (
    (_FINE, "enterprise2", "废溶剂（甲苯、丙酮）", "900-404-06", "entrust", 140),
    (_FINE, "enterprise2", "过期甲醇", "900-404-06", "reuse", None),
    (_DRUGS, "enterprise3", "废有机溶剂", "900-404-06", "entrust", -12),
    (_DEPOT, "enterprise1", "清罐油泥", "900-221-08", "entrust", 260),
)


def load(desk: Desk) -> None:
    """After the enterprises and their licences."""
    bureau = desk.actor("eeb")
    for place, (firm, username, code, grade, days, verified) in enumerate(_ASSESSED, 1):
        who, file = desk.actor(username), Enterprise.objects.get(pk=desk.files[firm].pk)
        # It may be older than the system; it is entered once its plan was filed.
        since = min(days - 35, 260)
        assessed, at = desk.today - timedelta(days=days), desk.ago(since)
        known = {
            "identified_date": assessed - timedelta(days=40), "assessed_date": assessed, "grade": grade,
            "institute": "临澜清川环境科技有限公司", "plan_no": f"990102-2025-{place:03d}-演",
            "plan_date": assessed + timedelta(days=30),
        }  # fmt: skip
        if not code and grade == "major":
            known |= {"registration_no": f"演环登{place:04d}", "registration_until": desk.date_in(-20)}
        unit = file.units.filter(code=code).first() if code else None
        record = environment.enter_environment(
            actor=who, file=file, unit=unit, known=known, evidence=[desk.paper(who, "环境风险评估报告", at)], now=at
        )
        if verified:
            environment.verify_environment(
                actor=bureau, record=record, version=1, remark="资料齐全。", now=desk.ago(since - 12)
            )
    handler = "青岚区清源危废处置有限公司"
    licence = Licence.objects.filter(file=desk.files[handler], kind="HAZARDOUS_WASTE").order_by("-valid_to").first()
    number = licence.number if licence is not None else "演示危废〔2025〕001"
    for firm, username, name, waste_code, way, days_left in _WASTE:
        entrusted = way == "entrust"
        known = {
            "name": name, "waste_code": waste_code, "way": way, "year_t": Decimal("12.5"),
            "how": "收集后送有资质单位焚烧" if entrusted else "蒸馏回收，回用于清洗",
            "handler_name": handler if entrusted else "", "handler_licence_no": number if entrusted else "",
            "until_date": None if days_left is None else desk.date_in(days_left),
        }  # fmt: skip
        environment.arrange_waste(
            actor=desk.actor(username), file=Enterprise.objects.get(pk=desk.files[firm].pk), known=known,
            now=desk.ago(200),
        )  # fmt: skip
