from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0006_aside_age"),
    ]

    operations = [
        migrations.AddField(
            model_name="asidemessage",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="asidemessage",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False), ("replayed_at__isnull", True)),
                fields=["asked_at", "id"],
                name="aside_due",
            ),
        ),
    ]
