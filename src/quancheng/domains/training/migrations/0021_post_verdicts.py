import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0020_carry_unified_ways'),
    ]

    operations = [
        migrations.AddField(
            model_name='personpost',
            name='barred_by',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), editable=False, null=True, size=None),
        ),
    ]
