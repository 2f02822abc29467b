"""What ships with the house, from the tables in ``data``. What a person changed stays as he left it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import transaction

from quancheng.domains.training.models import (
    CertificateAlias,
    CertificateKind,
    Programme,
    RoleRequirement,
    StaffQuota,
    WorkRole,
)
from quancheng.domains.training.models.certificates import WARN_D
from quancheng.domains.training.services.questions import load_questions

_DATA = Path(__file__).parent.parent / "data"


def load_shipped() -> None:
    """Bring what ships in step; after migrations."""
    with transaction.atomic():
        _load_roles()
        _load_kinds()
        _load_aliases()
        _load_requirements()
        load_questions()
        _load_programmes()
        _load_quotas()


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Lines of a table that ships."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _load_roles() -> None:
    load_rows(WorkRole, ("code",), {
        row["code"]: {
            "name": row["zh"], "name_en": row["en"], "is_task_only": row["is_task_only"] == "1",
            "barred_by": [one for one in row["barred_by"].split("|") if one], "mark": row["mark"],
            "position": place * 10,
        }
        for place, row in enumerate(rows_of("roles"), start=1)
    })  # fmt: skip


def _load_kinds() -> None:
    load_rows(CertificateKind, ("code",), {
        row["code"]: {
            "group": row["group"], "card_code": row["card_code"], "category": row["category"],
            "category_en": row["category_en"], "name": row["zh"], "name_en": row["en"],
            "valid_years": _number(row["valid_years"]), "recheck_years": _number(row["recheck_years"]),
            "min_age": _number(row["min_age"]), "min_education": row["min_education"], "warn_days": list(WARN_D),
            "basis": row["basis"], "mark": row["mark"], "years_mark": row["years_mark"], "position": place * 10,
        }
        for place, row in enumerate(rows_of("certificate_kinds"), start=1)
    })  # fmt: skip


def _load_aliases() -> None:
    kinds = dict(CertificateKind.objects.values_list("code", "pk"))
    load_rows(CertificateAlias, ("card_code",), {
        row["card_code"]: {
            "cards_until": date.fromisoformat(row["cards_until"]),
            "kind_id": kinds[row["kind"]] if row["kind"] else None, "note": row["zh"],
            "note_en": row["en"], "mark": row["mark"],
        }
        for row in rows_of("certificate_aliases")
    })  # fmt: skip


def _load_requirements() -> None:
    kinds = dict(CertificateKind.objects.values_list("code", "pk"))
    roles = dict(WorkRole.objects.values_list("code", "pk"))
    load_rows(RoleRequirement, ("code",), {
        row["code"]: {
            "role_id": roles[row["role"]], "kind": row["kind"], "alternative": int(row["alternative"]),
            "certificate_id": kinds[row["certificate"]] if row["certificate"] else None,
            "min_education": row["min_education"],
            "major_fields": [one for one in row["major_fields"].split("|") if one], "min_title": row["min_title"],
            "min_age": _number(row["min_age"]), "hours": _number(row["hours"]), "applies": row["applies"],
            "posted_since": date.fromisoformat(row["posted_since"]) if row["posted_since"] else None,
            "grace_months": int(row["grace_months"] or 0), "is_strict": row["is_strict"] == "1",
            "basis": row["zh"], "basis_en": row["en"], "mark": row["mark"],
        }
        for row in rows_of("role_requirements")
    })  # fmt: skip


def _load_programmes() -> None:
    def codes(text: str) -> list[str]:
        return [one for one in text.split("|") if one]

    load_rows(Programme, ("code",), {
        row["code"]: {
            "kind": row["kind"], "name": row["zh"], "name_en": row["en"], "roles": codes(row["roles"]),
            "except_roles": codes(row["except_roles"]), "employments": codes(row["employments"]),
            "kinds": codes(row["kinds"]), "first_hours": int(row["first_hours"]), "plant_hours": int(row["plant"]),
            "workshop_hours": int(row["workshop"]), "team_hours": int(row["team"]),
            "yearly_hours": int(row["yearly_hours"]), "interval_months": int(row["interval_months"]),
            "interval_hours": int(row["interval_hours"]), "within_days": int(row["within_days"]),
            "pass_mark": _number(row["pass_mark"]), "needs_practice": row["needs_practice"] == "1",
            "is_owed": row["is_owed"] == "1", "syllabus": "\n".join(codes(row["syllabus"])), "basis": row["basis_zh"],
            "basis_en": row["basis_en"], "mark": row["mark"], "position": place * 10,
        }
        for place, row in enumerate(rows_of("programmes"), start=1)
    })  # fmt: skip


def _load_quotas() -> None:
    roles = dict(WorkRole.objects.values_list("code", "pk"))
    load_rows(StaffQuota, ("code",), {
        row["code"]: {
            "role_id": roles[row["role"]], "kinds": row["kinds"].split("|"), "least": int(row["least"]),
            "share_percent": int(row["share"]), "staff_over": int(row["staff_over"]), "basis": row["zh"],
            "basis_en": row["en"], "mark": row["mark"], "position": place * 10,
        }
        for place, row in enumerate(rows_of("staff_quotas"), start=1)
    })  # fmt: skip


def load_rows(model: type[Any], keys: Sequence[str], rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Add what is new, and word anew what no person changed.

    :param keys: columns that name a row; of several of them ``rows`` are under tuples.
    """
    named = attrgetter(*keys)
    standing = {named(one): one for one in model.objects.all()}
    fresh = {name: facts for name, facts in rows.items() if name not in standing}
    model.objects.bulk_create([
        model(**dict(zip(keys, name if len(keys) > 1 else (name,), strict=True)), **facts)
        for name, facts in fresh.items()
    ])  # fmt: skip
    for name, facts in rows.items():
        before = standing.get(name)
        if before is None or before.changed_at is not None:
            continue
        if any(getattr(before, field) != value for field, value in facts.items()):
            model.objects.filter(pk=before.pk).update(**facts)


def _number(text: str) -> int | None:
    return int(text) if text else None
