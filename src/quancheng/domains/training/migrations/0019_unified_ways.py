import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import quancheng.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0007_separated_throughout'),
        ('training', '0018_practice_of_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='unified_before',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, editable=False, size=None),
        ),
        migrations.AddField(
            model_name='programme',
            name='unified_to',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='统一培训停用日期'),
        ),
        migrations.RemoveConstraint(
            model_name='programme',
            name='programme_unified_asks',
        ),
        migrations.AddConstraint(
            model_name='programme',
            constraint=models.CheckConstraint(condition=models.Q(('unified_from__isnull', True), ('unified_to__isnull', False), models.Q(('pass_mark__isnull', False), models.Q(('syllabus', ''), _negated=True)), _connector='OR'), name='programme_unified_asks'),
        ),
        migrations.AddConstraint(
            model_name='programme',
            constraint=models.CheckConstraint(condition=models.Q(('unified_to__isnull', True), models.Q(('unified_from__isnull', False), ('unified_to__gte', models.F('unified_from'))), _connector='OR'), name='programme_unified_in_order'),
        ),
        migrations.CreateModel(
            name='UnifiedWay',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('from_date', models.DateField(verbose_name='统一培训启用日期')),
                ('to_date', models.DateField(blank=True, null=True, verbose_name='统一培训停用日期')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.course', verbose_name='统一教材')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='统一发证单位')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ways', to='training.programme')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.paperrule', verbose_name='统一试卷')),
            ],
            options={
                'indexes': [models.Index(fields=['programme', 'from_date'], name='unified_way_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_date__isnull', True), ('to_date__gte', models.F('from_date')), _connector='OR'), name='unified_way_in_order'), models.UniqueConstraint(condition=models.Q(('to_date__isnull', True)), fields=('programme',), name='unified_way_one_goes_on')],
            },
        ),
    ]
