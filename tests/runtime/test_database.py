"""The tests' own ground: who they are to the database and what that role may not do."""

from __future__ import annotations

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.utils import ProgrammingError
from django.utils import timezone

from quancheng.runtime.engines.postgres import Postgres, check_text


def _one(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_application_role_which_owns_nothing():
    assert _one("SELECT current_user") == "quancheng_app"
    assert (
        _one(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        is False
    )
    assert _one("SELECT count(*) FROM pg_class WHERE relowner = 'quancheng_app'::regrole") == 0


@pytest.mark.django_db
def test_the_application_role_cannot_make_tables():
    with pytest.raises(ProgrammingError):
        _one("CREATE TABLE sneaked_in (id int)")


@pytest.mark.django_db
def test_chinese_text_has_trigrams():
    assert _one("SELECT '危险化学品安全监管' % '危险化学品安全'") is True


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_commits_for_real():
    Session.objects.create(session_key="left-behind", session_data="", expire_date=timezone.now())
    assert Session.objects.filter(pk="left-behind").exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_transactional_test_left_behind_is_gone_in_the_next():
    assert not Session.objects.exists()


def test_a_database_that_cannot_search_chinese_is_refused(postgres_server: Postgres):
    class Blind:
        def execute(self, query: str) -> Blind:
            return self

        def fetchone(self) -> tuple[int, str]:
            return (0, "UTF8")

    with pytest.raises(Exception, match="cannot search Chinese"):
        check_text(Blind())  # type: ignore[arg-type]


def test_the_server_takes_no_connection_without_a_password(postgres_server: Postgres):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(postgres_server.socket_folder), user="postgres", dbname="postgres", password="wrong")
    with postgres_server.connect() as link:
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)
