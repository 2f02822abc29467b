"""The three administrators stay apart whatever writes a role: a fence of the database behind the services."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION people_refuse_mixed_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  person uuid;
  kinds integer;
BEGIN
  SELECT user_id INTO person FROM people_membership WHERE id = NEW.membership_id;
  PERFORM 1 FROM people_user WHERE id = person FOR NO KEY UPDATE;
  SELECT count(DISTINCT role.administrator) INTO kinds
    FROM people_membership place
    JOIN people_membership_roles held ON held.membership_id = place.id
    JOIN people_role role ON role.code = held.role_id
   WHERE place.user_id = person AND place.valid_to IS NULL;
  IF kinds > 1 THEN
    RAISE EXCEPTION 'one person would be two of the three administrators, or do business beside'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_administrators_apart';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER membership_administrators_apart AFTER INSERT OR UPDATE ON people_membership_roles
  FOR EACH ROW EXECUTE FUNCTION people_refuse_mixed_administrator();
"""

BACKWARD = """
DROP TRIGGER membership_administrators_apart ON people_membership_roles;
DROP FUNCTION people_refuse_mixed_administrator();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0004_anonymised")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
