"""An act on an item says for whom a deputy did it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0004_assumed_years")]

    operations = [
        migrations.AddField("workact", "instead_of", models.CharField(blank=True, db_default="", max_length=60)),
    ]
