"""Alarms whose peak is still to be read from the store are found by an index of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0011_telling")]

    operations = [
        migrations.AddIndex(
            model_name="alarm",
            index=models.Index(
                condition=models.Q(
                    ("cleared_at__isnull", False), ("peak_value__isnull", True), ("type__in", ["H", "HH", "L", "LL"])
                ),
                fields=["cleared_at"],
                name="alarm_without_peak",
            ),
        ),
    ]
