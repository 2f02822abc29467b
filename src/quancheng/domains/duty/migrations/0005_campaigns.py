import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('duty', '0004_problems'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='编号')),
                ('title', models.CharField(max_length=200, verbose_name='行动名称')),
                ('leader', models.CharField(max_length=60, verbose_name='组长')),
                ('target', models.CharField(max_length=300, verbose_name='行动目标')),
                ('text', models.TextField(blank=True, verbose_name='行动内容')),
                ('period_from', models.DateField(verbose_name='开始日期')),
                ('period_to', models.DateField(verbose_name='结束日期')),
                ('answers_itself', models.BooleanField(default=True, verbose_name='由覆盖单位自行填报')),
                ('report', models.TextField(blank=True, verbose_name='行动总结')),
                ('figures', models.JSONField(blank=True, default=dict)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('orgs', models.ManyToManyField(blank=True, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duty.plan')),
            ],
        ),
        migrations.CreateModel(
            name='CampaignItem',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=300, verbose_name='检查项')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='duty.campaign')),
            ],
        ),
        migrations.CreateModel(
            name='CampaignUnit',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('reach', models.CharField(choices=[('own', '仅本单位'), ('chain', '监管链条'), ('party', '监管链条与当事企业'), ('public', '公开')], default='chain', max_length=10)),
                ('status', models.CharField(max_length=30, verbose_name='状态')),
                ('loop_version', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('status_at', models.DateTimeField(editable=False, verbose_name='进入状态时间')),
                ('updated_at', models.DateTimeField(editable=False)),
                ('due_date', models.DateField(verbose_name='完成时限')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='填报时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='duty.campaign')),
                ('checker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('owner_org', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='CampaignAnswer',
            fields=[
                ('id', models.UUIDField(default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('answer', models.CharField(choices=[('yes', '符合'), ('no', '存在问题'), ('none', '不涉及')], max_length=4, verbose_name='检查结果')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='duty.campaignitem')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='duty.campaignunit')),
            ],
        ),
        migrations.AddIndex(
            model_name='campaign',
            index=models.Index(fields=['status', 'period_to', 'id'], name='campaign_by_end'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'RUNNING', 'REPORTED', 'CLOSED', 'CANCELLED'])), name='campaign_status_known'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('period_to__gte', models.F('period_from'))), name='campaign_period_in_order'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('REPORTED', 'CLOSED')), _negated=True), models.Q(('report', ''), _negated=True), _connector='OR'), name='campaign_reported'),
        ),
        migrations.AddConstraint(
            model_name='campaignitem',
            constraint=models.UniqueConstraint(fields=('campaign', 'order'), name='campaign_item_order'),
        ),
        migrations.AddIndex(
            model_name='campaignunit',
            index=models.Index(fields=['checker', 'status', 'due_date'], name='campaign_unit_by_checker'),
        ),
        migrations.AddConstraint(
            model_name='campaignunit',
            constraint=models.UniqueConstraint(fields=('campaign', 'org'), name='campaign_unit_once'),
        ),
        migrations.AddConstraint(
            model_name='campaignunit',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DUE', 'SUBMITTED', 'DONE', 'RELEASED'])), name='campaign_unit_known'),
        ),
        migrations.AddConstraint(
            model_name='campaignanswer',
            constraint=models.UniqueConstraint(fields=('unit', 'item'), name='campaign_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='campaignanswer',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['yes', 'no', 'none'])), name='campaign_answer_known'),
        ),
        migrations.AddConstraint(
            model_name='campaignanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'no'), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='campaign_answer_no_says_what'),
        ),
    ]
