from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0022_kept_for_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="completeness",
            name="vacancies",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="completeness",
            name="vacant_posts",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="completeness",
            index=models.Index(fields=["file"], include=("vacancies", "vacant_posts"), name="completeness_vacancies"),
        ),
    ]
