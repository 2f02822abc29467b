import django.contrib.postgres.fields
import django.db.models.deletion
import quancheng.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("monitoring", "0008_reorder"),
        ("people", "0007_separated_throughout"),
    ]

    operations = [
        migrations.AddField(
            model_name="asidemessage",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="asidemessage",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False), ("replayed_at__isnull", True)),
                fields=["asked_at", "id"],
                name="aside_due",
            ),
        ),
        migrations.CreateModel(
            name="Broker",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=quancheng.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "links",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        choices=[
                            ("own", "仅本单位"),
                            ("chain", "监管链条"),
                            ("party", "监管链条与当事企业"),
                            ("public", "公开"),
                        ],
                        default="chain",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("host", models.CharField(max_length=200, verbose_name="主机")),
                ("port", models.PositiveIntegerField(default=8883, verbose_name="端口")),
                ("is_tls", models.BooleanField(default=True, verbose_name="使用TLS")),
                ("user", models.CharField(blank=True, max_length=120, verbose_name="用户名")),
                ("password", models.TextField(blank=True, editable=False)),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
                (
                    "owner_org",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BrokerState",
            fields=[
                (
                    "broker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="monitoring.broker",
                    ),
                ),
                ("is_online", models.BooleanField(default=False, verbose_name="在线")),
                ("since_at", models.DateTimeField(null=True, verbose_name="状态自")),
                ("last_at", models.DateTimeField(null=True, verbose_name="最近报文")),
                ("messages", models.BigIntegerField(default=0, verbose_name="报文数")),
                ("unmapped", models.BigIntegerField(default=0, verbose_name="无规则报文数")),
                ("topics", models.JSONField(default=dict)),
                ("trouble", models.CharField(blank=True, max_length=300, verbose_name="故障")),
                ("updated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BridgeRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("pattern", models.CharField(max_length=200, verbose_name="MQTT主题")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("json", "平台JSON"),
                            ("thingsboard", "ThingsBoard网关"),
                            ("thingsboard-device", "ThingsBoard设备"),
                            ("sparkplug", "Sparkplug B"),
                        ],
                        max_length=20,
                        verbose_name="报文格式",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bridge_rules", to="monitoring.source"
                    ),
                ),
                (
                    "broker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="monitoring.broker"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="broker",
            constraint=models.CheckConstraint(
                condition=models.Q(("port__gte", 1), ("port__lte", 65535)), name="broker_port"
            ),
        ),
        migrations.AddConstraint(
            model_name="bridgerule",
            constraint=models.UniqueConstraint(fields=("broker", "pattern"), name="bridge_rule_once"),
        ),
        migrations.AddConstraint(
            model_name="bridgerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["json", "thingsboard", "thingsboard-device", "sparkplug"])),
                name="bridge_rule_form",
            ),
        ),
    ]
