"""Records of the registry for the walk: all of the first enterprise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone
from tests.architecture.records import Record
from tests.domains.registry.factories import CODES, make_facility, make_holding, make_unit
from tests.factories import NOW, District, house_actor, make_actor

from quancheng.domains.registry.models import (
    Application,
    Assessment,
    Chemical,
    Enterprise,
    Facility,
    Filing,
    HazardCheck,
    Licence,
    LicenceExit,
    LicenceRenewal,
    MajorHazard,
    Product,
    SafetyExpense,
    StorageFinding,
    Unit,
)
from quancheng.domains.registry.models.stock import MovementKind
from quancheng.domains.registry.services import applications, restrictions, stock
from quancheng.domains.registry.services.applications import ApplicationSpec
from quancheng.domains.registry.services.codes import extend_code
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.registry.services.expenses import enter_expense, use_expense
from quancheng.domains.registry.services.expiry import look_at_licences
from quancheng.domains.registry.services.filings import begin_filing, certify_filing, prepare_filing
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence
from quancheng.domains.registry.services.passes import open_pass
from quancheng.domains.registry.services.places import enter_place
from quancheng.domains.registry.services.products import begin_sheet, enter_product, read_parts, write_sheet
from quancheng.domains.registry.services.projects import ProjectSpec, enter_project
from quancheng.standards.safety_expense import USES


def _file(district: District) -> Enterprise:
    """The one file that several records are about."""
    known = {"address": "标记路1号"}
    return Enterprise.objects.first() or open_own_file(actor=district.enterprise, kind="depot", known=known, now=NOW)


def _unit(district: District, mark: str) -> Unit:
    code = f"U{Unit.objects.count() + 1}"
    return make_unit(district.enterprise, _file(district), code=code, name=mark)


def _facility(district: District, mark: str) -> Facility:
    return make_facility(district.enterprise, _unit(district, "示例罐区"), name=mark)


def _hazard(district: District, mark: str) -> MajorHazard:
    unit = _unit(district, mark)
    make_holding(district.enterprise, make_facility(district.enterprise, unit), "氯", design_t=Decimal(65))
    return MajorHazard.objects.get(unit=unit)


def file(district: District) -> Record:
    return Record({"pk": _file(district).pk}, "标记路1号")


def unit(district: District) -> Record:
    return Record({"pk": _unit(district, "标记单元").pk}, "标记单元")


def workshop(district: District) -> Record:
    row = Unit.objects.filter(name="标记车间").first()
    if row is None:
        row = make_unit(
            district.enterprise, _file(district), code="MKW", name="标记车间", kind="production", boundary="plant"
        )
        make_facility(district.enterprise, row, code="MKW-1", name="中间罐")
    return Record({"pk": row.pk}, "标记车间")


def papers_place(district: District) -> Record:
    row = Unit.objects.filter(name="标记资料库").first()
    if row is None:
        row = make_unit(district.enterprise, _file(district), code="MKD", name="标记资料库", boundary="building")
        bay = make_facility(district.enterprise, row, code="MKD-1", name="资料间", kind="bay")
        make_holding(district.enterprise, bay, "甲醇", present_t=Decimal(1), design_t=Decimal(1))
    return Record({"pk": row.pk}, "标记资料库")


def facility(district: District) -> Record:
    return Record({"pk": _facility(district, "标记设施").pk}, "标记设施")


def holding(district: District) -> Record:
    facility = _facility(district, "示例储罐")
    row = make_holding(district.enterprise, facility, "氯", product="标记商品", design_t=Decimal(1))
    return Record({"pk": row.pk}, "标记商品")


def assessment(district: District) -> Record:
    hazard = _hazard(district, "标记计算")
    row = Assessment.objects.get(unit=hazard.unit, basis="legal")
    return Record({"pk": row.pk}, "标记计算")


def hazard(district: District) -> Record:
    return Record({"pk": _hazard(district, "标记危险源").pk}, "标记危险源")


def hazard_check(district: District) -> Record:
    row = HazardCheck.objects.get(hazard=_hazard(district, "标记核实"))
    return Record({"pk": row.pk}, "标记核实")


def project(district: District) -> Record:
    """A project of the first enterprise."""
    spec = ProjectSpec("标记项目", "new", "storage", "示例路", "", [(Chemical.objects.get(name="甲醇"), Decimal(1))])
    row = enter_project(actor=district.enterprise, file=_file(district), spec=spec, now=NOW)
    return Record({"pk": row.pk, "act": "apply"}, "标记项目")


def place(district: District) -> Record:
    """Everybody who is signed in may know it."""
    known = {"kind": "school", "name": "标记小学", "area": district.street_area, "lon": Decimal("122.6"),
             "lat": Decimal("35.6"), "source": "示例", "source_date": NOW.date()}  # fmt: skip
    return Record({"pk": enter_place(actor=house_actor(), known=known, now=NOW).pk}, "标记小学")


def chemical(district: District) -> Record:
    """Everybody who is signed in may know it."""
    return Record({"pk": Chemical.objects.get(name="甲醇").pk}, "甲醇")


def storage_finding(district: District) -> Record:
    """Goods that must not lie together."""
    room = make_facility(district.enterprise, _unit(district, "示例库房"), kind="bay", name="示例间")
    make_holding(district.enterprise, room, "氰化钠", present_t=Decimal(1), product="标记氰化物")
    make_holding(district.enterprise, room, "盐酸", present_t=Decimal(1))
    row = StorageFinding.objects.get(facility=room, rule="CYANIDE_ACID")
    return Record({"pk": row.pk}, "标记氰化物")


def stored_facility(district: District) -> Record:
    """By what must not lie together: the answer names no place."""
    room = make_facility(district.enterprise, _unit(district, "示例库房"), kind="bay", name="示例间")
    make_holding(district.enterprise, room, "氰化钠", present_t=Decimal(1), product="标记另一氰化物")
    make_holding(district.enterprise, room, "盐酸", present_t=Decimal(1))
    return Record({"pk": room.pk}, "标记另一氰化物")


def told_file(district: District) -> Record:
    """By who entered it: the answer names no place."""
    file = _file(district)
    return Record({"pk": file.pk}, district.enterprise.name)


def licence(district: District) -> Record:
    return Record({"pk": _licence(district, "标记证号").pk}, "标记证号")


def _licence(district: District, number: str, *, ends: date = date(2099, 12, 31)) -> Licence:
    known = {"number": number, "valid_to": ends, "trading_address": number}
    spec = LicenceSpec(kind="OPERATING", known=known)
    return enter_licence(actor=district.enterprise, file=_file(district), spec=spec, now=NOW)


def renewal(district: District) -> Record:
    row = _licence(district, "标记延续证号", ends=date(2026, 12, 1))
    look_at_licences(now=NOW)
    return Record({"pk": LicenceRenewal.objects.get(licence=row).pk}, "标记延续证号")


def exit_(district: District) -> Record:
    """Opened for a licence that has run out."""
    row = _licence(district, "标记退出证号", ends=date(2026, 9, 1))
    look_at_licences(now=NOW)
    return Record({"pk": LicenceExit.objects.get(licence=row).pk, "act": "order"}, "标记退出证号")


def expense(district: District) -> Record:
    year = 2023 + SafetyExpense.objects.count()
    row = enter_expense(
        actor=district.enterprise, file=_file(district), year=year, industry="hazardous_goods",
        revenue=Decimal("7654321.98"), drawn=Decimal(0), now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "7\u2009654\u2009321.98")


def expense_use(district: District) -> Record:
    """A year with a payment: programs read the amount as a plain number."""
    year = 2023 + SafetyExpense.objects.count()
    row = enter_expense(
        actor=district.enterprise, file=_file(district), year=year, industry="hazardous_goods",
        revenue=Decimal("8765432.19"), drawn=Decimal(0), now=NOW,
    )  # fmt: skip
    used = use_expense(
        actor=district.enterprise, expense=row, category=next(iter(USES)), amount=Decimal(1),
        paid_date=date(year, 1, 2), text="标记支出", now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk, "use_id": used.pk}, "标记支出")


def assessed_unit(district: District) -> Record:
    """By its code alone: the answer names calculations, not the unit."""
    return Record({"pk": _hazard(district, "标记已辨识单元").unit_id}, "标记已辨识单元")


def assessment_whole(district: District) -> Record:
    """By what went in: the answer names no unit."""
    unit = _unit(district, "示例罐区")
    facility = make_facility(district.enterprise, unit)
    make_holding(district.enterprise, facility, "甲醇", design_t=Decimal("1.234567"))
    return Record({"pk": Assessment.objects.get(unit=unit, basis="legal").pk}, "1.234567")


def moved_holding(district: District) -> Record:
    row = make_holding(district.enterprise, _facility(district, "示例储罐"), "氯", design_t=Decimal(1))
    stock.move_stock(
        actor=district.enterprise, holding=row, kind=MovementKind.COUNT, quantity_t=Decimal(1), at=NOW,
        remark="标记盘点", now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记盘点")


def reported_hazard(district: District) -> Record:
    row = _hazard(district, "标记危险源")
    MajorHazard.objects.filter(pk=row.pk).update(report_by="标记评价公司")
    return Record({"pk": row.pk}, "标记评价公司")


def application(district: District) -> Record:
    spec = ApplicationSpec(
        name="标记申请企业", credit_code=CODES[0], kind="depot", area=district.street_area, address="示例路9号",
        contact_name="示例人", contact_role="safety", phone="13800138000",
    )  # fmt: skip
    applications.apply(spec=spec, address=None, now=NOW)
    return Record({"pk": Application.objects.get(name="标记申请企业").pk}, "标记申请企业")


def restriction(district: District) -> Record:
    known = {"kind": "restricted", "reason": "标记要求", "source": "示例目录", "from_date": NOW.date()}
    chemical = Chemical.objects.get(name="甲醇")
    row = restrictions.enter_restriction(actor=district.department, chemical=chemical, known=known, now=NOW)
    return Record({"pk": row.pk}, "标记要求")


def _product(district: District) -> Product:
    known = {"name": "示例产品", "phone": "0999-1234567", "uses": "标记用途"}
    parts = read_parts(["乙酸乙酯 30%"])
    return Product.objects.first() or enter_product(
        actor=district.enterprise, file=_file(district), known=known, parts=parts, now=NOW
    )


def product(district: District) -> Record:
    """A product: what the public page of its code does not tell is the mark."""
    row = _product(district)
    extended = extend_code(
        actor=district.enterprise, code=row.code, kind="batch", text="B1", produced_date=None, package="", now=NOW
    )
    return Record({"pk": row.pk, "code": row.code.code, "extension": extended.text}, "标记用途")


def data_sheet(district: District) -> Record:
    sheet = begin_sheet(actor=district.enterprise, product=_product(district), now=NOW)
    text = ["标记草稿", *[""] * 15]
    write_sheet(
        actor=district.enterprise, sheet=sheet, version=1, sections=text, revision_date=None, evidence=[], now=NOW
    )
    return Record({"pk": sheet.pk, "other": sheet.pk}, "标记草稿")


def access_pass(district: District) -> Record:
    made, _secret = open_pass(
        actor=district.department, file=_file(district), product=None, looker="driver", holder="标记车组",
        reason="示例运输核对", hours=2, now=timezone.now(),
    )  # fmt: skip
    return Record({"pk": made.pk}, "标记车组")


def _filing(district: District) -> Filing:
    file = _file(district)
    standing = Filing.objects.filter(file=file, closed_at__isnull=True).first()
    return standing or begin_filing(actor=district.enterprise, file=file, reason="标记事由", now=NOW)


def filing(district: District) -> Record:
    return Record({"pk": _filing(district).pk}, "标记事由")


def filed(district: District) -> Record:
    """One that was certified, so that it has its receipt; who did is the mark."""
    row = _filing(district)
    prepare_filing(actor=district.enterprise, filing=row, now=NOW)
    head = make_actor(district.enterprise_org, "enterprise.head")
    certify_filing(actor=head, filing=row, agreed=True, now=NOW)
    Filing.objects.filter(pk=row.pk).update(certified_by="标记承诺人")
    return Record({"pk": row.pk}, "标记承诺人")
