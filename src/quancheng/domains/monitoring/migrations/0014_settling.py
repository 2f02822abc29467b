"""When what a rule held back may speak; and how conditions stand by the events that were written down before alarms
came, so that what stood at the upgrade is raised and shown."""

from __future__ import annotations

import zlib
from typing import Any

from django.db import migrations, models

#: Partitions of the stream, and how an enterprise finds its own, as this version has them.
PARTITIONS = 8


def seed(apps: Any, schema_editor: Any) -> None:
    event, condition = (apps.get_model("monitoring", name) for name in ("LimitEvent", "AlarmCondition"))
    if condition.objects.exists():
        return
    newest = event.objects.order_by("tag", "limit", "-at", "-id").distinct("tag", "limit").select_related("tag")
    made = [
        condition(
            tag_id=one.tag_id, type=one.limit, partition=zlib.crc32(one.tag.file_id.bytes) % PARTITIONS,
            is_active=True, at=one.at, value=one.value, limit_value=one.limit_value, is_late=True,
            noted_at=one.noted_at, is_waiting=True,
        )
        for one in newest
        if one.is_raised and one.tag.status == "live"
    ]  # fmt: skip
    condition.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0013_alarm_months")]

    operations = [
        migrations.AddField(
            model_name="alarmcondition",
            name="settles_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
