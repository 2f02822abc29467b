"""Entering the divisions of a district: idempotent, names of before kept, nothing deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.divisions import Division
from quancheng.kernel.areas.models import Area, AreaAlias, AreaLevel
from quancheng.kernel.areas.services import base36, next_seq, rename
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.names import clean, initials, pinyin_key


@dataclass
class ImportResult:
    """What an import did; ``missing`` are standing divisions below the district that the source does not name."""

    home: Area
    created: int = 0
    renamed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    missing: list[Area] = field(default_factory=list)


def import_divisions(
    *, actor: Actor, district_code: str, divisions: Sequence[Division], source: str, now: datetime
) -> ImportResult:
    """Enter a district with its ancestors, streets and villages, and make it the home district if there is none.

    Done again it enters what is new and renames what is named otherwise, the old name staying as a historical alias.
    What the source no longer names stays, and is told: whether it was merged or abolished a person decides
    (:func:`~quancheng.kernel.areas.services.retire_area`).

    :param divisions: parents before children, of one district alone (``DivisionFolder.under``, ``read_divisions``).
    :raises Invalid: the district is not among them and not known.
    :raises Conflict: the house supervises another district.
    """
    actor.require("people.organisations.manage")
    with transaction.atomic():
        # The lock of the row numbers also makes two imports take turns.
        seq = next_seq()
        known = {area.code: area for area in Area.objects.filter(valid_to__isnull=True).exclude(code="")}
        existing = dict(known)
        result = ImportResult(home=Area())
        fresh: list[Area] = []
        for division in divisions:
            area = known.get(division.code)
            if area is None:
                area = _new(division, _parent(division, known), seq)
                seq += 1
                known[division.code] = area
                fresh.append(area)
            elif area.name != clean(division.name):
                result.renamed.append((area.name, clean(division.name)))
                rename(area, clean(division.name))
            else:
                result.unchanged += 1
        Area.objects.bulk_create(fresh, batch_size=1000)
        _aliases(divisions, known)
        result.created = len(fresh)
        result.home = _make_home(known, district_code)
        named = {division.code for division in divisions}
        result.missing = [
            area
            for code, area in sorted(existing.items())
            if code not in named and code.startswith(district_code) and len(code) > len(district_code)
        ]
        journal.record(
            actor=actor, act="areas.divisions.import", subject_type="areas.area", subject_id=result.home.pk, now=now,
            facts={
                "district": district_code, "source": source[:200], "created": result.created,
                "renamed": [list(pair) for pair in result.renamed], "missing": [one.code for one in result.missing],
                "digest": digest_of([[one.code, one.name] for one in divisions]),
            },
        )  # fmt: skip
    return result


def _parent(division: Division, known: dict[str, Area]) -> Area | None:
    """The nearest ancestor by code: the middle level is missing where it exists in the statistics alone."""
    for length in (9, 6, 4, 2):
        if length < len(division.code) and division.code[:length] in known:
            return known[division.code[:length]]
    return None


def _new(division: Division, parent: Area | None, seq: int) -> Area:
    name = clean(division.name)
    return Area(
        code=division.code,
        name=name,
        full_name=f"{parent.full_name if parent else ''}{name}"[:240],
        level=division.level,
        parent=parent,
        seq=seq,
        path=f"{parent.path if parent else '/'}{base36(seq)}/",
        pinyin=pinyin_key(name),
        initials=initials(name, limit=80),
    )


def _aliases(divisions: Sequence[Division], known: dict[str, Area]) -> None:
    AreaAlias.objects.bulk_create(
        [
            AreaAlias(area=known[one.code], name=one.short_name, kind="short")
            for one in divisions
            if one.short_name and one.short_name != known[one.code].name
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def _make_home(known: dict[str, Area], district_code: str) -> Area:
    district = known.get(district_code)
    if district is None:
        raise Invalid(fields={"district_code": _("数据中没有该区县本身。")})
    home = Area.objects.filter(is_home=True).first()
    if home is None and district.level == AreaLevel.DISTRICT:
        Area.objects.filter(pk=district.pk).update(is_home=True)
        district.is_home = True
    elif home is not None and home.pk != district.pk:
        raise Conflict(_("本系统已用于“%(name)s”，不能导入其他区县。") % {"name": home.name}, code="other_district")
    return district
