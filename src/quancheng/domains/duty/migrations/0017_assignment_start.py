"""Assignments hold the day on which their task begins, so that a light needs no other table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duty", "0016_duty_records")]

    operations = [
        migrations.AddField("assignment", "start_date", models.DateField(null=True, verbose_name="起始日期")),
    ]
