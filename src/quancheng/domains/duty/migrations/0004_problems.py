import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('duty', '0003_meetings'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='编号')),
                ('list', models.CharField(choices=[('safety', '安全生产问题清单'), ('disaster', '自然灾害问题清单')], max_length=12, verbose_name='清单')),
                ('industry', models.CharField(choices=[('chemicals', '危险化学品'), ('gas', '城镇燃气'), ('transport', '交通运输'), ('construction', '建设施工'), ('fire', '消防'), ('trade', '工贸'), ('fireworks', '烟花爆竹'), ('housing', '自建房'), ('other', '其他')], max_length=20, verbose_name='行业领域')),
                ('title', models.CharField(max_length=200, verbose_name='问题')),
                ('text', models.TextField(verbose_name='问题描述')),
                ('source', models.CharField(max_length=120, verbose_name='发现途径')),
                ('found_date', models.DateField(verbose_name='发现日期')),
                ('origin_id', models.UUIDField(blank=True, null=True)),
                ('cause', models.TextField(blank=True, verbose_name='问题成因')),
                ('measure', models.TextField(blank=True, verbose_name='整改措施')),
                ('person', models.CharField(blank=True, max_length=60, verbose_name='责任人')),
                ('due_date', models.DateField(blank=True, null=True, verbose_name='整改时限')),
                ('result', models.TextField(blank=True, verbose_name='整改情况')),
                ('analogy', models.TextField(blank=True, verbose_name='举一反三')),
                ('root_measure', models.TextField(blank=True, verbose_name='抓本治源')),
                ('analysis', models.TextField(blank=True, verbose_name='综合分析')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('org', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='责任单位')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='similar', to='duty.problem')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='问题所在单位')),
            ],
            options={
                'indexes': [models.Index(fields=['status', 'due_date', 'id'], name='problem_by_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['FOUND', 'LISTED', 'CAUSED', 'PLANNED', 'ASSIGNED', 'RECTIFIED', 'VERIFIED', 'CHECKED', 'ROOTED', 'ANALYSED', 'CLOSED', 'DISCARDED'])), name='problem_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('ASSIGNED', 'RECTIFIED')), _negated=True), models.Q(('due_date__isnull', False), ('org__isnull', False)), _connector='OR'), name='problem_has_owner'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'CLOSED'), _negated=True), models.Q(models.Q(('cause', ''), _negated=True), models.Q(('measure', ''), _negated=True), models.Q(('result', ''), _negated=True), models.Q(('analogy', ''), _negated=True), models.Q(('root_measure', ''), _negated=True), models.Q(('analysis', ''), _negated=True)), _connector='OR'), name='problem_closed_whole'), models.UniqueConstraint(condition=models.Q(('parent__isnull', False)), fields=('parent', 'unit'), name='problem_similar_once')],
            },
        ),
    ]
