import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0007_separated_throughout'),
        ('training', '0021_post_verdicts'),
    ]

    operations = [
        migrations.AddField(
            model_name='trainingrecord',
            name='office',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='组织培训的部门'),
        ),
    ]
