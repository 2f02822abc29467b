"""Sums of dangers and checks by month, and the triggers that keep them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

#: What is no danger of its own at the time of this migration; the loop's own list is told the same by a test.
NOT_COUNTED = "'DRAFT', 'DISCARDED', 'MERGED'"
DAY = "AT TIME ZONE 'Asia/Shanghai')::date"
#: A change of anything else moves no sum.
COUNTED = (
    "status", "area_id", "links", "reach", "file_id", "is_major", "channel", "is_repeat", "is_planned", "found_at",
    "closed_at", "accepted_at", "deadline", "cost_yuan", "extension_count", "reject_count",
)  # fmt: skip
SOURCES = {
    "INSERT": "SELECT 1 AS sign, * FROM new_rows",
    "DELETE": "SELECT -1 AS sign, * FROM old_rows",
    "UPDATE": " UNION ALL ".join(
        f"SELECT {sign} AS sign, {side}.* FROM old_rows AS was JOIN new_rows AS is_now USING (id) WHERE ("  # noqa: S608
        + ", ".join(f"was.{name}" for name in COUNTED) + ") IS DISTINCT FROM ("
        + ", ".join(f"is_now.{name}" for name in COUNTED) + ")"
        for sign, side in ((-1, "was"), (1, "is_now"))
    ),
}  # fmt: skip
ADD = """
  WITH told AS MATERIALIZED (
    SELECT *, (found_at {day} AS found_day, (closed_at {day} AS closed_day, (accepted_at {day} AS accepted_day,
      status = 'CLOSED' AS is_closed, channel = 'enterprise' AS is_own
    FROM ({source}) AS source WHERE status NOT IN ({not_counted})
  ), files AS (
    INSERT INTO hazards_dangerfilesum (month, area_id, links, reach, file_id, found)
    SELECT date_trunc('month', found_day)::date, area_id, links, reach, file_id, sum(sign)
    FROM told GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0
  ), closings AS (
    INSERT INTO hazards_closingsum (month, area_id, links, reach, days, closed)
    SELECT date_trunc('month', found_day)::date, area_id, links, reach, greatest(0, closed_day - found_day), sum(sign)
    FROM told WHERE is_closed AND closed_day IS NOT NULL GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0
  ), parts AS (
    SELECT date_trunc('month', found_day)::date AS month, area_id, links, reach,
      sign AS found, sign * is_major::int AS found_major, sign * is_own::int AS found_by_enterprise,
      sign * (is_own AND is_major)::int AS found_major_by_enterprise, sign * is_repeat::int AS repeated,
      sign * is_closed::int AS closed, sign * (is_closed AND is_major)::int AS closed_major,
      sign * (is_major AND is_planned)::int AS major_with_five,
      CASE WHEN is_closed THEN sign * coalesce(closed_day - found_day, 0) ELSE 0 END AS closing,
      sign * coalesce(cost_yuan, 0) AS cost, 0 AS due, 0 AS closed_on_time, 0 AS extended, 0 AS accepted,
      0 AS accepted_first
    FROM told
    UNION ALL
    SELECT date_trunc('month', deadline)::date, area_id, links, reach, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      sign, sign * coalesce(is_closed AND closed_day <= deadline, false)::int, sign * (extension_count > 0)::int, 0, 0
    FROM told WHERE deadline IS NOT NULL
    UNION ALL
    SELECT date_trunc('month', accepted_day)::date, area_id, links, reach, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      sign, sign * (reject_count = 0)::int
    FROM told WHERE accepted_day IS NOT NULL
  )
  INSERT INTO hazards_dangersum (month, area_id, links, reach, {names})
  SELECT month, area_id, links, reach, {sums}
  FROM parts GROUP BY 1, 2, 3, 4 HAVING ({sums}) <> ({zeros});
"""
NAMES = (
    "found", "found_major", "found_by_enterprise", "found_major_by_enterprise", "repeated", "closed", "closed_major",
    "major_with_five", "closing", "cost", "due", "closed_on_time", "extended", "accepted", "accepted_first",
)  # fmt: skip


def add(source: str) -> str:
    return ADD.format(
        day=DAY, source=source, not_counted=NOT_COUNTED, names=", ".join(NAMES),
        sums=", ".join(f"sum({name})" for name in NAMES), zeros=", ".join("0" for _name in NAMES),
    )  # fmt: skip


TABLES = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows",
          "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}  # fmt: skip
DANGERS = "".join(
    f"""
CREATE FUNCTION hazards_sum_dangers_{act.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  {add(source)}
  RETURN NULL;
END
$$;
CREATE TRIGGER finding_sums_{act.lower()} AFTER {act} ON hazards_finding REFERENCING {TABLES[act]}
  FOR EACH STATEMENT EXECUTE FUNCTION hazards_sum_dangers_{act.lower()}();
"""
    for act, source in SOURCES.items()
)
ADD_CHECKS = """
  INSERT INTO hazards_checksum (month, file_id, checks)
  SELECT date_trunc('month', (at {day})::date, file_id, sum(sign) FROM ({source}) AS source
  GROUP BY 1, 2 HAVING sum(sign) <> 0;
"""
CHECK_SOURCES = {
    "INSERT": "SELECT 1 AS sign, at, file_id FROM new_rows",
    "DELETE": "SELECT -1 AS sign, at, file_id FROM old_rows",
    "UPDATE": "SELECT -1 AS sign, at, file_id FROM old_rows UNION ALL SELECT 1, at, file_id FROM new_rows",
}
CHECKS = "".join(
    f"""
CREATE FUNCTION hazards_sum_checks_{act.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {ADD_CHECKS.format(day=DAY, source=source)}
  RETURN NULL;
END
$$;
CREATE TRIGGER check_record_sums_{act.lower()} AFTER {act} ON hazards_checkrecord REFERENCING {TABLES[act]}
  FOR EACH STATEMENT EXECUTE FUNCTION hazards_sum_checks_{act.lower()}();
"""
    for act, source in CHECK_SOURCES.items()
)
WHAT_STANDS = add("SELECT 1 AS sign, * FROM hazards_finding") + ADD_CHECKS.format(
    day=DAY, source="SELECT 1 AS sign, at, file_id FROM hazards_checkrecord"
)
UNDO = "".join(
    f"DROP TRIGGER {trigger}_{act.lower()} ON {table}; DROP FUNCTION {function}_{act.lower()}();"
    for act in TABLES
    for trigger, table, function in (
        ("finding_sums", "hazards_finding", "hazards_sum_dangers"),
        ("check_record_sums", "hazards_checkrecord", "hazards_sum_checks"),
    )
)


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('hazards', '0019_self_check_owed_once'),
        ('registry', '0026_registration_code'),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('checks', models.BigIntegerField()),
                ('file', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='registry.enterprise')),
            ],
            options={
                'indexes': [models.Index(fields=['month'], include=('file', 'checks'), name='check_sum_month')],
            },
        ),
        migrations.CreateModel(
            name='ClosingSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('reach', models.CharField(max_length=10)),
                ('days', models.IntegerField()),
                ('closed', models.BigIntegerField()),
                ('area', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='areas.area')),
            ],
            options={
                'indexes': [models.Index(fields=['month'], name='closing_sum_month')],
            },
        ),
        migrations.CreateModel(
            name='DangerFileSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('reach', models.CharField(max_length=10)),
                ('found', models.BigIntegerField()),
                ('area', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='areas.area')),
                ('file', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='registry.enterprise')),
            ],
            options={
                'indexes': [models.Index(fields=['month'], name='danger_file_sum_month')],
            },
        ),
        migrations.CreateModel(
            name='DangerSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('reach', models.CharField(max_length=10)),
                ('found', models.BigIntegerField()),
                ('found_major', models.BigIntegerField()),
                ('found_by_enterprise', models.BigIntegerField()),
                ('found_major_by_enterprise', models.BigIntegerField()),
                ('repeated', models.BigIntegerField()),
                ('closed', models.BigIntegerField()),
                ('closed_major', models.BigIntegerField()),
                ('major_with_five', models.BigIntegerField()),
                ('closing', models.BigIntegerField()),
                ('cost', models.DecimalField(decimal_places=2, max_digits=20)),
                ('due', models.BigIntegerField()),
                ('closed_on_time', models.BigIntegerField()),
                ('extended', models.BigIntegerField()),
                ('accepted', models.BigIntegerField()),
                ('accepted_first', models.BigIntegerField()),
                ('area', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='areas.area')),
            ],
            options={
                'indexes': [models.Index(fields=['month'], name='danger_sum_month')],
            },
        ),
        migrations.RunSQL(DANGERS + CHECKS, UNDO),
        migrations.RunSQL(WHAT_STANDS, migrations.RunSQL.noop),
    ]
