"""Mandatory sections of rounds (必检部分): frozen with the round, and added while units may still answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from quancheng.domains.hazards.loops.round import ROUND_TARGET
from quancheng.domains.hazards.models import InspectionRound, RoundItem, RoundSection, RoundTarget
from quancheng.domains.hazards.queries.sections import FIRST_POSITION, Asked, sections_for
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, Edition
from quancheng.kernel.notices.services import notify, people_for

#: Kind of notice of a section that came to a part by night.
ADDED = "hazards.round_section_added"
#: Days that a unit has at least for a section that is added after the round was issued; else its next round has it. [D]
LEAST_DAYS = 3


def plain_item(row: InspectionRound, position: int, clause: Clause, section: Edition | None = None) -> RoundItem:
    """A line of a checklist as a round freezes it."""
    return RoundItem(
        round=row, position=position, place=clause.place, text=clause.summary, text_en=clause.summary_en,
        basis=clause.basis, grade=clause.grade, mark=clause.mark, asks=clause.asks, section=section,
    )  # fmt: skip


def freeze_items(row: InspectionRound, asked: Sequence[Asked]) -> Mapping[Any, int]:
    """Items of sections into a round, each edition once; how many each file is asked, by its key."""
    counts: dict[Any, int] = {}
    for one in asked:
        if one.is_chosen:
            continue
        known = row.items.filter(section=one.edition).count()
        if not known:
            last = row.items.filter(section__isnull=False).aggregate(last=Max("position"))["last"]
            clauses = law.list_clauses(one.edition)
            made = [
                plain_item(row, number, clause, one.edition)
                for number, clause in enumerate(clauses, start=(last or FIRST_POSITION - 1) + 1)
            ]
            known = len(RoundItem.objects.bulk_create(made))
        for file in one.because:
            counts[file] = counts.get(file, 0) + known
    return counts


def give_sections(targets: Sequence[RoundTarget], asked: Sequence[Asked], now: datetime) -> None:
    """Sections to the units' parts that they concern."""
    RoundSection.objects.bulk_create([
        RoundSection(
            target=target, edition=one.edition, added_at=now,
            because=[{"zh": each.zh, "en": each.en} for each in one.because[target.file_id]],
        )
        for one in asked
        for target in targets
        if target.file_id in one.because
    ])  # fmt: skip


def add_sections(*, actor: Actor, now: datetime) -> int:
    """Each night: a unit whose part is open and that does such work by now gets the section too, while its term leaves
    :data:`LEAST_DAYS`; returns how many parts. What was answered stands as it was answered.
    """
    today, count = Calendar().local_date(now), 0
    rows = InspectionRound.objects.filter(
        status="RUNNING", due_date__gte=today + timedelta(days=LEAST_DAYS), targets__closed_at__isnull=True
    )  # fmt: skip
    for key in list(rows.order_by("pk").values_list("pk", flat=True).distinct()):
        with transaction.atomic():
            row = InspectionRound.objects.select_for_update(no_key=True, of=("self",)).select_related("edition").get(
                pk=key
            )  # fmt: skip
            if row.status == "RUNNING":
                count += _add(actor, row, now)
    return count


def _add(actor: Actor, row: InspectionRound, now: datetime) -> int:
    open_parts = {one.file_id: one for one in row.targets.filter(closed_at__isnull=True).order_by("pk")}
    day = max(Calendar().local_date(now), row.start_date)
    count, answer = 0, ROUND_TARGET.moves["answer"].holder.duty
    for one in sections_for(list(open_parts), day=day, now=now, chosen=row.edition):
        # Whoever has it by an earlier edition keeps that one.
        having = set(
            RoundSection.objects.filter(target__round=row, edition__text=one.edition.text_id)
            .values_list("target__file", flat=True)
        )  # fmt: skip
        because = {file: why for file, why in one.because.items() if file not in having}
        if not because:
            continue
        asked = Asked(one.edition, because, is_chosen=one.is_chosen)
        counts = freeze_items(row, [asked])
        targets = [open_parts[file] for file in because]
        give_sections(targets, [asked], now)
        for target in targets:
            RoundTarget.objects.filter(pk=target.pk).update(
                item_count=F("item_count") + counts.get(target.file_id, 0), updated_at=now
            )
            journal.record(
                actor=actor, act="hazards.round_target.section", subject_type=RoundTarget.row_type(),
                subject_id=target.pk, org_id=target.owner_org_id, now=now,
                facts={"section": one.edition.text_id, "edition": one.edition.number},
            )  # fmt: skip
            if not one.is_chosen:
                notify(
                    users=people_for(organisation_id=target.owner_org_id, duty=answer), kind=ADDED, now=now,
                    data={"title": target.title, "due": target.due_date.isoformat()},
                    subject_type=RoundTarget.row_type(), subject_id=target.pk,
                )  # fmt: skip
        count += len(targets)
    return count
