import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('duty', '0002_reports'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeetingSeries',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('title', models.CharField(max_length=120, verbose_name='会议名称')),
                ('kind', models.CharField(choices=[('full', '全体会议'), ('dispatch', '调度会'), ('joint', '联席会议'), ('consultation', '专题会商'), ('mobilisation', '动员部署会'), ('adhoc', '临时调度会')], max_length=20, verbose_name='会议类别')),
                ('frequency', models.CharField(choices=[('monthly', '每月'), ('quarterly', '每季度'), ('half_yearly', '每半年'), ('yearly', '每年')], max_length=12, verbose_name='召开周期')),
                ('themes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='各期主题')),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('orgs', models.ManyToManyField(blank=True, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='编号')),
                ('period', models.CharField(blank=True, max_length=10, verbose_name='期次')),
                ('kind', models.CharField(choices=[('full', '全体会议'), ('dispatch', '调度会'), ('joint', '联席会议'), ('consultation', '专题会商'), ('mobilisation', '动员部署会'), ('adhoc', '临时调度会')], max_length=20, verbose_name='会议类别')),
                ('title', models.CharField(max_length=200, verbose_name='会议名称')),
                ('theme', models.CharField(blank=True, max_length=60, verbose_name='主题')),
                ('trigger', models.CharField(blank=True, max_length=300, verbose_name='触发原因')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='地点')),
                ('chair', models.CharField(blank=True, max_length=60, verbose_name='主持人')),
                ('due_date', models.DateField(verbose_name='最迟召开日期')),
                ('planned_at', models.DateTimeField(blank=True, null=True, verbose_name='计划召开时间')),
                ('held_at', models.DateTimeField(blank=True, null=True, verbose_name='召开时间')),
                ('points', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None, verbose_name='补充议题')),
                ('sheet', models.JSONField(blank=True, default=dict)),
                ('minutes', models.TextField(blank=True, verbose_name='会议纪要')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='纪要编号')),
                ('circulated_at', models.DateTimeField(blank=True, null=True, verbose_name='印发时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='duty.meetingseries')),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.PositiveSmallIntegerField()),
                ('text', models.TextField(verbose_name='议定事项')),
                ('due_date', models.DateField(verbose_name='完成时限')),
                ('leads', models.ManyToManyField(related_name='+', to='people.organisation')),
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duty.task')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='duty.meeting')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('meeting', 'order'), name='decision_order')],
            },
        ),
        migrations.CreateModel(
            name='Attendee',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('attendance', models.CharField(blank=True, choices=[('present', '到会'), ('substitute', '委托他人到会'), ('leave', '请假'), ('absent', '缺席')], max_length=10, verbose_name='出席情况')),
                ('person', models.CharField(blank=True, max_length=60, verbose_name='参会人员')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendees', to='duty.meeting')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('meeting', 'org'), name='attendee_once'), models.CheckConstraint(condition=models.Q(('attendance__in', ['', 'present', 'substitute', 'leave', 'absent'])), name='attendee_known'), models.CheckConstraint(condition=models.Q(models.Q(('attendance', 'substitute'), _negated=True), models.Q(('person', ''), _negated=True), _connector='OR'), name='attendee_substitute_named')],
            },
        ),
        migrations.CreateModel(
            name='MeetingReceipt',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('received_at', models.DateTimeField(blank=True, null=True, verbose_name='签收时间')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='duty.meeting')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('meeting', 'org'), name='meeting_receipt_once'), models.CheckConstraint(condition=models.Q(('status__in', ['SENT', 'RECEIVED', 'WITHDRAWN'])), name='meeting_receipt_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='meetingseries',
            constraint=models.CheckConstraint(condition=models.Q(('frequency__in', ['monthly', 'quarterly', 'half_yearly', 'yearly'])), name='meeting_series_frequency'),
        ),
        migrations.AddConstraint(
            model_name='meetingseries',
            constraint=models.UniqueConstraint(fields=('owner_org', 'title'), name='meeting_series_title'),
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(fields=['status', 'due_date', 'id'], name='meeting_by_due'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'HELD', 'MINUTED', 'CIRCULATED', 'CLOSED', 'CANCELLED'])), name='meeting_status_known'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['full', 'dispatch', 'joint', 'consultation', 'mobilisation', 'adhoc'])), name='meeting_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'adhoc'), _negated=True), models.Q(('trigger', ''), _negated=True), _connector='OR'), name='meeting_adhoc_trigger'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('PLANNED', 'CANCELLED')), ('held_at__isnull', False), _connector='OR'), name='meeting_held_at'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.UniqueConstraint(condition=models.Q(('series__isnull', False)), fields=('series', 'period'), name='meeting_once_a_period'),
        ),
    ]
