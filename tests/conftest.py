"""The test run: engines once per run, a clone of a migrated template per worker, connected as the application's role.

Fixtures for everybody: ``db`` and ``transactional_db`` (of pytest-django, on real PostgreSQL), ``nats_url`` and
``telemetry_url`` (engines started when first wanted), ``browser`` and ``watched`` (a real Chromium).
"""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import Browser
from tests.support import replay
from tests.support.browser import Watched, open_browser, watched_page
from tests.support.engines import Run, save_clauses
from tests.support.signing import CHEAP_HASHERS

from quancheng.runtime import databases
from quancheng.runtime.engines.postgres import Postgres

RUN = pytest.StashKey[Run]()
CLAUSES: dict[str, list[dict[str, str]]] = defaultdict(list)


# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    run = Run(Path(given["quancheng_run"]), given["workerid"]) if given else Run.begin()
    config.stash[RUN] = run
    own = run.folder / run.worker
    own.mkdir(exist_ok=True)
    # The real one takes 60 ms on purpose.
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    # Nothing that a test does may touch the checkout's own state folder.
    settings.VAR_DIR = own
    settings.SECRETS_DIR = own / "secrets"
    settings.ROOTS_DIR = own / "roots"
    settings.FILES_URL = (own / "files").as_uri()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: tell each worker which run it belongs to."""
    node.workerinput["quancheng_run"] = str(node.config.stash[RUN].folder)


#: What takes longest begins first, so that no worker is left alone with it at the end.
LONGEST = tuple(f"tests/{name}.py" for name in (
    "architecture/test_access_table", "runtime/test_life", "runtime/test_faults", "runtime/test_upgrade",
    "stream/test_scenarios", "faults/test_signals", "runtime/test_demo", "kernel/longwork/test_workers",
    "kernel/events/test_stream", "domains/monitoring/test_wall", "web/phone/test_cut_offs",
))  # fmt: skip


def pytest_collection_finish() -> None:
    # What was collected stays: the collector need not look at it after each few tests.
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in config.stash:
        config.stash[RUN].finish()


def pytest_runtest_setup() -> None:
    replay.forget()


# --- databases ---------------------------------------------------------------
@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Postgres:
    """The run's PostgreSQL; ``.connect(database=…)`` gives a superuser's connection to tests of the engine itself."""
    return request.config.stash[RUN].server()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, postgres_server: Postgres, django_db_blocker: Any
) -> Iterator[None]:
    """Instead of pytest-django's: a clone of the template for the session, another for each transactional test."""
    run = request.config.stash[RUN]
    with django_db_blocker.unblock():
        _use(postgres_server, run.clone(postgres_server))
    whole = connections["default"].settings_dict["NAME"]
    patch = pytest.MonkeyPatch()

    def begin(cls: type[TransactionTestCase]) -> None:
        _use(postgres_server, run.clone(postgres_server))

    def finish(self: TransactionTestCase) -> None:
        used = connections["default"].settings_dict["NAME"]
        _use(postgres_server, whole)
        run.drop(postgres_server, used)

    # Emptying tables would need TRUNCATE, which the application's role has not got on the journal, and rightly so.
    patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(begin))
    patch.setattr(TransactionTestCase, "_fixture_teardown", finish)
    yield
    patch.undo()
    with django_db_blocker.unblock():
        connections["default"].close()


def _use(engine: Postgres, name: str) -> None:
    """Point Django at a database of the run's server. The settings are shared by the connections of all threads."""
    connections["default"].close()
    mine = databases.embedded_settings(
        folder=engine.socket_folder, user=databases.APP, password=engine.password(databases.APP), name=name
    )
    connections["default"].settings_dict.update(mine)


# --- other engines -----------------------------------------------------------
@pytest.fixture(scope="session")
def nats_url(request: pytest.FixtureRequest) -> str:
    """The run's NATS, started when first wanted. Name streams after the test: workers share the server."""
    return request.config.stash[RUN].nats()


@pytest.fixture
def telemetry_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the test's own in the run's one telemetry store, as a DSN for ``clickhouse_connect``."""
    import clickhouse_connect

    run = request.config.stash[RUN]
    name = run.next_name()
    with clickhouse_connect.get_client(dsn=run.telemetry("default")) as admin:
        admin.command(f"CREATE DATABASE {name}")
        yield run.telemetry(name)
        admin.command(f"DROP DATABASE {name}")


# --- a browser ---------------------------------------------------------------
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; its tests are skipped, saying why, where there is none.

    One for each module and not for the run: its driver keeps an event loop running in this thread, in which
    ``asyncio.run`` of any other test would fail.
    """
    with open_browser() as opened:
        yield opened


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page of a desk's size that fails the test on any complaint of the browser (console, content policy, script).

    With ``live_server`` (on a fresh clone, so what the test commits is seen): ``watched.goto(live_server.url + path)``.
    """
    with watched_page(browser) as page:
        yield page
    assert page.complaints == []


# --- clauses -----------------------------------------------------------------
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))
    for item in items:
        if {"browser", "watched"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        codes = [code for mark in item.iter_markers("clause") for code in mark.args]
        if codes:
            said = (getattr(getattr(item, "function", None), "__doc__", None) or "").strip().splitlines()
            claim = said[0] if said else item.name.split("[")[0].removeprefix("test_").replace("_", " ")
            item.user_properties += [("clauses", ",".join(codes)), ("claim", claim)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    given = dict(report.user_properties)
    if report.when == "call" and report.passed and "clauses" in given:
        for code in str(given["clauses"]).split(","):
            CLAUSES[code].append({"test": report.nodeid, "claim": str(given["claim"])})


def pytest_sessionfinish(session: pytest.Session) -> None:
    # Only a run of everything says which clauses stand.
    if not hasattr(session.config, "workerinput") and os.environ.get("QUANCHENG_TIER") == "all":
        save_clauses(dict(CLAUSES))
