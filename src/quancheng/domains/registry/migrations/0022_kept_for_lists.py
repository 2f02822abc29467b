"""What lists and the map ask of all files stands in the file, where an index answers it: the name for sorting, the
words that are searched, the point in whole numbers.

Name and words follow the organisation and the address by triggers, whoever writes them.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Cast, Upper

MAKE = r"""
CREATE FUNCTION registry_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  org people_organisation%ROWTYPE;
BEGIN
  SELECT * INTO org FROM people_organisation WHERE id = NEW.id;
  NEW.pinyin := coalesce(org.pinyin, '');
  NEW.words := concat_ws(E'\n', org.name, org.short_name, org.credit_code, NEW.address);
  RETURN NEW;
END
$$;
CREATE TRIGGER enterprise_words BEFORE INSERT OR UPDATE OF address, pinyin, words ON registry_enterprise
  FOR EACH ROW EXECUTE FUNCTION registry_keep_words();

CREATE FUNCTION registry_follow_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE registry_enterprise SET words = '' WHERE id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_called AFTER UPDATE OF name, short_name, credit_code, pinyin ON people_organisation
  FOR EACH ROW WHEN ((OLD.name, OLD.short_name, OLD.credit_code, OLD.pinyin) IS DISTINCT FROM
    (NEW.name, NEW.short_name, NEW.credit_code, NEW.pinyin))
  EXECUTE FUNCTION registry_follow_name();

UPDATE registry_enterprise SET words = '';
"""
UNDO = """
DROP TRIGGER enterprise_called ON people_organisation;
DROP FUNCTION registry_follow_name();
DROP TRIGGER enterprise_words ON registry_enterprise;
DROP FUNCTION registry_keep_words();
"""


def _whole(name):
    return models.GeneratedField(
        db_persist=True,
        expression=Cast(models.F(name) * 100_000, models.IntegerField()),
        output_field=models.IntegerField(null=True),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("people", "0007_separated_throughout"),
        ("registry", "0021_inspections"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="enterprise", name="enterprise_by_kind"),
        migrations.RemoveIndex(model_name="holding", name="holding_by_chemical"),
        migrations.AddField(
            model_name="enterprise",
            name="pinyin",
            field=models.CharField(default="", editable=False, max_length=400),
        ),
        migrations.AddField(
            model_name="enterprise",
            name="words",
            field=models.TextField(default="", editable=False),
        ),
        # Before the table is written anew for the next two: of rows written in the same transaction an update would
        # leave checks of their keys waiting, which hold up every index.
        migrations.RunSQL(MAKE, UNDO),
        migrations.AddField(model_name="enterprise", name="x", field=_whole("lon")),
        migrations.AddField(model_name="enterprise", name="y", field=_whole("lat")),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(
                fields=["id"], include=("owner_org", "enterprise", "area", "links", "reach"), name="enterprise_scope"
            ),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(fields=["pinyin", "id"], name="enterprise_by_name"),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(fields=["kind", "pinyin", "id"], name="enterprise_by_kind"),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(fields=["id"], condition=models.Q(boundary__isnull=False), name="enterprise_bounded"),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(Upper("words"), name="gin_trgm_ops"),
                name="enterprise_words_trgm",
            ),
        ),
        migrations.AddIndex(
            model_name="holding",
            index=models.Index(
                fields=["chemical", "file"],
                include=("present_t", "design_t", "licensed_t"),
                condition=models.Q(ended_date__isnull=True),
                name="holding_by_chemical",
            ),
        ),
    ]
