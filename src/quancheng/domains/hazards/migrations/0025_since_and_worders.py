from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('hazards', '0024_patrols'),
        ('people', '0007_separated_throughout'),
        ('registry', '0026_registration_code'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='patrol',
            name='patrol_status_known',
        ),
        migrations.AddField(
            model_name='checksum',
            name='is_folded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='closingsum',
            name='is_folded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='dangerfilesum',
            name='is_folded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='dangersum',
            name='is_folded',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='departmentchecklist',
            name='worders',
            field=models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟订人'),
        ),
        migrations.AddField(
            model_name='patrolstop',
            name='since_version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddIndex(
            model_name='checksum',
            index=models.Index(condition=models.Q(('is_folded', False)), fields=['month'], name='check_sum_added'),
        ),
        migrations.AddIndex(
            model_name='closingsum',
            index=models.Index(condition=models.Q(('is_folded', False)), fields=['month'], name='closing_sum_added'),
        ),
        migrations.AddIndex(
            model_name='dangerfilesum',
            index=models.Index(condition=models.Q(('is_folded', False)), fields=['month'], name='danger_file_sum_added'),
        ),
        migrations.AddIndex(
            model_name='dangersum',
            index=models.Index(condition=models.Q(('is_folded', False)), fields=['month'], name='danger_sum_added'),
        ),
        migrations.AddConstraint(
            model_name='patrol',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DUE', 'WALKED', 'MISSED', 'CANCELLED'])), name='patrol_status_known'),
        ),
    ]
