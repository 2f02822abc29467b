"""Whatever changes what somebody may see is told to the web processes, whichever code (or hand) changed it."""

from django.db import migrations

#: Table to the changes of it that matter: each statement tells once, without saying whom it concerned.
WATCHED = {
    "people_membership": "INSERT OR UPDATE OR DELETE",
    "people_membership_roles": "INSERT OR UPDATE OR DELETE",
    "people_role": "INSERT OR UPDATE OR DELETE",
    "people_delegation": "INSERT OR UPDATE OR DELETE",
    "people_organisation": "UPDATE OF area_id, links, supervises, general, ended_on",
    "people_user": "UPDATE OF is_active",
    "people_signin": "UPDATE OF ended_at, membership_id, must_enrol OR DELETE",
}

FUNCTION = """
CREATE FUNCTION events_tell_actors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('quancheng_actors', '');
    RETURN NULL;
END
$$;
"""


def _triggers() -> list[tuple[str, str]]:
    return [
        (
            f"CREATE TRIGGER events_tell_actors AFTER {changes} ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION events_tell_actors()",
            f"DROP TRIGGER events_tell_actors ON {table}",
        )
        for table, changes in WATCHED.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("events", "0002_recorded_at"), ("people", "0002_sign_in")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION events_tell_actors()"),
        *[migrations.RunSQL(forward, back) for forward, back in _triggers()],
    ]
