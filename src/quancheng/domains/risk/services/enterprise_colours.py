"""The colour of an enterprise (企业风险等级) follows its published grading and what forces a colour now."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import EnterpriseRisk, Grading, RiskColour
from quancheng.domains.risk.queries.grading_facts import forcing_facts
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.events.services import publish
from quancheng.standards.risk.verdict import forced_colours

#: Event that is published when the colour of an enterprise changed.
CHANGED = "risk.enterprise.recoloured"
_HOUSE = system_actor("risk.colours")


def recolour_files(*, ids: Collection[uuid.UUID], because: str, now: datetime) -> list[uuid.UUID]:
    """Set the colours of these files anew, with a record of each change and why; in the caller's transaction.

    Without a grading in force there is no colour: a case alone grades nobody. Returns the files that changed.
    """
    today = Calendar().local_date(now)
    known = forcing_facts(ids, today)
    published = {one.file_id: one for one in Grading.objects.filter(file__in=ids, status="PUBLISHED")}
    standing = {one.pk: one for one in EnterpriseRisk.objects.select_for_update().filter(file__in=ids).order_by("pk")}
    changed = []
    for pk in sorted(ids):
        grading, row = published.get(pk), standing.get(pk)
        if grading is None and row is None:
            continue
        graded = None if grading is None else grading.level
        forced = [
            one for one in forced_colours()
            if grading is not None and one.binds(grading.scheme, today)
            and (told := known[pk].get(one.code)) is not None and told.value != "0"
        ]  # fmt: skip
        present = None if graded is None else min([graded, *(int(one.colour) for one in forced)])
        said = [{"code": one.code, "zh": one.text.zh, "en": one.text.en} for one in forced]
        end = None if grading is None else grading.valid_to
        before = None if row is None else (row.graded_level, row.present_level)
        EnterpriseRisk.objects.update_or_create(
            file_id=pk,
            defaults={
                "grading": grading, "graded_level": graded, "present_level": present, "forced": said, "valid_to": end,
                "at": now,
            },
        )  # fmt: skip
        if before == (graded, present):
            continue
        reasons = [{"zh": one["zh"], "en": one["en"]} for one in said]
        if grading is not None and grading.result is not None:
            reasons = [*grading.result["why"], *reasons]
        RiskColour.objects.create(
            file_id=pk, subject="file", subject_id=pk, static_level=graded, present_level=present, because=because,
            reasons=reasons, at=now,
        )  # fmt: skip
        changed.append(pk)
        file = Enterprise.objects.get(pk=pk)
        publish(CHANGED, file, actor=_HOUSE, now=now, facts={"graded": graded, "present": present})
    return changed
