import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0022_office_hours'),
    ]

    operations = [
        migrations.AddField(
            model_name='trainingsession',
            name='first_day',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='further_days', to='training.trainingsession'),
        ),
        migrations.AddField(
            model_name='trainingsession',
            name='day_number',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='第几天'),
        ),
        migrations.AddField(
            model_name='trainingsession',
            name='day_count',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='共几天'),
        ),
        migrations.AddConstraint(
            model_name='trainingsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('day_number', 1), ('first_day__isnull', True)), models.Q(('day_number__gt', 1), ('day_number__lte', models.F('day_count')), ('first_day__isnull', False)), _connector='OR'), name='session_day_of_class'),
        ),
    ]
