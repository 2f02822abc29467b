"""By what right the demo's enterprises work: licences with their clocks, posts, safety expenses (证照、岗位、安全费用).

Most is in order. What is not is named in :data:`_RUNNING_OUT` and its neighbours, each with the reason for which it is
in the demo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise, Holding, Licence, LicenceExit, LicenceRenewal, ToldFact
from quancheng.domains.registry.queries.derived import facts_of, two_key_one_major
from quancheng.domains.registry.queries.licences import SCOPE_KINDS, MatrixRow, licences_of, matrix_of
from quancheng.domains.registry.queries.posts import post_rows
from quancheng.domains.registry.services import expenses, expiry, licences, posts
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.licences import LicenceSpec, ScopeItem
from quancheng.kernel.calendar import Calendar
from quancheng.standards.safety_expense import industry_of

#: Enterprise and kind: days that the licence still runs; below 0 it has run out.
_RUNNING_OUT: dict[tuple[str, str], int] = {
    ("青岚区东湖气体充装站", "OPERATING"): 40,
    ("青岚区望江加油站", "OPERATING"): 27,
    ("青岚区梧桐里加油站", "OPERATING"): 86,
    ("青岚区石桥加油站", "OPERATING"): 5,
    ("柳溪镇上柳村烟花爆竹零售点", "FIREWORKS_RETAIL"): 12,
    ("临澜青禾精细化工有限公司", "REGISTRATION"): 55,
    ("青岚区云杉加油站", "OPERATING"): -20,
    ("青岚区北塔加油站", "OPERATING"): -4,
    ("临澜远达危货运输有限公司", "ROAD_TRANSPORT"): -45,
    ("青岚区西关液化石油气站", "EMERGENCY_PLAN"): -60,
}
#: What nobody could show.
_MISSING = {
    ("临澜恒基能源贸易有限公司", "OPERATING"),
    ("青岚区柳溪东加油站", "EMERGENCY_PLAN"),
    ("临澜明焰醇基燃料供应站", "BUSINESS"),
}
#: Chemicals in stock that the scope does not name.
_NOT_NAMED = {"临澜保税港危化品仓储有限公司": {"氰化钠"}}
#: Another address is printed on the licence than where the goods are.
_ELSEWHERE = {"青岚区南屏化工经营部": "和平路188号写字楼"}
#: What traders on paper may sell, who have nothing in stock to read it from.
_ON_PAPER = ("甲醇", "丙酮", "甲苯", "乙酸乙酯")
_WAYS = {"petrol_station": "petrol_station", "depot": "storage_trade", "trader_paper": "paper_only"}
_TOLD: dict[str, dict[str, bool | None]] = {
    "临澜青禾精细化工有限公司": {"produces_hazardous": True, "makes_listed_product": True, "imports": False,
                     "uses_above_limit": False},
    "青岚区云杉制药有限公司": {"produces_hazardous": False, "makes_listed_product": False, "uses_above_limit": False,
                    "key_user": True, "imports": False},
    "青岚区石桥自来水厂": {"uses_above_limit": False, "key_user": True, "imports": False},
    "青岚区清源危废处置有限公司": {"collects_waste_only": False},
    "临澜保税港危化品仓储有限公司": {"imports": False},
    "青岚区蓝湾石化储运有限公司": {"imports": False},
}  # fmt: skip
#: Posts that stay empty.
_EMPTY = {
    "青岚区蓝湾石化储运有限公司": {"DEPUTY_INSTRUMENT"},
    "临澜青禾精细化工有限公司": {"DEPUTY_EQUIPMENT", "ENGINEER_INSTRUMENT"},
    "青岚区石桥自来水厂": {"MAJOR_TECH"},
    "青岚区清河湾冷链仓储有限公司": {"MAJOR_MAIN", "MAJOR_TECH", "MAJOR_OPER"},
}
#: Last year's revenue, what was drawn of what is due, what of that was used.
_MONEY: dict[str, tuple[str, str, str]] = {
    "青岚区蓝湾石化储运有限公司": ("86000000", "1", "0.71"),
    "临澜青禾精细化工有限公司": ("54000000", "0.8", "0.55"),
    "青岚区望江加油站": ("12600000", "1", "0.9"),
    "青岚区东湖气体充装站": ("9400000", "1", "0.3"),
    "临澜平安危货运输有限公司": ("21000000", "0.6", "0.6"),
    "临澜保税港危化品仓储有限公司": ("33000000", "1", "0.82"),
}
_SPENT = (
    ("facilities", "0.4", "可燃气体探测器和紧急切断阀更换"),
    ("training", "0.15", "从业人员安全培训与考核"),
    ("tests", "0.2", "防雷防静电、压力表和安全阀检测"),
    ("emergency", "0.25", "正压式空气呼吸器、应急演练"),
)


@dataclass
class _Shelf:
    """Numbers the papers, and spreads their days."""

    count: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str) -> int:
        self.count += 1
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1
        return self.by_kind[kind]


def load(desk: Desk) -> None:
    """Licences first, as the census found them; then the clock's rounds, and what people did about them."""
    shelf = _Shelf()
    for name, facts in _TOLD.items():
        licences.tell_facts(actor=desk.keeper(name), file=desk.files[name], facts=facts, now=desk.entered(name))
    for name in desk.firms:
        file = Enterprise.objects.select_related("enterprise").get(pk=desk.files[name].pk)
        # What is entered at one sitting is measured once, at its end.
        with assessing(actor=desk.keeper(name), now=desk.entered(name), because="registry.licence.enter"):
            for row in _matrix(desk, file):
                if row.is_due and (name, row.kind.code) not in _MISSING and row.kind.code != "HIGHLY_TOXIC_PURCHASE":
                    _enter(desk, shelf, name, file, row)
            _posts(desk, name, file)
    _clock(desk)
    for name, money in _MONEY.items():
        _expense(desk, name, money)


def _facts(desk: Desk, file: Enterprise) -> tuple[list[Holding], list[Licence], dict[str, bool | None]]:
    holdings = list(file.holdings.filter(ended_date__isnull=True).select_related("chemical", "facility"))
    standing = licences_of(file, on=desk.today)
    told = dict(ToldFact.objects.filter(file=file).values_list("fact", "holds"))
    return holdings, standing, facts_of(
        file, two_key_one_major(file), told=told, holdings=holdings, licences=standing
    )  # fmt: skip


def _matrix(desk: Desk, file: Enterprise) -> list[MatrixRow]:
    _holdings, standing, facts = _facts(desk, file)
    return matrix_of(file, licences=standing, facts=facts)


def _enter(desk: Desk, shelf: _Shelf, name: str, file: Enterprise, row: MatrixRow) -> None:
    kind, number = row.kind.code, shelf.next(row.kind.code)
    at = desk.entered(name)
    left = _RUNNING_OUT.get((name, kind), 150 + shelf.count * 97 % 700 if row.kind.years else None)
    if left is None or row.kind.years is None:
        first, last = date(2019, 5, 6), None
    else:
        last = desk.today + timedelta(days=left)
        first = last - timedelta(days=365 * row.kind.years - 1)
        first = min(first, at.date())
    organisation = file.enterprise
    known: dict[str, Any] = {
        "number": _number(kind, number, first, (organisation.credit_code if organisation else "") or ""),
        "holder_name": organisation.name if organisation else name,
        "holder_code": (organisation.credit_code if organisation else "") or "",
        "issuer": row.kind.office.zh, "issued_date": first, "valid_from": first, "valid_to": last,
        "registered_address": file.registered_address, "trading_address": _ELSEWHERE.get(name, file.address),
    }  # fmt: skip
    items: Sequence[ScopeItem] = ()
    if kind in SCOPE_KINDS:
        items = _scope(desk, name, file)
        known["scope"] = "、".join(item.chemical.name for item in items) or "详见副本"
    if kind == "OPERATING":
        known["way_of_trade"] = _WAYS.get(file.kind, "with_storage")
    who = desk.keeper(name)
    paper = desk.paper(who, f"{row.kind.name.zh}扫描件", at)
    made = licences.enter_licence(
        actor=who, file=file, spec=LicenceSpec(kind, known, items, (paper,)), now=at
    )  # fmt: skip
    if desk.firms[name].verified and (office := desk.verifier(file)) is not None:
        later = at + timedelta(days=4)
        licences.verify_licence(
            actor=office, licence=made, version=made.version, remark="与原件一致。", now=min(later, desk.district.now)
        )


def _number(kind: str, number: int, first: date, credit_code: str) -> str:
    year = first.year
    return {
        "BUSINESS": credit_code,
        "OPERATING": f"演示危经〔{year}〕{number:04d}",
        "SAFETY_PRODUCTION": f"演示WH安许〔{year}〕{number:04d}",
        "REGISTRATION": f"9901{year % 100:02d}{number:04d}",
        "EMERGENCY_PLAN": f"990102-{year}-{number:04d}",
        "ROAD_TRANSPORT": f"演示危运9901{number:06d}",
        "FIREWORKS_WHOLESALE": f"演示YHPF〔{year}〕{number:03d}",
        "FIREWORKS_RETAIL": f"演示YHLS〔{year}〕{number:03d}",
        "HAZARDOUS_WASTE": f"演示危废〔{year}〕{number:03d}",
    }.get(kind) or f"演示〔{year}〕{kind[:4]}{number:04d}"


def _scope(desk: Desk, name: str, file: Enterprise) -> list[ScopeItem]:
    if file.kind == "trader_paper":
        return [ScopeItem(desk.chemical(one)) for one in _ON_PAPER]
    permitted: dict[str, Decimal | None] = {}
    chemicals = {}
    for one in file.holdings.filter(ended_date__isnull=True).select_related("chemical").order_by("chemical__pinyin"):
        if one.chemical.name in _NOT_NAMED.get(name, ()):
            continue
        chemicals[one.chemical.name] = one.chemical
        before = permitted.get(one.chemical.name, Decimal(0))
        permitted[one.chemical.name] = None if before is None or one.licensed_t is None else before + one.licensed_t
    return [ScopeItem(chemicals[key], permitted[key]) for key in permitted]


# What the clock did ----------------------------------------------------------------------------------------------


def _clock(desk: Desk) -> None:
    """The rounds of the nightly look, at the days on which it had something to say; and what people answered."""
    for days in (110, 75, 43, 18, 12):
        expiry.look_at_licences(now=desk.ago(days))
    emb = desk.actor("emb")
    gone = LicenceExit.objects.get(file=desk.files["青岚区云杉加油站"])
    expiry.move_exit(
        actor=emb, row=gone, name="order", text="经营许可证到期未延续，责令即日起停止经营，封存加油机。",
        evidence=[desk.paper(emb, "现场处理措施决定书", desk.ago(16))], now=desk.ago(16),
    )  # fmt: skip
    expiry.move_exit(
        actor=emb, row=gone, name="check", text="现场已停止经营，油罐余油由供应商回收，待出具清洗记录。",
        evidence=[desk.paper(emb, "现场检查记录", desk.ago(9))], now=desk.ago(9),
    )  # fmt: skip
    for days in (3, 0):
        expiry.look_at_licences(now=desk.ago(days))
    applied = LicenceRenewal.objects.filter(licence__file=desk.files["青岚区望江加油站"], status="OPEN").first()
    if applied is not None:
        expiry.answer_renewal(
            actor=desk.actor("enterprise4"), renewal=applied, name="apply",
            text="已向市应急管理局提交延续申请，受理号演示2026-018。", now=desk.ago(2),
        )  # fmt: skip
    _renewed(desk)
    retail = Licence.objects.filter(file=desk.files["西关街道环城烟花爆竹零售点"], kind="FIREWORKS_RETAIL").first()
    if retail is not None:
        licences.decide_licence(
            actor=emb, licence=retail, decision="suspended", decided_date=desk.ago(25).date(),
            reason="超量储存烟花爆竹，责令整改期间暂扣。", now=desk.ago(25),
        )  # fmt: skip


def _renewed(desk: Desk) -> None:
    """The gas filler's operating licence was prolonged in time: the former one stays, as replaced."""
    file = desk.files["青岚区东湖气体充装站"]
    old = Licence.objects.filter(file=file, kind="OPERATING").first()
    if old is None or old.valid_to is None:
        return
    known: Mapping[str, Any] = {name: getattr(old, name) for name in licences.FIELDS}
    first = desk.ago(30).date()
    licences.enter_licence(
        actor=desk.actor("enterprise7"), file=old.file, now=desk.ago(28),
        spec=LicenceSpec(
            "OPERATING",
            {**known, "issued_date": first, "valid_from": first, "valid_to": old.valid_to + timedelta(days=3 * 365)},
            [ScopeItem(one.chemical, one.permitted_t) for one in old.items.select_related("chemical")],
        ),
    )  # fmt: skip


# Posts and money -------------------------------------------------------------------------------------------------


def _posts(desk: Desk, name: str, file: Enterprise) -> None:
    at = desk.entered(name)
    _holdings, _standing, facts = _facts(desk, file)
    for row in post_rows(file, holders=(), on=at.date(), marks=two_key_one_major(file), facts=facts):
        if row.post.code in _EMPTY.get(name, ()) or desk.firms[name].people < 2:
            continue
        for _place in range(row.lacking if row.is_gap else 0):
            licensed = row.post.code in ("REGISTERED_SAFETY_ENGINEER", "SAFETY_MANAGER")
            posts.name_holder(
                actor=desk.keeper(name), file=file, post=row.post.code, name=desk.name(), now=at,
                certificate_no=f"演示AQ{desk.count():06d}" if licensed else "",
                valid_to=desk.today + timedelta(days=400 + desk.count() % 500) if licensed else None,
                since_date=date(2022, 3, 1),
            )  # fmt: skip


def _expense(desk: Desk, name: str, money: tuple[str, str, str]) -> None:
    file, who = desk.files[name], desk.keeper(name)
    found = industry_of(file.kind)
    if found is None:
        return
    revenue, drawn, used = (Decimal(one) for one in money)
    at = max(desk.ago(200), desk.entered(name))
    year = Calendar().local_date(at).year
    row = expenses.enter_expense(
        actor=who, file=file, year=year, industry=found[0], revenue=revenue, drawn=Decimal(0), now=at
    )  # fmt: skip
    row = expenses.change_expense(
        actor=who, expense=row, version=row.version, industry=found[0], revenue=revenue,
        drawn=(row.due * drawn).quantize(Decimal("1")), now=at,
    )  # fmt: skip
    for place, (category, share, text) in enumerate(_SPENT):
        paid = Calendar().local_date(at + timedelta(days=12 * place))
        if paid.year == year and paid <= desk.today:
            expenses.use_expense(
                actor=who, expense=row, category=category, paid_date=paid, text=text,
                now=at + timedelta(days=12 * place),
                amount=(row.drawn * used * Decimal(share)).quantize(Decimal("0.01")),
            )  # fmt: skip
