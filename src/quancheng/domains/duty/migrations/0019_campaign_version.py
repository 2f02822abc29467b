"""Who revises a campaign's scheme names the version that was shown to him; the release before this writes none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duty", "0018_assignment_start_filled")]

    operations = [
        migrations.AddField("campaign", "version", models.PositiveIntegerField(default=1, db_default=1)),
    ]
