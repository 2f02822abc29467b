"""Who handed over may come back: once at a time, not once for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("permits", "0010_spot_checks_and_filings")]

    operations = [
        migrations.RemoveConstraint(model_name="permitperson", name="permit_person_part_once"),
        migrations.AddConstraint(
            model_name="permitperson",
            constraint=models.UniqueConstraint(
                condition=models.Q(ended_at__isnull=True), fields=("permit", "person", "part"),
                name="permit_person_part_once",
            ),
        ),
    ]  # fmt: skip
