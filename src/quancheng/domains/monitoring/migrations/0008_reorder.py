from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0007_alarms"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="reorder_s",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="乱序等待（秒）"),
        ),
    ]
