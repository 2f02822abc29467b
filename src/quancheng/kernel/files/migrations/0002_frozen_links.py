"""A frozen link can neither be changed nor removed, whoever asks."""

from django.db import migrations

MAKE = """
CREATE FUNCTION files_keep_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a frozen link of evidence cannot be changed or removed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER files_keep_frozen BEFORE UPDATE OR DELETE ON files_filelink
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION files_keep_frozen();
"""
UNDO = "DROP TRIGGER files_keep_frozen ON files_filelink; DROP FUNCTION files_keep_frozen();"


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, UNDO)]
