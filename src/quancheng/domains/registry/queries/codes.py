"""Reads behind a safety information code: what anybody gets, what who identifies himself gets, who scanned and looked.

What a stranger gets is built here, field by field, so that no template can show more: no quantity, no place, no
security measure, no name of a person.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from quancheng.domains.registry.kinds import ContactRole
from quancheng.domains.registry.models import (
    AccessPass,
    CodeExtension,
    Contact,
    Enterprise,
    Holding,
    Lease,
    Product,
    SafetyCode,
    ScanDay,
)  # fmt: skip
from quancheng.domains.registry.queries.products import (
    LabelFacts,
    issued_sheet,
    label_facts,
    parts_of,
    products_of,
    restricted_lists,
)  # fmt: skip
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User
from quancheng.kernel.vault import services as vault
from quancheng.standards.gbt16483 import TITLES

_FIRST_AID = 4
#: Lines of a sheet that tell an address or a person; the public gets neither.
_OF_PLACE_OR_PERSON = re.compile(
    r"^\W*(?:\w{0,10}(?:地址|住所|厂址|联系人|负责人|编制人|审核人|填表人|制表人|邮编|邮政编码|传真|手机)"
    r"|(?:[\w ]{0,20}(?:address|contact person|prepared by|approved by|zip|postal code|mobile))\b)",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_HIDDEN = "＊"


def find_code(code: str) -> SafetyCode | None:
    """A code in use. One query whether it never was, was withdrawn, or stands, so that the three take the same time."""
    return (
        SafetyCode.objects.filter(code=code, withdrawn_at__isnull=True)
        .select_related("file", "file__enterprise", "product", "product__file", "product__file__enterprise")
        .first()
    )


def find_extension(code: SafetyCode, text: str) -> CodeExtension | None:
    """An extension as it is printed; small letters are forgiven."""
    return code.extensions.filter(text=text.upper()).first()


# What anybody gets -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicProduct:
    """A product as a stranger sees it. Where ``is_restricted``, nothing beyond the label."""

    label: LabelFacts
    is_restricted: bool
    is_ended: bool
    national_url: str
    first_aid: list[str]
    #: Title and lines of each section of the data sheet.
    sections: list[tuple[int, str, list[str]]] = field(default_factory=list)
    revised: date | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PublicEnterprise:
    """An enterprise as a stranger sees it: its line answered at all hours, and the codes of what it sells."""

    name: str
    phone: str
    #: Code, name and pictograms of each product; restricted ones are not told.
    products: list[tuple[str, str, list[tuple[str, str]]]]


def public_product(product: Product, *, on: date, language: str) -> PublicProduct:
    """What anybody may know of a product on a day."""
    parts = parts_of(product)
    label = label_facts(product, parts, supplier=product.file.enterprise.name, language=language)  # type: ignore[union-attr]
    restricted = bool(restricted_lists(parts, name=product.name, on=on))
    bare = PublicProduct(
        label=label, is_restricted=restricted, is_ended=product.ended_date is not None,
        national_url=product.national_url, first_aid=[],
    )  # fmt: skip
    sheet = None if restricted else issued_sheet(product)
    if sheet is None:
        return bare
    secrets = _never_public(product.file)
    bodies = [withheld(text, secrets=secrets, phone=product.phone) for text in sheet.sections]
    titles = [one.in_language(language) for one in TITLES]
    return replace(
        bare, first_aid=bodies[_FIRST_AID - 1],
        sections=[(number, title, body) for number, (title, body) in enumerate(zip(titles, bodies, strict=True), 1)],
        revised=sheet.revision_date, number=sheet.number,
    )  # fmt: skip


def public_enterprise(file: Enterprise, *, on: date, language: str) -> PublicEnterprise:
    """What anybody may know of an enterprise on a day."""
    shown = []
    for product in products_of(file):
        parts = list(product.parts.all())
        code = getattr(product, "code", None)
        if product.ended_date or code is None or code.withdrawn_at or restricted_lists(parts, name=product.name, on=on):
            continue
        name = product.english if language.startswith("en") and product.english else product.name
        label = label_facts(product, parts, supplier="", language=language)
        shown.append((code.code, name, label.pictograms))
    return PublicEnterprise(name=file.enterprise.name, phone=file.emergency_phone, products=shown)  # type: ignore[union-attr]


def withheld(text: str, *, secrets: Sequence[str], phone: str) -> list[str]:
    """The lines of a section without those that tell an address or a person, and without mobile numbers other than
    the product's own line."""
    lines = []
    own = re.sub(r"\D", "", phone)
    for line in text.splitlines():
        if not line.strip() or _OF_PLACE_OR_PERSON.match(line):
            continue
        for secret in secrets:
            line = line.replace(secret, _HIDDEN * 3)
        lines.append(_MOBILE.sub(lambda found: found[0] if re.sub(r"\D", "", found[0]) == own else _HIDDEN * 3, line))
    return lines


def _never_public(file: Enterprise) -> list[str]:
    """Addresses of the enterprise, names of those who answer for it, places that it rents; the longest first."""
    told = {file.address, file.registered_address}
    told |= set(Contact.objects.filter(file=file).values_list("name", flat=True))
    told |= set(Lease.objects.filter(file=file).values_list("place", flat=True))
    return sorted((one for one in told if len(one) > 1), key=len, reverse=True)


# What who identifies himself gets --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdentifiedView:
    """Beyond the public page: transport card, sheet, people to call; stock by place for the fire brigade alone."""

    enterprise: str
    address: str
    phone: str
    lists: list[str]
    first_aid: list[str]
    sections: list[tuple[int, str, list[str]]]
    #: Role, name, post, telephone number.
    contacts: list[tuple[str, str, str, str]]
    #: Chemical, place, tonnes present (empty where nobody said), time of that.
    stock: list[Holding]
    products: list[Product]


def identified_view(code: SafetyCode, *, looker: str, on: date, language: str) -> IdentifiedView:
    """What a driver, the fire brigade or an inspector gets; a driver neither people's names nor stock."""
    file, product = code.file, code.product
    parts = parts_of(product) if product else []
    sheet = issued_sheet(product) if product else None
    secrets = _never_public(file) if looker == "driver" else []
    bodies = []
    phone = product.phone if product else ""
    for text in sheet.sections if sheet else []:
        # A driver learns of the goods, not of people.
        whole = [line for line in text.splitlines() if line.strip()]
        bodies.append(withheld(text, secrets=secrets, phone=phone) if looker == "driver" else whole)
    titles = [one.in_language(language) for one in TITLES]
    stock: list[Holding] = []
    if looker == "firefighter":
        stock = list(
            Holding.objects.filter(file=file, ended_date__isnull=True)
            .select_related("chemical", "facility", "facility__unit")
            .order_by("facility__unit__code", "facility__code", "chemical__pinyin", "pk")[:300]
        )
    return IdentifiedView(
        enterprise=file.enterprise.name,  # type: ignore[union-attr]
        address=file.address,
        phone=file.emergency_phone,
        lists=restricted_lists(parts, name=product.name, on=on) if product else [],
        first_aid=bodies[_FIRST_AID - 1] if bodies else [],
        sections=[(number, title, body) for number, (title, body) in enumerate(zip(titles, bodies, strict=False), 1)],
        contacts=_contacts(file) if looker != "driver" else [],
        stock=stock,
        products=list(file.products.filter(ended_date__isnull=True).select_related("code")) if not product else [],
    )


def _contacts(file: Enterprise) -> list[tuple[str, str, str, str]]:
    wanted = (ContactRole.EMERGENCY, ContactRole.SAFETY, ContactRole.HEAD)
    standing = file.contacts.filter(left_date__isnull=True, role__in=wanted).order_by("role", "pk")
    return [
        (one.get_role_display(), one.name, one.post, vault.reveal(vault.PHONE, one.phone) if one.phone else "")
        for one in standing
    ]


# Who scanned, who looked -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """One look beyond the public page, as the enterprise sees it."""

    at: datetime
    who: str
    looker: str
    holder: str
    reason: str
    code: str


def scan_days(codes: Sequence[SafetyCode], *, on: date, days: int = 30) -> list[tuple[date, int, int]]:
    """Day, opened, identified of the last days, the newest first; days without any are left out."""
    since = on - timedelta(days=days)
    rows = ScanDay.objects.filter(code__in=codes, day__gt=since).values("day").order_by("-day")
    return [
        (row["day"], row["opened_sum"], row["identified_sum"])
        for row in rows.annotate(opened_sum=Sum("opened"), identified_sum=Sum("identified"))
    ]


def looks_at(codes: Sequence[SafetyCode], *, limit: int = 50) -> list[Look]:
    """Who looked beyond the public page, the newest first."""
    named = {one.pk: one for one in codes}
    entries = list(
        JournalEntry.objects.filter(
            subject_type=SafetyCode._meta.label_lower, subject_id__in=list(named), act="registry.code.look"
        ).order_by("-seq")[:limit]
    )
    people = {one.pk: one.name for one in User.objects.filter(pk__in=[one.user_id for one in entries if one.user_id])}
    looks = []
    for one in entries:
        looker, holder, reason = (str(one.facts.get(name, "")) for name in ("looker", "holder", "reason"))
        who = people.get(one.user_id, "") if one.user_id else ""
        code = named[one.subject_id].code if one.subject_id else ""
        looks.append(Look(one.at, who, looker, holder, reason, code))
    return looks


def codes_of(file: Enterprise) -> list[SafetyCode]:
    """The enterprise's own code and those of its products."""
    return list(file.codes.select_related("product").order_by("made_at", "pk"))


def extensions_of(code: SafetyCode) -> Sequence[CodeExtension]:
    """What hangs on a code, the newest first."""
    return list(code.extensions.order_by("-made_at", "-pk")[:200])


def list_passes(*, actor: Actor) -> QuerySet[AccessPass]:
    """Short-lived codes that the actor may know of, the newest first."""
    return (
        AccessPass.objects.visible_to(actor)
        .select_related("enterprise", "product", "owner_org", "opened_by")
        .order_by("-opened_at", "-pk")
    )


def get_pass(*, actor: Actor, pass_id: uuid.UUID) -> AccessPass:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_passes(actor=actor).filter(pk=pass_id).first()
    if found is None:
        raise NotFound
    return found


def today(now: datetime) -> date:
    """The local day of a moment."""
    return Calendar().local_date(now)


def list_old_scans(before: datetime) -> QuerySet[ScanDay]:
    return ScanDay.objects.filter(day__lt=Calendar().local_date(before))




def list_ended_passes(before: datetime) -> QuerySet[AccessPass]:
    return AccessPass.objects.filter(expires_at__lt=before)
