"""Tasks know whether they stand in a wall chart, and which tasks of the text they serve."""

import django.db.models.deletion
from django.db import migrations, models

import quancheng.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("duty", "0012_own_assignments_open_first")]

    operations = [
        migrations.AddField("task", "in_chart", models.BooleanField(default=False, verbose_name="挂图任务")),
        migrations.CreateModel(
            name="ChartLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("passage", models.TextField(blank=True, verbose_name="对应原文")),
                ("reason", models.CharField(max_length=300, verbose_name="对应依据")),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="serves", to="duty.task"
                    ),
                ),
                (
                    "serves",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="served_by", to="duty.task"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("task", "serves"), name="chart_link_once"),
                    models.CheckConstraint(
                        condition=models.Q(("task", models.F("serves")), _negated=True), name="chart_link_not_itself"
                    ),
                ]
            },
        ),
    ]
