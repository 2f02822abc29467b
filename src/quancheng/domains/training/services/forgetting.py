"""Files of persons deleted when their days are over, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from quancheng.domains.training.models import ExamSitting, Person, PersonQualification, RetrainingOrder, TrainingRecord
from quancheng.kernel.files.services import release_files


def forget(rows: Sequence[Person]) -> None:
    """Delete locked files in the caller's transaction; scans and photos go with them."""
    held = PersonQualification.objects.filter(person__in=[row.pk for row in rows])
    learned = TrainingRecord.objects.filter(person__in=[row.pk for row in rows])
    sat = ExamSitting.objects.filter(person__in=[row.pk for row in rows])
    for row in [*rows, *held, *learned, *sat]:
        release_files(row=row)
    TrainingRecord.objects.filter(pk__in=[row.pk for row in learned]).delete()
    ExamSitting.objects.filter(pk__in=[row.pk for row in sat]).delete()
    RetrainingOrder.objects.filter(person__in=[row.pk for row in rows]).delete()
    PersonQualification.objects.filter(pk__in=[row.pk for row in held]).delete()
    Person.objects.filter(pk__in=[row.pk for row in rows]).delete()
