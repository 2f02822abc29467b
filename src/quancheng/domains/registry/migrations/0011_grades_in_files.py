"""The gravest legal grade of an enterprise's units stands in its file, so that lists and the map find and order by it.

A trigger keeps it, whoever writes a unit. It takes the file's row first, so that of two units changed at once the second
counts the first.
"""

from django.db import migrations, models

MAKE = """
CREATE FUNCTION registry_keep_gravest() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  which uuid;
BEGIN
  which := CASE WHEN TG_OP = 'DELETE' THEN OLD.file_id ELSE NEW.file_id END;
  PERFORM 1 FROM registry_enterprise WHERE id = which FOR NO KEY UPDATE;
  UPDATE registry_enterprise file
     SET legal_grade = found.gravest
    FROM (SELECT min(legal_grade) AS gravest FROM registry_unit WHERE file_id = which AND ended_date IS NULL) found
   WHERE file.id = which AND file.legal_grade IS DISTINCT FROM found.gravest;
  RETURN NULL;
END
$$;
CREATE TRIGGER unit_gravest_entered AFTER INSERT ON registry_unit
  FOR EACH ROW WHEN (NEW.legal_grade IS NOT NULL) EXECUTE FUNCTION registry_keep_gravest();
CREATE TRIGGER unit_gravest_changed AFTER UPDATE OF legal_grade, ended_date ON registry_unit
  FOR EACH ROW WHEN (OLD.legal_grade IS DISTINCT FROM NEW.legal_grade OR (
    COALESCE(OLD.legal_grade, NEW.legal_grade) IS NOT NULL AND OLD.ended_date IS DISTINCT FROM NEW.ended_date))
  EXECUTE FUNCTION registry_keep_gravest();
CREATE TRIGGER unit_gravest_removed AFTER DELETE ON registry_unit
  FOR EACH ROW WHEN (OLD.legal_grade IS NOT NULL) EXECUTE FUNCTION registry_keep_gravest();
UPDATE registry_enterprise file
   SET legal_grade = found.gravest
  FROM (SELECT file_id, min(legal_grade) AS gravest FROM registry_unit
         WHERE ended_date IS NULL AND legal_grade IS NOT NULL GROUP BY file_id) found
 WHERE file.id = found.file_id;
"""
UNDO = """
DROP TRIGGER unit_gravest_removed ON registry_unit;
DROP TRIGGER unit_gravest_changed ON registry_unit;
DROP TRIGGER unit_gravest_entered ON registry_unit;
DROP FUNCTION registry_keep_gravest();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_completeness"),
    ]

    operations = [
        migrations.AddField(
            model_name="enterprise",
            name="legal_grade",
            field=models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="重大危险源"),
        ),
        migrations.RunSQL(MAKE, UNDO),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(fields=["legal_grade", "id"], name="enterprise_by_grade"),
        ),
    ]
