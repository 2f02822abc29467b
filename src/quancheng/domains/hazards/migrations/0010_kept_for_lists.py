"""What lists and statistics ask of all dangers and checks stands where an index answers it.

The words of a danger follow its name and code, and its enterprise's name, by triggers, whoever writes them.
"""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

MAKE = r"""
CREATE FUNCTION hazards_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := concat_ws(E'\n', NEW.name, NEW.code, (
    SELECT org.name FROM registry_enterprise AS file JOIN people_organisation AS org ON org.id = file.enterprise_id
    WHERE file.id = NEW.file_id
  ));
  RETURN NEW;
END
$$;
CREATE TRIGGER finding_words BEFORE INSERT OR UPDATE OF name, code, file_id, words ON hazards_finding
  FOR EACH ROW EXECUTE FUNCTION hazards_keep_words();

CREATE FUNCTION hazards_follow_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE hazards_finding SET words = '' WHERE file_id IN (
    SELECT id FROM registry_enterprise WHERE enterprise_id = NEW.id
  );
  RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_of_findings_called AFTER UPDATE OF name ON people_organisation
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION hazards_follow_name();

UPDATE hazards_finding SET words = '';
"""
UNDO = """
DROP TRIGGER enterprise_of_findings_called ON people_organisation;
DROP FUNCTION hazards_follow_name();
DROP TRIGGER finding_words ON hazards_finding;
DROP FUNCTION hazards_keep_words();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("hazards", "0009_exchange_intake"),
        ("law", "0002_clause_grades"),
        ("people", "0007_separated_throughout"),
        ("registry", "0026_registration_code"),
        ("risk", "0008_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="checkrecord",
            name="check_record_newest",
        ),
        migrations.AddField(
            model_name="finding",
            name="words",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunSQL(MAKE, UNDO),
        migrations.AddIndex(
            model_name="checkdue",
            index=models.Index(fields=["-due_at", "id"], name="check_due_newest"),
        ),
        migrations.AddIndex(
            model_name="checkrecord",
            index=models.Index(fields=["-at", "id"], include=("file",), name="check_record_newest"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["deadline"], name="finding_by_day"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)), fields=["accepted_at"], name="finding_accepted"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["id"], include=("owner_org", "enterprise", "area", "links", "reach"), name="finding_scope"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(condition=models.Q(("reach", "public")), fields=["id"], name="finding_public"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("words"), name="gin_trgm_ops"
                ),
                name="finding_words_trgm",
            ),
        ),
    ]
