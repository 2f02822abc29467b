"""Practical parts that sessions passed are told by the hours that they credited; the teacher judged them.

What was completed before this release without one keeps: programmes ask it of who completes them from tomorrow on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone


def tell(apps: Any, schema_editor: Any) -> None:
    enrolments = apps.get_model("training", "Enrolment").objects.filter(
        record__isnull=False, practice_score__isnull=False, outcome="credited"
    )
    records = apps.get_model("training", "TrainingRecord").objects
    for one in enrolments.select_related("session", "record__programme").iterator():
        records.filter(pk=one.record_id).update(
            practice_score=one.practice_score, practice_date=one.record.held_date, assessor=one.session.teacher,
            is_practised=one.practice_score >= (one.record.programme.pass_mark or 60),
        )


def begin(apps: Any, schema_editor: Any) -> None:
    """Nobody who stood complete on the day of the release loses it; an empty house asks from the first."""
    first = timezone.localdate() + timedelta(days=1)
    apps.get_model("training", "Programme").objects.filter(needs_practice=True).update(practice_from=first)


class Migration(migrations.Migration):
    dependencies = [("training", "0017_unified_and_quotas")]

    operations = [
        migrations.RunPython(tell, migrations.RunPython.noop),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
