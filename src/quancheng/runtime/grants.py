"""What the application's role may do, set anew after every migration."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from quancheng.runtime.databases import APP


def append_only_tables() -> list[str]:
    """Tables whose model says ``append_only = True``: rows may be added and read, never changed or removed."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, "append_only", False) and model._meta.managed
    )


def apply_grants(role: str = APP) -> None:
    """Run as the owner. Tables that no model names (of Django, of the queue) are ordinary ones.

    Where owner and application are one role (an outside server set up so), PostgreSQL has nothing to take away:
    ``quancheng doctor`` warns of that.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        current, known = cursor.fetchone()
        if current == role or not known:
            return
        name = quote(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        standing = {table for (table,) in cursor.fetchall()}
        for table in [*append_only_tables(), "django_migrations"]:
            if table in standing:
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {name}")
        if "django_migrations" in standing:
            cursor.execute(f"REVOKE INSERT ON django_migrations FROM {name}")
