"""What is the one way of a programme by now is the first that is kept with its days."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def carry(apps: Any, schema_editor: Any) -> None:
    ways = apps.get_model("training", "UnifiedWay").objects
    for one in apps.get_model("training", "Programme").objects.filter(unified_from__isnull=False):
        ways.create(
            programme_id=one.pk, course_id=one.unified_course_id, rule_id=one.unified_rule_id,
            office_id=one.unified_by_id, from_date=one.unified_from,
        )


class Migration(migrations.Migration):
    dependencies = [("training", "0019_unified_ways")]

    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
