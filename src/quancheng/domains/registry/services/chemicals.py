"""Chemicals entered and changed, and those that ship: our own data and whatever the regulated lists name."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import State
from quancheng.domains.registry.models import Chemical, ChemicalEnvironment
from quancheng.domains.registry.physical import FIELDS as PHYSICAL
from quancheng.domains.registry.physical import data_for
from quancheng.domains.registry.services.environment import load_environment, shipped_for
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.arrays import too_long
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.once import once
from quancheng.standards import cas, ghs, lists
from quancheng.standards.gb18218.tables import table1

KEEP = "registry.chemicals.keep"
#: Acids that are sold in water under the CAS number of the gas, which is another chemical.
_IN_WATER = ("盐酸", "氢氟酸")
_SHIPPED = Path(__file__).parent.parent / "data" / "chemicals.csv"
#: What may be said of a chemical.
FIELDS = (
    "catalogue_no", "name", "aliases", "english", "cas", "un_no", "state", "hazard_classes", "gb18218_item",
    "boiling_point_c", "flash_point_c", "density", "lower_limit", "upper_limit", "data_source", "molar_mass",
    "autoignition_c", "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3", "ld50_oral", "ld50_dermal", "lc50_inhaled",
)  # fmt: skip


def enter_chemical(
    *, actor: Actor, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Chemical:
    """Enter a chemical; the regulated lists on which it stands are found.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: its name is taken.
    """
    actor.require(KEEP)
    given = _checked(known, None)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                made = Chemical.objects.create(**given, **_derived(given, now), created_at=now, updated_at=now)
        except IntegrityError as twice:
            sentence = _("已有同名化学品。")
            raise Conflict(sentence, fields={"name": sentence}) from twice
        ChemicalEnvironment.objects.bulk_create(shipped_for([made], now=now))
        _record(actor, "registry.chemical.enter", made, now, given)
        return made.pk

    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.chemical.enter", body=given, now=now, make=make
        )
    return Chemical.objects.get(pk=pk)


def change_chemical(*, actor: Actor, chemical: Chemical, changes: Mapping[str, Any], now: datetime) -> Chemical:
    """Change what stands of a chemical. Grades follow when next something changes in a unit that holds it.

    :raises Invalid: by field. :raises Conflict: its name is taken.
    """
    actor.require(KEEP)
    given = _checked(changes, chemical)
    changed = {name: value for name, value in given.items() if getattr(chemical, name) != value}
    if not changed:
        return chemical
    with transaction.atomic():
        whole = {name: getattr(chemical, name) for name in FIELDS} | given
        # Of a value that a person gave or took out, the source is what that person says.
        sources = chemical.sources | {name: given.get("data_source", "") for name in changed if name in PHYSICAL}
        try:
            with transaction.atomic():
                Chemical.objects.filter(pk=chemical.pk).update(
                    **changed, **_derived(whole, now), sources=sources, updated_at=now
                )
        except IntegrityError as twice:
            sentence = _("已有同名化学品。")
            raise Conflict(sentence, fields={"name": sentence}) from twice
        before = {name: getattr(chemical, name) for name in changed}
        _record(actor, "registry.chemical.change", chemical, now, {"before": before, "after": changed})
    chemical.refresh_from_db()
    return chemical


def load_shipped(*, now: datetime) -> int:
    """Enter what ships and does not stand yet, and fill in physical data that nobody gave. How many were entered.

    What a person changed stays as it is.
    """
    standing = {one.name: one for one in Chemical.objects.all()}
    known = set(standing)
    numbers = {one.cas for one in standing.values() if one.name not in _IN_WATER}
    made = []
    for given in [*_own_rows(), *_listed_rows()]:
        if given["name"] in known or (given["cas"] and given["cas"] in numbers and given["name"] not in _IN_WATER):
            continue
        known.add(given["name"])
        if given["name"] not in _IN_WATER:
            numbers.add(given["cas"])
        made.append(Chemical(**given, **_derived(given, now), created_at=now, updated_at=now))
    for one in made:
        _fill_in(one)
    Chemical.objects.bulk_create(made, batch_size=500)
    filled = [one for one in standing.values() if _fill_in(one)]
    Chemical.objects.bulk_update(filled, [*PHYSICAL, "sources"], batch_size=200)
    load_environment(now=now)
    return len(made)


def _fill_in(one: Chemical) -> bool:
    """Physical data from the file, where a chemical has none and nobody took one out; whether any was found."""
    found = {
        field: told for field, told in data_for(name=one.name, cas=one.cas)
        if getattr(one, field) is None and field not in one.sources
    }  # fmt: skip
    for field, told in found.items():
        setattr(one, field, told.value)
        one.sources[field] = told.source
    return bool(found)


def shipped_numbers() -> set[str]:
    """The CAS numbers of the chemicals that ship."""
    return {given["cas"] for given in [*_own_rows(), *_listed_rows()] if given["cas"]}


def _own_rows() -> Iterator[dict[str, Any]]:
    with _SHIPPED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {
                "name": row["name"], "aliases": _many(row["aliases"]), "english": row["english"], "cas": row["cas"],
                "un_no": row["un"], "state": row["state"], "hazard_classes": _many(row["classes"]),
                "gb18218_item": row["item"], "boiling_point_c": _number(row["boiling"]),
                "flash_point_c": _number(row["flash"]), "density": _number(row["density"]),
                "lower_limit": _number(row["lower"]), "upper_limit": _number(row["upper"]), "mark": row["mark"],
                "data_source": "",
            }  # fmt: skip


def _listed_rows() -> Iterator[dict[str, Any]]:
    """The items of table 1 of GB 18218 and the entries of the regulated lists, by what they print."""
    empty: dict[str, Any] = {"un_no": "", "state": "", "hazard_classes": [], "data_source": ""}
    for item in table1().values():
        yield empty | {
            "name": item.name, "aliases": list(item.aliases), "english": item.name_en, "gb18218_item": str(item.number),
            "cas": item.cas[0] if len(item.cas) == 1 else "", "mark": item.mark[0],
        }  # fmt: skip
    for code in lists.regulated_lists():
        for entry in lists.entries(code):
            yield empty | {
                "name": entry.name[:200], "aliases": [one[:120] for one in entry.aliases],
                "english": entry.name_en[:200],
                "gb18218_item": "", "cas": entry.cas[0] if len(entry.cas) == 1 else "", "mark": entry.mark[0],
            }  # fmt: skip


def _derived(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Sorting keys, and the lists on which it stands today."""
    return {
        "pinyin": pinyin_key(given["name"]),
        "initials": initials(given["name"]),
        "lists": lists_of(given, on=Calendar().local_date(now)),
    }


def lists_of(given: Mapping[str, Any], *, on: date) -> list[str]:
    """Codes of the regulated lists on which a chemical stands, each once."""
    found = lists.memberships(cas=given["cas"], name=given["name"], aliases=given["aliases"], on=on)
    return list(dict.fromkeys(one.list for one in found))


def _checked(known: Mapping[str, Any], before: Chemical | None) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name in ("name", "english", "cas", "un_no", "catalogue_no", "gb18218_item", "data_source"):
        if name in given:
            given[name] = clean(given[name])
    if before is None:
        given = {"aliases": [], "hazard_classes": [], "cas": "", **given}
    if not given.get("name", getattr(before, "name", "")):
        wrong["name"] = _("请填写此项。")
    if given.get("cas"):
        number = cas.read(given["cas"])
        if number.is_valid:
            given["cas"] = number.number
        else:
            wrong["cas"] = _("CAS号有误，请核对（末位是校验码）。")
    if given.get("un_no") and not (given["un_no"].isdigit() and len(given["un_no"]) == 4):
        wrong["un_no"] = _("联合国编号是四位数字。")
    if given.get("state") not in (None, "", *State.values):
        wrong["state"] = _("请选择物态。")
    if (classes := given.get("hazard_classes")) and (told := class_fault(classes)) is not None:
        wrong["hazard_classes"] = told
    for name in ("aliases", "hazard_classes"):
        if (long := too_long(Chemical._meta.get_field(name), given.get(name))) is not None:
            wrong[name] = _("“%(text)s…”太长。") % {"text": long[:20]}
    low, high = given.get("lower_limit"), given.get("upper_limit")
    if low is not None and high is not None and not 0 <= low < high <= 100:
        wrong["upper_limit"] = _("爆炸上限应大于下限，且都在0到100之间。")
    if given.get("density") is not None and not 0 < given["density"] <= 30:
        wrong["density"] = _("密度应大于0、不大于30吨/立方米。")
    for name in ("molar_mass", "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3", "ld50_oral", "ld50_dermal", "lc50_inhaled"):
        if given.get(name) is not None and given[name] <= 0:
            wrong[name] = _("应大于0。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def class_fault(classes: Sequence[str]) -> Text | None:
    """What is wrong with hazard classes as typed: one that is none, or two that contradict each other."""
    language = get_language() or "zh"
    read = ghs.parse("；".join(classes))
    if read.problems:
        return _("看不懂的危险性类别：%(said)s") % {"said": read.problems[0].reason.in_language(language)}
    against = ghs.contradictions(read.hazards)
    return against[0].reason.in_language(language) if against else None


def _record(actor: Actor, act: str, chemical: Chemical, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type="registry.chemical", subject_id=chemical.pk, facts=facts, now=now
    )  # fmt: skip


def _many(text: str) -> list[str]:
    return [one for one in text.split(";") if one]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
