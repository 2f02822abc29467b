"""When a class of several days ends, and when a one way was set; what is owed on its earlier days waits for its end."""

from datetime import timedelta

from django.db import migrations, models


def carry(apps, schema_editor):
    """Classes of several days get the end of their last day that is not cancelled, and what is owed of their effect on
    the days before it falls due after that day."""
    sessions = apps.get_model("training", "TrainingSession").objects
    items = apps.get_model("work", "WorkItem").objects.filter(
        loop_code="training.session", state="HELD", done_at__isnull=True
    )
    for first in sessions.filter(day_count__gt=1, day_number=1).order_by("pk").iterator():
        days = [first, *sessions.filter(first_day=first)]
        ends = max((one.ends_at for one in days if one.status != "CANCELLED"), default=None)
        ends = ends or max(one.ends_at for one in days)
        sessions.filter(pk__in=[one.pk for one in days]).update(class_ends_at=ends)
        # Closed before a later day was cancelled: its practice was to be judged on that day.
        gone = max((one.status_at for one in days if one.status == "CANCELLED" and one.ends_at > ends), default=None)
        for one in days:
            if gone and one.status == "HELD" and one.ends_at == ends and one.closed_at and one.closed_at < gone:
                sessions.filter(pk=one.pk).update(is_last_late=True)
        before = [one.pk for one in days if one.ends_at < ends]
        due = ends + timedelta(days=30)
        items.filter(subject_id__in=before, due_at__lt=due).update(due_at=due)


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0023_classes_of_several_days'),
        ('work', '0005_acts_instead_of'),
    ]

    operations = [
        migrations.AddField(
            model_name='trainingsession',
            name='class_ends_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='培训班结束时间'),
        ),
        migrations.AddField(
            model_name='trainingsession',
            name='is_last_late',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='unifiedway',
            name='set_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='设定时间'),
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
    ]
