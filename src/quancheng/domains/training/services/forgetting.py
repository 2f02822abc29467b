"""Files of persons deleted when their days are over, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from quancheng.domains.training.models import (
    BlackListing,
    EntryStep,
    ExamSitting,
    Person,
    PersonQualification,
    RetrainingOrder,
    TrainingRecord,
)
from quancheng.kernel.files.services import release_files


def forget(rows: Sequence[Person]) -> None:
    """Delete locked files in the caller's transaction; scans and photos go with them."""
    pks = [row.pk for row in rows]
    held = PersonQualification.objects.filter(person__in=pks)
    learned = TrainingRecord.objects.filter(person__in=pks)
    sat = ExamSitting.objects.filter(person__in=pks)
    for row in [*rows, *held, *learned, *sat, *EntryStep.objects.filter(person__in=pks)]:
        release_files(row=row)
    TrainingRecord.objects.filter(pk__in=[row.pk for row in learned]).delete()
    ExamSitting.objects.filter(pk__in=[row.pk for row in sat]).delete()
    RetrainingOrder.objects.filter(person__in=pks).delete()
    # What still bars him goes on by the index of his identity; his name does not.
    BlackListing.objects.filter(person__in=pks).update(title="（档案已删除）")
    PersonQualification.objects.filter(pk__in=[row.pk for row in held]).delete()
    Person.objects.filter(pk__in=[row.pk for row in rows]).delete()
