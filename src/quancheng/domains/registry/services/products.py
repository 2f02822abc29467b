"""Products entered and changed, and the versions of their safety data sheets."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Chemical, DataSheet, Enterprise, Product, ProductPart
from quancheng.domains.registry.models.products import SECTIONS
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.domains.registry.services.chemicals import class_fault
from quancheng.domains.registry.services.codes import codes_for
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.arrays import too_long
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.files.services import attach_files, freeze_files
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import listed

FIELDS = (
    "name", "english", "registration_no", "certificate_no", "certificate_until", "national_url", "uses",
    "hazard_classes", "phone", "packages", "prevention", "response", "storage", "disposal", "un_no",
    "transport_class", "packing_group", "extinguishing", "isolation_m", "protection_m", "distance_source",
)  # fmt: skip
#: Longest text of one section; a whole sheet is a few pages.
SECTION_LIMIT = 20_000
#: Hosts to which a public page of ours may lead: the state's own. [D]
_NATIONAL = ".gov.cn"
_PACKAGE = re.compile(r"(\d+(?:\.\d+)?)\s*(mL|L|m³|m3|毫升|升|立方米)\s*$", re.IGNORECASE)
_LITRES = {"ml": Decimal("0.001"), "毫升": Decimal("0.001"), "l": Decimal(1), "升": Decimal(1), "m³": Decimal(1000),
           "m3": Decimal(1000), "立方米": Decimal(1000)}  # fmt: skip
_PHONE = re.compile(r"^[+\d][\d\s()+-]{4,30}$")
_CONTENT = re.compile(r"^[≥>≤<]?\s*(\d+(?:\.\d+)?)\s*%?\s*(?:[-–~～至]\s*(\d+(?:\.\d+)?)\s*)?%?$")


@dataclass(frozen=True, slots=True)
class Part:
    """A chemical and its content in percent by mass, both ends the same where it is one number, None where nobody
    said."""

    chemical: Chemical
    low: Decimal | None
    high: Decimal | None


def litres_of(package: str) -> Decimal | None:
    """The volume of a kind of package in litres: ``塑料桶 25 L`` gives 25; None where none is written."""
    found = _PACKAGE.search(package.strip())
    return None if found is None else Decimal(found[1]) * _LITRES[found[2].lower()]


def read_parts(
    lines: Sequence[str], *, field: str = "parts", find: Callable[[str], Chemical | None] = find_chemical
) -> list[Part]:
    """Lines such as ``甲醇 99.5%``, ``67-56-1 30-40%`` or ``甲醇``. :raises Invalid: by field, naming the line."""
    found: list[Part] = []
    for line in lines:
        name, _space, last = line.strip().rpartition(" ")
        content = _CONTENT.match(last) if name and "%" in last else None
        chemical = find(name if content else line)
        if chemical is None:
            sentence = _("化学品目录中没有“%(line)s”，请写目录中的名称或CAS号，含量写在后面，例如 甲醇 99.5%%。")
            raise Invalid(fields={field: sentence % {"line": line[:80]}})
        low, high = (_percent(content[1]), _percent(content[2] or content[1])) if content else (None, None)
        found.append(Part(chemical, low, high))
    _check_parts(found, field)
    return found


def enter_product(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], parts: Sequence[Part], now: datetime
) -> Product:
    """Enter a product; it gets its code, and the enterprise its own where it has none yet.

    What consists of one chemical takes over its classes and UN number where none are given.
    :raises Invalid: by field. :raises Conflict: the enterprise has a product of that name.
    """
    require_keeper(actor, file)
    _check_parts(parts)
    given = _checked(known, None)
    if len(parts) == 1:
        given["hazard_classes"] = given.get("hazard_classes") or list(parts[0].chemical.hazard_classes)
        given["un_no"] = given.get("un_no") or parts[0].chemical.un_no
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Product.objects.create(file=file, **given, created_at=now, updated_at=now)
        except IntegrityError as twice:
            raise _named_twice() from twice
        _put_parts(made, parts)
        codes_for(file=file, product=made, now=now)
        note(actor, "registry.product.enter", file, now, {"product": made.pk, "name": made.name})
    return made


def change_product(
    *, actor: Actor, product: Product, version: int, changes: Mapping[str, Any], parts: Sequence[Part], now: datetime
) -> Product:
    """Change what stands of a product; its code stays.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field. :raises Conflict: the name.
    """
    file = product.file
    require_keeper(actor, file)
    _check_parts(parts)
    given = _checked(changes, product)
    changed = {name: value for name, value in given.items() if getattr(product, name) != value}
    with transaction.atomic():
        try:
            with transaction.atomic():
                won = Product.objects.filter(pk=product.pk, version=version).update(
                    **changed, version=F("version") + 1, updated_at=now
                )
        except IntegrityError as twice:
            raise _named_twice() from twice
        if not won:
            raise StaleState(_("该产品刚被他人修改，请刷新后重试。"))
        _put_parts(product, parts)
        before = {name: getattr(product, name) for name in changed}
        facts = {"product": product.pk, "name": product.name, "before": before, "after": changed}
        note(actor, "registry.product.change", file, now, facts)
    product.refresh_from_db()
    return product


def end_product(*, actor: Actor, product: Product, now: datetime) -> None:
    """The enterprise no longer makes or sells it. Its code goes on answering: packages are still about."""
    require_keeper(actor, product.file)
    with transaction.atomic():
        standing = Product.objects.filter(pk=product.pk, ended_date__isnull=True)
        if not standing.update(ended_date=Calendar().local_date(now), version=F("version") + 1, updated_at=now):
            raise StaleState(_("该产品已停产停售。"))
        note(actor, "registry.product.end", product.file, now, {"product": product.pk, "name": product.name})


# Safety data sheets ----------------------------------------------------------------------------------------------


def begin_sheet(*, actor: Actor, product: Product, now: datetime) -> DataSheet:
    """The product's draft: the one that stands, or a new one that begins as the newest version."""
    require_keeper(actor, product.file)
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        draft = product.sheets.filter(issued_at__isnull=True).first()
        if draft is not None:
            return draft
        newest = product.sheets.order_by("-number").first()
        number = (product.sheets.aggregate(last=Max("number"))["last"] or 0) + 1
        return DataSheet.objects.create(
            product=product, number=number, sections=list(newest.sections) if newest else [""] * SECTIONS,
            by_name=actor.name, created_at=now, updated_at=now,
        )  # fmt: skip


def write_sheet(
    *, actor: Actor, sheet: DataSheet, version: int, sections: Sequence[str], revision_date: date | None,
    evidence: Sequence[uuid.UUID], now: datetime,
) -> DataSheet:  # fmt: skip
    """Write on a draft: all sixteen sections, the day of the revision, the original file.

    :raises StaleState: issued, or somebody else wrote on it meanwhile. :raises Invalid: by field.
    """
    file = sheet.product.file
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if len(sections) != SECTIONS:
        raise ValueError(f"{len(sections)} sections")
    for number, text in enumerate(sections, 1):
        if len(text) > SECTION_LIMIT:
            wrong[f"section_{number}"] = _("本部分过长（最多%(limit)s字）。") % {"limit": SECTION_LIMIT}
    if revision_date is not None and revision_date > Calendar().local_date(now):
        wrong["revision_date"] = _("修订日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        won = DataSheet.objects.filter(pk=sheet.pk, version=version, issued_at__isnull=True).update(
            sections=[text.strip() for text in sections], revision_date=revision_date, by_name=actor.name,
            version=F("version") + 1, updated_at=now,
        )  # fmt: skip
        if not won:
            raise StaleState(_("该版本已发布或刚被他人修改，请刷新后重试。"))
        sheet.refresh_from_db()
        attach_files(actor=actor, row=sheet, file_ids=evidence, now=now)
    return sheet


def issue_sheet(*, actor: Actor, sheet: DataSheet, version: int, now: datetime) -> DataSheet:
    """Issue a draft: it stands from now on and is what everybody sees; a change is a new version.

    :raises Invalid: a section is empty or the day of the revision missing. :raises StaleState: as before.
    """
    file = sheet.product.file
    require_keeper(actor, file)
    empty = [number for number, text in enumerate(sheet.sections, 1) if not text.strip()]
    if empty:
        which = listed(str(number) for number in empty)
        raise Invalid(_("第%(which)s部分还没有内容，十六个部分齐全才能发布（GB/T 16483）。") % {"which": which})
    if sheet.revision_date is None:
        raise Invalid(_("请先填写修订日期。"))
    with transaction.atomic():
        won = DataSheet.objects.filter(pk=sheet.pk, version=version, issued_at__isnull=True).update(
            issued_at=now, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState(_("该版本已发布或刚被他人修改，请刷新后重试。"))
        freeze_files(row=sheet, now=now)
        facts = {"product": sheet.product_id, "name": sheet.product.name, "number": sheet.number}
        note(actor, "registry.sheet.issue", file, now, facts)
    sheet.refresh_from_db()
    return sheet


# Parts -----------------------------------------------------------------------------------------------------------


def _check_parts(parts: Sequence[Part], field: str = "parts") -> None:
    """:raises Invalid: none, one twice, or a content that cannot be."""
    if not parts:
        raise Invalid(fields={field: _("请至少写一种成分。")})
    seen: set[uuid.UUID] = set()
    for one in parts:
        if one.chemical.pk in seen:
            raise Invalid(fields={field: _("“%(name)s”写了两次。") % {"name": one.chemical.name}})
        seen.add(one.chemical.pk)
        low, high = one.low, one.high
        if (low is None) != (high is None) or (low is not None and high is not None and not 0 <= low <= high <= 100):
            sentence = _("“%(name)s”的含量应在0到100%%之间，小的在前。") % {"name": one.chemical.name}
            raise Invalid(fields={field: sentence})


def _put_parts(product: Product, parts: Sequence[Part]) -> None:
    kept = [one.chemical.pk for one in parts]
    ProductPart.objects.filter(product=product).exclude(chemical__in=kept).delete()
    for one in parts:
        ProductPart.objects.update_or_create(
            product=product, chemical=one.chemical, defaults={"low": one.low, "high": one.high}
        )


def _checked(known: Mapping[str, Any], before: Product | None) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    for name in ("name", "english", "registration_no", "certificate_no", "phone", "un_no", "national_url"):
        if name in given:
            given[name] = clean(given[name])
    if wrong := faults_of(given, before):
        raise Invalid(fields=wrong)
    return given


def faults_of(given: Mapping[str, Any], before: Product | None) -> dict[str, Text]:
    """What cannot stand of a product, by field.

    :param before: the product that is changed; None for a new one.
    """
    wrong: dict[str, Text] = {}
    for name in ("name", "phone"):
        if not given.get(name, getattr(before, name, "")):
            wrong[name] = _("请填写此项。")
    if given.get("phone") and not _PHONE.match(given["phone"]):
        wrong["phone"] = _("电话号码有误，例如 0999-1234567。")
    if given.get("un_no") and not (given["un_no"].isdigit() and len(given["un_no"]) == 4):
        wrong["un_no"] = _("联合国编号是四位数字。")
    if given.get("national_url") and not _is_national(given["national_url"]):
        wrong["national_url"] = _("请填写国家登记系统的完整网址（https://….gov.cn/…）。")
    if (classes := given.get("hazard_classes")) and (told := class_fault(classes)) is not None:
        wrong["hazard_classes"] = told
    for name in ("hazard_classes", "packages"):
        if (long := too_long(Product._meta.get_field(name), given.get(name))) is not None:
            wrong[name] = _("“%(text)s…”太长。") % {"text": long[:20]}
    for package in given.get("packages") or ():
        volume = litres_of(package)
        if volume is None or volume <= 0:
            wrong["packages"] = _("“%(package)s”没有写容积，例如 塑料桶 25 L。") % {"package": package}
    distances = [given.get(name, getattr(before, name, None)) for name in ("isolation_m", "protection_m")]
    source = given.get("distance_source", getattr(before, "distance_source", ""))
    if any(one is not None for one in distances) and not clean(source or ""):
        wrong["distance_source"] = _("请写明距离依据，例如某应急指南某页。")
    return wrong


def _is_national(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and (parts.hostname or "").endswith(_NATIONAL) and not parts.username


def _percent(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _named_twice() -> Conflict:
    sentence = _("本企业已有同名产品。")
    return Conflict(sentence, fields={"name": sentence})
