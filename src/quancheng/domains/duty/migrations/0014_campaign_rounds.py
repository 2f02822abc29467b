"""Campaigns have rounds, and the task that orders them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duty", "0013_chart_rows")]

    operations = [
        migrations.AddField(
            "campaign",
            "task",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="duty.task",
            ),
        ),
        migrations.AddField("campaign", "rounds", models.PositiveSmallIntegerField(default=1, verbose_name="轮次")),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(condition=models.Q(("rounds__range", (1, 12))), name="campaign_rounds"),
        ),
        migrations.AddField("campaignunit", "round", models.PositiveSmallIntegerField(default=1, verbose_name="轮次")),
        migrations.RemoveConstraint("campaignunit", "campaign_unit_once"),
        migrations.AddConstraint(
            "campaignunit",
            models.UniqueConstraint(fields=("campaign", "org", "round"), name="campaign_unit_once_a_round"),
        ),
    ]
