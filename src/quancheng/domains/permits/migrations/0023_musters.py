"""Musters (紧急集合点名): the roll of everybody who must be accounted for after an order to leave."""

import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('people', '0007_separated_throughout'),
        ('permits', '0022_search_words'),
        ('registry', '0027_storage_checks'),
        ('training', '0023_classes_of_several_days'),
    ]

    operations = [
        migrations.CreateModel(
            name='Muster',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('point', models.CharField(blank=True, max_length=120, verbose_name='集合点')),
                ('reason', models.CharField(max_length=500, verbose_name='情况说明')),
                ('is_drill', models.BooleanField(default=False, verbose_name='演练')),
                ('called_by', models.CharField(max_length=130, verbose_name='发起人')),
                ('called_at', models.DateTimeField(verbose_name='发起时间')),
                ('told_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('ended_by', models.CharField(blank=True, max_length=130, verbose_name='结束人')),
                ('end_note', models.CharField(blank=True, max_length=500, verbose_name='结束说明')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.enterprise')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='permits.stoporder', verbose_name='停工指令')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.unit', verbose_name='单元')),
            ],
        ),
        migrations.CreateModel(
            name='RollEntry',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('firm', models.CharField(blank=True, max_length=120, verbose_name='单位')),
                ('is_inside', models.BooleanField(default=False, verbose_name='在受限空间内')),
                ('state', models.CharField(choices=[('UNKNOWN', '未到'), ('HERE', '已到'), ('UNDERWAY', '在途'), ('RESCUER', '抢险，豁免')], default='UNKNOWN', max_length=8, verbose_name='状态')),
                ('marked_at', models.DateTimeField(null=True, verbose_name='登记时间')),
                ('marked_by', models.CharField(blank=True, max_length=130, verbose_name='登记人')),
                ('muster', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roll', to='permits.muster')),
                ('permit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='permits.permit')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.person')),
            ],
        ),
        migrations.AddIndex(
            model_name='muster',
            index=models.Index(fields=['-called_at', 'id'], name='muster_newest'),
        ),
        migrations.AddConstraint(
            model_name='muster',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['CALLED', 'ENDED'])), name='muster_status_known'),
        ),
        migrations.AddConstraint(
            model_name='muster',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status', 'CALLED')), models.Q(('ended_at__isnull', False), ('status', 'ENDED')), _connector='OR'), name='muster_ended_at'),
        ),
        migrations.AddConstraint(
            model_name='muster',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'CALLED')), fields=('file',), name='muster_one_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='rollentry',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='roll_by_person'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('muster', 'person'), name='roll_person_once'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['UNKNOWN', 'HERE', 'UNDERWAY', 'RESCUER'])), name='roll_state_known'),
        ),
        migrations.AddConstraint(
            model_name='rollentry',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'UNKNOWN'), ('marked_at__isnull', False), _connector='OR'), name='roll_marked_when'),
        ),
    ]
