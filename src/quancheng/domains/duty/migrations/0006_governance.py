import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('duty', '0005_campaigns'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleRecord',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='制度名称')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('text', models.TextField(verbose_name='主要内容')),
                ('in_force_from', models.DateField(verbose_name='施行日期')),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duty.task', verbose_name='来源任务')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StudyRecord',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('topic', models.CharField(max_length=200, verbose_name='学习主题')),
                ('held_date', models.DateField(verbose_name='学习日期')),
                ('attendees', models.CharField(max_length=500, verbose_name='参加人员')),
                ('material', models.CharField(max_length=300, verbose_name='学习材料')),
                ('text', models.TextField(blank=True, verbose_name='学习情况')),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DutyList',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('kind', models.CharField(choices=[('duties', '工作职责清单'), ('tasks', '年度任务清单')], max_length=10, verbose_name='清单类别')),
                ('entries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), size=None, verbose_name='清单内容')),
                ('filed_at', models.DateTimeField(verbose_name='制定时间')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner_org', 'year', 'kind'), name='duty_list_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['duties', 'tasks'])), name='duty_list_kind')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('kind', models.CharField(choices=[('reward', '表扬奖励'), ('talk', '约谈'), ('key', '重点监管')], max_length=10, verbose_name='建议类别')),
                ('rule', models.CharField(max_length=300, verbose_name='依据规则')),
                ('facts', models.JSONField(default=dict)),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='单位')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['PROPOSED', 'ADOPTED', 'DROPPED'])), name='proposal_status_known'), models.UniqueConstraint(condition=models.Q(('status', 'PROPOSED')), fields=('owner_org', 'org', 'year', 'kind'), name='proposal_one_open')],
            },
        ),
        migrations.CreateModel(
            name='SupportItem',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('kind', models.CharField(choices=[('project', '项目'), ('funds', '资金'), ('service', '技术服务')], max_length=10, verbose_name='支持方式')),
                ('title', models.CharField(max_length=200, verbose_name='支持事项')),
                ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='金额（元）')),
                ('given_date', models.DateField(verbose_name='日期')),
                ('text', models.TextField(blank=True, verbose_name='说明')),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='受支持单位')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['project', 'funds', 'service'])), name='support_item_kind'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='support_item_amount'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'funds'), _negated=True), ('amount__isnull', False), _connector='OR'), name='support_item_funds')],
            },
        ),
        migrations.CreateModel(
            name='Veto',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('event_date', models.DateField(verbose_name='事故日期')),
                ('reason', models.TextField(verbose_name='否决理由')),
                ('review_date', models.DateField(verbose_name='年度截止')),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='单位')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['STANDING', 'LIFTED', 'EXPIRED'])), name='veto_status_known'), models.UniqueConstraint(condition=models.Q(('status', 'LIFTED'), _negated=True), fields=('org', 'year', 'event_date'), name='veto_once')],
            },
        ),
    ]
