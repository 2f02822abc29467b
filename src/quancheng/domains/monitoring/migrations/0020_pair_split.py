import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('monitoring', '0019_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='PairSplit',
            fields=[
                ('tag', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='pair_split', serialize=False, to='monitoring.tag')),
                ('since_at', models.DateTimeField()),
                ('apart_ms', models.BigIntegerField()),
                ('noted_at', models.DateTimeField()),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='monitoring.tag')),
            ],
        ),
    ]
