"""The three administrators stay apart also where a role becomes an administrator's, or a place that ended goes on."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION people_require_apart(person uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kinds integer;
BEGIN
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
END
$$;
CREATE OR REPLACE FUNCTION people_refuse_mixed_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM people_require_apart(user_id) FROM people_membership WHERE id = NEW.membership_id;
  RETURN NULL;
END
$$;
CREATE FUNCTION people_refuse_mixed_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM people_require_apart(NEW.user_id);
  RETURN NULL;
END
$$;
CREATE FUNCTION people_refuse_mixed_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  person uuid;
BEGIN
  FOR person IN
    SELECT DISTINCT place.user_id
      FROM people_membership place
      JOIN people_membership_roles held ON held.membership_id = place.id
     WHERE held.role_id = NEW.code AND place.valid_to IS NULL
     ORDER BY place.user_id
  LOOP
    PERFORM people_require_apart(person);
  END LOOP;
  RETURN NULL;
END
$$;
CREATE TRIGGER place_administrators_apart AFTER UPDATE OF user_id, valid_to ON people_membership
  FOR EACH ROW WHEN (NEW.valid_to IS NULL) EXECUTE FUNCTION people_refuse_mixed_place();
CREATE TRIGGER role_administrators_apart AFTER UPDATE OF administrator ON people_role
  FOR EACH ROW WHEN (OLD.administrator IS DISTINCT FROM NEW.administrator)
  EXECUTE FUNCTION people_refuse_mixed_role();
"""

BACKWARD = """
DROP TRIGGER role_administrators_apart ON people_role;
DROP TRIGGER place_administrators_apart ON people_membership;
DROP FUNCTION people_refuse_mixed_role();
DROP FUNCTION people_refuse_mixed_place();
CREATE OR REPLACE FUNCTION people_refuse_mixed_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION people_require_apart(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0006_moves")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
