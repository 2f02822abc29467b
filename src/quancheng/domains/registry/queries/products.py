"""Reads of products and their safety data sheets: what stands, what is wrong with it, how two versions differ."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from django.db.models import Count, Q, QuerySet

from quancheng.domains.registry.models import DataSheet, Enterprise, Product, ProductPart
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards import gb15258, gbt16483, ghs, lists
from quancheng.standards.ghs import Hazard

#: Of what stands on one of these nobody but who identifies himself sees more than the label.
RESTRICTED = frozenset({"HIGHLY_TOXIC", "EXPLOSIVE_PRECURSOR", "DRUG_PRECURSOR", "SPECIAL_CONTROL"})


def list_products(*, actor: Actor) -> QuerySet[Product]:
    """Products of the enterprises that the actor may see, by name."""
    return (
        Product.objects.filter(file__in=Enterprise.objects.visible_to(actor))
        .select_related("file", "file__enterprise", "code")
        .order_by("file__pinyin", "file_id", "name", "pk")
    )


def products_of(file: Enterprise) -> Sequence[Product]:
    """An enterprise's products, those still made first."""
    return list(
        file.products.select_related("code").prefetch_related("parts__chemical").order_by("ended_date", "name", "pk")
    )


def get_product(*, actor: Actor, product_id: uuid.UUID) -> Product:
    """Raise NotFound for absent and for out of scope alike."""
    inspected = Count("inspections", filter=Q(inspections__voided_at__isnull=True))
    found = list_products(actor=actor).annotate(inspection_count=inspected).filter(pk=product_id).first()
    if found is None:
        raise NotFound
    return found


def get_visible_sheet(actor: Actor, sheet_id: uuid.UUID) -> DataSheet | None:
    """A sheet if the actor may see it."""
    return (
        DataSheet.objects.filter(pk=sheet_id, product__file__in=Enterprise.objects.visible_to(actor))
        .select_related("product", "product__file", "product__file__enterprise")
        .first()
    )


def get_sheet(*, actor: Actor, sheet_id: uuid.UUID) -> DataSheet:
    """Raise NotFound for absent and for out of scope alike."""
    found = get_visible_sheet(actor, sheet_id)
    if found is None:
        raise NotFound
    return found


def parts_of(product: Product) -> list[ProductPart]:
    """What it is made of, the most first."""
    return sorted(product.parts.select_related("chemical"), key=lambda one: (-(one.high or 0), str(one.pk)))


def sheets_of(product: Product) -> list[DataSheet]:
    """Its data sheets, the newest first, without their texts."""
    return list(product.sheets.defer("sections").order_by("-number"))


def issued_sheet(product: Product) -> DataSheet | None:
    """The version that stands."""
    return product.sheets.filter(issued_at__isnull=False).order_by("-number").first()


def hazards_of(product: Product) -> tuple[Hazard, ...]:
    """Its own hazard classes."""
    return ghs.parse("；".join(product.hazard_classes)).hazards


def restricted_lists(parts: Iterable[ProductPart], *, name: str, on: date) -> list[str]:
    """Codes of the lists that allow no more than the label to the public.

    One part is enough, whatever its content; what is made of nothing known counts as restricted (``unknown``), and
    doubts count as membership.
    """
    found: dict[str, None] = {}
    known = False
    told = list(_listed("", name, (), on))
    for one in parts:
        known = True
        chemical = one.chemical
        told += [*chemical.lists, *_listed(chemical.cas, chemical.name, tuple(chemical.aliases), on)]
    for code in told:
        if code in RESTRICTED:
            found[code] = None
    return list(found) if known else ["unknown", *found]


@lru_cache(maxsize=4096)
def _listed(cas: str, name: str, aliases: tuple[str, ...], on: date) -> tuple[str, ...]:
    return tuple(one.list for one in lists.memberships(cas=cas, name=name, aliases=aliases, on=on))


# Labels ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a label bears, in one language; ``precautions`` are prevention, response, storage and disposal."""

    name: str
    english: str
    ingredients: list[tuple[str, str]]
    pictograms: list[tuple[str, str]]
    signal: str
    is_danger: bool
    statements: list[tuple[str, str]]
    precautions: list[tuple[str, str]]
    supplier: str
    phone: str
    registration_no: str
    doubts: list[str]


def label_facts(product: Product, parts: Sequence[ProductPart], *, supplier: str, language: str) -> LabelFacts:
    """The label as the classes make it (GB 15258, GB 30000)."""
    made = ghs.label_of(hazards_of(product))
    pictures = ghs.pictograms()
    english = language.startswith("en")
    elements = {one.key: one.name.in_language(language) for one in gb15258.ELEMENTS}
    given = [(elements[key], getattr(product, key)) for key in ("prevention", "response", "storage", "disposal")]
    return LabelFacts(
        name=product.name,
        english=product.english,
        ingredients=[
            ((one.chemical.english or one.chemical.name) if english else one.chemical.name, content_of(one))
            for one in parts
        ],
        pictograms=[(code, pictures[code].name.in_language(language)) for code in made.pictograms],
        signal=made.signal.in_language(language) if made.signal else "",
        is_danger=made.signal is not None and made.signal.zh == "危险",
        statements=[(code, text.in_language(language)) for code, text in made.statements],
        precautions=[(name.partition("：")[2] or name, text) for name, text in given if text.strip()],
        supplier=supplier,
        phone=product.phone,
        registration_no=product.registration_no,
        doubts=[one.in_language(language) for one in made.doubts],
    )


def missing_on_label(product: Product, *, supplier: str, address: str) -> list[str]:
    """Keys of the elements that the full label lacks (``gb15258.ELEMENTS``); empty where it is whole."""
    made = ghs.label_of(hazards_of(product))
    label = {
        "name_zh": product.name, "name_en": product.english, "ingredients": "x", "pictograms": list(made.pictograms),
        "signal_word": made.signal.zh if made.signal else "", "hazard_statements": [one[0] for one in made.statements],
        "prevention": product.prevention, "response": product.response, "storage": product.storage,
        "disposal": product.disposal, "supplier": supplier, "supplier_address": address,
        "supplier_phone": product.phone, "emergency_phone": product.phone, "sds_reference": "x",
    }  # fmt: skip
    return [one.key for one in gb15258.missing_elements(label, hazards=hazards_of(product))]


def content_of(part: ProductPart) -> str:
    """``30–40%``, ``99.5%``; empty where nobody said."""
    if part.low is None or part.high is None:
        return ""
    low, high = (f"{one.normalize():f}" for one in (part.low, part.high))
    return f"{low}%" if low == high else f"{low}–{high}%"


# Checks and comparison -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section with its title and what is wrong with it, in one language."""

    number: int
    title: str
    body: str
    findings: list[str]


def sections_of(sheet: DataSheet, *, on: date, language: str) -> tuple[list[SectionView], list[str]]:
    """The sixteen sections with the findings of GB/T 16483 beside each, and those about the whole."""
    dated = f"修订日期：{sheet.revision_date}" if sheet.revision_date else ""
    read = gbt16483.Sheet(
        dated,
        tuple(
            gbt16483.Section(number, title.zh, number, body)
            for number, (title, body) in enumerate(zip(gbt16483.TITLES, sheet.sections, strict=True), 1)
        ),
    )
    found: dict[int, list[str]] = {}
    for one in gbt16483.check_sheet(read, on=on, label=hazards_of(sheet.product)):
        found.setdefault(one.section, []).append(one.text.in_language(language))
    views = [
        SectionView(number, title.in_language(language), body, found.get(number, []))
        for number, (title, body) in enumerate(zip(gbt16483.TITLES, sheet.sections, strict=True), 1)
    ]
    return views, found.get(0, [])


def split_text(text: str) -> list[str]:
    """The sixteen sections of a whole sheet as pasted; a section that is not found is empty."""
    read = gbt16483.read_sheet(text)
    bodies = []
    for number in range(1, 17):
        section = read.section(number)
        bodies.append(section.body if section else "")
    return bodies


@dataclass(frozen=True, slots=True)
class SectionChange:
    """How a section differs: lines with ``-``, ``+`` or a blank before each; None of them where it is the same."""

    number: int
    title: str
    lines: list[tuple[str, str]]


def compare(older: DataSheet, newer: DataSheet, *, language: str) -> list[SectionChange]:
    """Two versions of one product's sheet, section by section."""
    told = []
    for number, title in enumerate(gbt16483.TITLES, 1):
        one, other = older.sections[number - 1].split("\n"), newer.sections[number - 1].split("\n")
        lines = [] if one == other else _difference(one, other)
        told.append(SectionChange(number, title.in_language(language), lines))
    return told


def _difference(one: list[str], other: list[str]) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [(" ", line) for line in one[a:b]]
        else:
            lines += [("-", line) for line in one[a:b]] + [("+", line) for line in other[c:d]]
    return lines
