"""The completeness of files follows what is entered: measured at the end of an act, and each night by the clock."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Completeness, CompletenessRule, Enterprise
from quancheng.domains.registry.queries.completeness import Rows, SetRule, lines_of, read_rows, set_rules
from quancheng.domains.registry.queries.posts import vacancies_of
from quancheng.domains.registry.services.locking import lock_files
from quancheng.domains.registry.services.refiling import follow_changes
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.standards.completeness import Line, rules_by_code, score

RULES = "registry.files.rules"
#: Files measured in one go.
BATCH = 500
MOST_WEIGHT = 100


def follow_files(files: Collection[uuid.UUID], *, now: datetime) -> None:
    """What follows from files that changed, at the end of the act and in its transaction: scores, and filings owed."""
    ordered = sorted(files)
    rules = set_rules() if ordered else {}
    for start in range(0, len(ordered), BATCH):
        rows, _changed = _measure(ordered[start : start + BATCH], rules, now)
        follow_changes(rows, now=now)


def measure_all(*, now: datetime) -> int:
    """Measure every file anew: licences run out, certificates end, a year begins. Returns how many came out otherwise.

    Idempotent; each batch is a transaction of its own.
    """
    rules = set_rules()
    done, last = 0, uuid.UUID(int=0)
    while pks := list(
        Enterprise.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):  # fmt: skip
        with transaction.atomic():
            _rows, changed = _measure(pks, rules, now)
        done += changed
        last = pks[-1]
    return done


def _measure(
    pks: Sequence[uuid.UUID], rules: dict[str, SetRule], now: datetime
) -> tuple[dict[uuid.UUID, Rows], int]:  # fmt: skip
    """Measure some files, which are locked first; what was read of them, and how many came out otherwise."""
    before = lock_files(pks, now=now)
    read = read_rows(list(before), on=Calendar().local_date(now))
    changed = []
    for pk, rows in read.items():
        lines = lines_of(rows, rules=rules)
        row, kept, vacancies = before[pk], [_plain(one) for one in lines], vacancies_of(rows.post_rows)
        if row.lines == kept and row.score is not None and row.vacancies == vacancies:
            continue
        row.score, row.lines, row.measured_at = score(lines), kept, now
        row.gaps = [one.code for one in lines if one.is_gap]
        row.vacancies, row.vacant_posts = vacancies, len(vacancies)
        changed.append(row)
    Completeness.objects.bulk_update(changed, ["score", "gaps", "lines", "vacancies", "vacant_posts", "measured_at"])
    return read, len(changed)


def _plain(line: Line) -> dict[str, Any]:
    return {**asdict(line), "missing": list(line.missing)}


# Rules -----------------------------------------------------------------------------------------------------------


def set_rule(*, actor: Actor, code: str, weight: int, is_asked: bool, now: datetime) -> CompletenessRule:
    """Set how a district weighs one datum, or that it does not ask for it; every file is measured anew in the night.

    :raises NotFound: no such datum. :raises Invalid: a weight out of range.
    """
    actor.require(RULES)
    if code not in rules_by_code():
        raise NotFound
    if not 1 <= weight <= MOST_WEIGHT:
        raise Invalid(fields={"weight": _("权重应为1至%(most)s。") % {"most": MOST_WEIGHT}})
    with transaction.atomic():
        row, _made = CompletenessRule.objects.update_or_create(
            code=code, defaults={"weight": weight, "is_asked": is_asked, "updated_at": now}
        )
        facts = {"code": code, "weight": weight, "is_asked": is_asked}
        journal.record(actor=actor, act="registry.completeness.rule", facts=facts, now=now)
    return row
