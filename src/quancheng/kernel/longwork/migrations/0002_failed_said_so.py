"""Failed work is said to have failed: 未完成 may as well be read as still under way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("longwork", "0001_initial")]

    operations = [
        migrations.AlterField(
            "longwork",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "排队中"),
                    ("running", "进行中"),
                    ("done", "已完成"),
                    ("failed", "执行失败"),
                    ("cancelled", "已取消"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="状态",
            ),
        ),
    ]
