"""Files of persons deleted when their days are over, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from quancheng.domains.training.models import Person, PersonQualification
from quancheng.kernel.files.services import release_files


def forget(rows: Sequence[Person]) -> None:
    """Delete locked files in the caller's transaction; scans and photos go with them."""
    held = PersonQualification.objects.filter(person__in=[row.pk for row in rows])
    for row in [*rows, *held]:
        release_files(row=row)
    PersonQualification.objects.filter(pk__in=[row.pk for row in held]).delete()
    Person.objects.filter(pk__in=[row.pk for row in rows]).delete()
