"""The list of permits is searched by an index: number, content, place, working unit and enterprise stand in one column.

It follows them, and the enterprise's name, by triggers, whoever writes them.
"""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

MAKE = r"""
CREATE FUNCTION permits_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := concat_ws(E'\n', NEW.number, NEW.content, NEW.place, NEW.work_unit, (
    SELECT name FROM people_organisation WHERE id = NEW.enterprise_id
  ));
  RETURN NEW;
END
$$;
CREATE TRIGGER permit_words BEFORE INSERT OR UPDATE OF number, content, place, work_unit, enterprise_id, words
  ON permits_permit FOR EACH ROW EXECUTE FUNCTION permits_keep_words();

CREATE FUNCTION permits_follow_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE permits_permit SET words = '' WHERE enterprise_id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_of_permits_called AFTER UPDATE OF name ON people_organisation
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION permits_follow_name();

UPDATE permits_permit SET words = '';
"""
UNDO = """
DROP TRIGGER enterprise_of_permits_called ON people_organisation;
DROP FUNCTION permits_follow_name();
DROP TRIGGER permit_words ON permits_permit;
DROP FUNCTION permits_keep_words();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_separated_throughout"),
        ("permits", "0021_guardian_items"),
    ]

    operations = [
        migrations.AddField(
            model_name="permit",
            name="words",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunSQL(MAKE, UNDO),
        migrations.AddIndex(
            model_name="permit",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("words"), name="gin_trgm_ops"
                ),
                name="permit_words_trgm",
            ),
        ),
    ]
