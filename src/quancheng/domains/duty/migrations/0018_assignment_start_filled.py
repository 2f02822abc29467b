"""Assignments that stood before take over the day on which their task begins, in batches; from now on none is without."""

from django.db import migrations, models

BATCH = 10_000


def take_over(apps, schema_editor):
    """In the one transaction of the upgrade, so that it can be tried and undone."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM duty_assignment WHERE start_date IS NULL")
        keys = [key for (key,) in cursor.fetchall()]
        for first in range(0, len(keys), BATCH):
            cursor.execute(
                "UPDATE duty_assignment AS part SET start_date = duty_task.start_date"
                " FROM duty_task WHERE duty_task.id = part.task_id AND part.id = ANY(%s)",
                [keys[first : first + BATCH]],
            )


class Migration(migrations.Migration):
    dependencies = [("duty", "0017_assignment_start")]

    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AlterField("assignment", "start_date", models.DateField(verbose_name="起始日期")),
    ]
