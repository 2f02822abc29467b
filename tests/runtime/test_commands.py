"""The commands, as an operator or a developer types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from quancheng.runtime import cli, coverage, messages, scaffold, tls
from quancheng.runtime.databases import database_settings, settings_from_url
from quancheng.runtime.place import ROOT, Place

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quancheng.runtime", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- the table ---------------------------------------------------------------
def test_help_says_every_command_in_a_line():
    said = run("--help")
    assert said.returncode == 0
    for name, (_, words) in cli.COMMANDS.items():
        assert f"  {name} " in said.stdout
        assert words in said.stdout


@pytest.mark.parametrize("given", [["nonsense"], ["dev"], ["plan", "burn"], []])
def test_an_unknown_command_is_refused_and_the_known_ones_are_named(given: list[str]):
    said = run(*given)
    assert said.returncode == 2
    assert "plan parse" in said.stdout + said.stderr or "--help" in said.stderr or "dev messages" in said.stderr


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_leads_to_a_function(name: str):
    module, _, function = cli.COMMANDS[name][0].partition(":")
    __import__(module)
    assert callable(getattr(sys.modules[module], function))


def test_the_commands_of_the_manual_are_all_there():
    """``process`` is not among them yet: it comes with the first signals to process (docs/architecture.md)."""
    wanted = {"up", "store", "web", "work", "doctor", "plan parse", "plan import", "journal verify", "backup",
              "restore", "migrate", "demo load", "demo reset", "tls make", "dev new-domain"}  # fmt: skip
    assert wanted <= set(cli.COMMANDS)
    manual = (ROOT / "docs/operation.md").read_text()
    assert [name for name in sorted(wanted) if f"`{name}" not in manual] == []


def test_help_of_a_command_loads_neither_django_nor_an_engine():
    code = (
        "import sys; from quancheng.runtime.cli import main; main(['--help']); "
        "print([m for m in ('django', 'chdb', 'psycopg') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert said.stdout.splitlines()[-1] == "[]"


# --- TLS ---------------------------------------------------------------------
def test_the_server_certificate_is_good_under_its_authority_for_a_name_and_an_address():
    authority, key = tls.make_authority(name="test", now=NOW)
    certificate, _ = tls.make_server(
        names=["192.0.2.7", "quancheng.example"], authority=authority, authority_key=key, now=NOW
    )
    for name in (x509.DNSName("quancheng.example"), x509.IPAddress(tls.ipaddress.ip_address("192.0.2.7"))):
        PolicyBuilder().store(Store([authority])).time(NOW).build_server_verifier(name).verify(certificate, [])
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=398)


def test_tls_make_keeps_its_authority_and_hides_its_keys(tmp_path: Path):
    first = run("tls", "make", "192.0.2.7", "--var", str(tmp_path / "v"))
    authority = (tmp_path / "v/tls/authority.pem").read_bytes()
    second = run("tls", "make", "192.0.2.8", "--var", str(tmp_path / "v"))
    assert (first.returncode, second.returncode) == (0, 0)
    assert (tmp_path / "v/tls/authority.pem").read_bytes() == authority
    assert "https://192.0.2.8:8000/" in second.stdout
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "v/tls").glob("*.key")} == {0o600}
    assert (tmp_path / "v/tls/address.svg").read_text().startswith("<?xml")


# --- the state folder --------------------------------------------------------
def test_a_secret_is_made_once_and_is_only_ours_to_read(tmp_path: Path):
    place = Place(tmp_path / "v")
    first = place.secret("one")
    assert place.secret("one") == first
    assert place.secret("two") != first
    assert (tmp_path / "v/secrets/one").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "v/secrets").stat().st_mode & 0o777 == 0o700


def test_the_rights_of_folders_that_were_there_before_are_left_alone(tmp_path: Path):
    (tmp_path / "v").mkdir(mode=0o755)
    before = (tmp_path.stat().st_mode, (tmp_path / "v").stat().st_mode)
    Place(tmp_path / "v").secret("one")
    assert (tmp_path.stat().st_mode, (tmp_path / "v").stat().st_mode) == before


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql://u:p%40ss@db:5433/name?sslmode=require", ("db", "5433", "u", "p@ss", "name")),
        ("postgres://u@/name?host=/run/pg", ("/run/pg", "", "u", "", "name")),
    ],
)
def test_a_database_address_is_understood(url: str, wanted: tuple[str, ...]):
    found = settings_from_url(url)
    assert tuple(found[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")) == wanted


def test_connections_that_serve_pages_wait_for_no_parallel_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("QUANCHENG_DB_POOL", raising=False)
    assert "parallel" not in database_settings(Place(tmp_path))["OPTIONS"]["options"]
    monkeypatch.setenv("QUANCHENG_DB_POOL", "3")
    assert "-c max_parallel_workers_per_gather=0" in database_settings(Place(tmp_path))["OPTIONS"]["options"]


@pytest.mark.parametrize("url", ["mysql://u@h/n", "postgresql://u@h/", "nonsense"])
def test_an_address_that_is_no_postgresql_is_refused(url: str):
    with pytest.raises(ValueError, match="DATABASE_URL must look like"):
        settings_from_url(url)


# --- messages ----------------------------------------------------------------
def test_messages_are_found_in_code_and_in_templates():
    code = '_("甲")\nngettext("%(n)s 项", "%(n)s 项们", n)\npgettext("按钮", "保存")\n_(f"{x}")\n_(name)\n'
    assert set(messages.in_python(code)) == {
        messages.Message("", "甲"),
        messages.Message("", "%(n)s 项", "%(n)s 项们"),
        messages.Message("按钮", "保存"),
    }
    template = (
        "{% load i18n %}{% translate '乙（一）' %}{% blocktranslate %}共 {{ n }} 件{% endblocktranslate %}"
        "<c-card title=\"{% translate '丙' %}\">{{ _('丁') }}</c-card>{# {% translate '戊' %} #}"
    )
    assert {message.text for message in messages.in_template(template)} == {"乙（一）", "共 %(n)s 件", "丙", "丁"}


# --- coverage ----------------------------------------------------------------
CLAUSES = [
    {"clause": "S1-a", "module": "tasks", "capability": "Do | this"},
    {"clause": "S1-b", "module": "tasks", "capability": "Do that"},
]


def test_coverage_counts_only_clauses_that_a_passed_test_claims():
    test = {"test": "tests/x.py::test_it[1]", "claim": "it does this"}
    page = coverage.render(CLAUSES, {"S1-a": [test, test | {"test": "tests/x.py::test_it[2]"}]})
    assert "**1 of 2 clauses stand.**" in page
    assert "| S1-a | Do \\| this | `x.py::test_it`: it does this |" in page
    assert "| S1-b | Do that | – |" in page


def test_a_claim_of_a_clause_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="S9-z"):
        coverage.render(CLAUSES, {"S9-z": [{"test": "t", "claim": "c"}]})


def test_the_clause_list_of_the_house_has_428_rows_and_all_columns():
    rows = coverage.read_clauses()
    assert len(rows) == 428
    assert {"clause", "module", "capability"} <= set(rows[0])


# --- scaffold ----------------------------------------------------------------
def test_a_new_domain_has_the_shape_of_the_house_and_loads(tmp_path: Path):
    written = {str(path.relative_to(tmp_path)) for path in scaffold.write_domain("kitchen", "厨房", root=tmp_path)}
    for name in ("apps", "models", "loops", "services", "queries", "forms", "views", "urls", "api", "jobs"):
        assert f"src/quancheng/domains/kitchen/{name}.py" in written
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


@pytest.mark.parametrize("name", ["Kitchen", "class", "a", "kit-chen", "../kitchen", "kitchen"])
def test_a_bad_or_taken_name_is_refused(tmp_path: Path, name: str):
    scaffold.write_domain("kitchen", "厨房", root=tmp_path)
    with pytest.raises(ValueError, match=r"plain lower-case word|exists already"):
        scaffold.write_domain(name, "", root=tmp_path)


def test_a_new_domain_is_made_by_command_beside_the_code_that_makes_it(tmp_path: Path):
    shutil.copytree(ROOT / "src/quancheng/runtime", tmp_path / "src/quancheng/runtime")
    (tmp_path / "src/quancheng/__init__.py").touch()
    said = run("dev", "new-domain", "kitchen", "--label", "厨房", PYTHONPATH=str(tmp_path / "src"))
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "src/quancheng/domains/kitchen/models.py").is_file()
    assert "Now put kitchen in its place" in said.stdout
    again = run("dev", "new-domain", "kitchen", PYTHONPATH=str(tmp_path / "src"))
    assert again.returncode == 2
    assert "exists already" in again.stderr


# --- plans ---
def test_a_plan_is_parsed_by_command_without_a_database(tmp_path: Path):
    plan = tmp_path / "plan.txt"
    plan.write_text(
        "示范区2026年工作方案\n\n一、重点任务\n1. 开展储罐区检查，2026年6月底前完成。（责任单位：区应急局）\n"
    )
    said = run("plan", "parse", str(plan), "--json", DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert {"meta", "sections", "tasks", "reports"} <= set(found)
    (task,) = found["tasks"]
    assert (task["lead_units"], task["deadline"]["date"]) == (["区应急局"], "2026-06-30")
    missing = run("plan", "parse", str(tmp_path / "nowhere.txt"))
    assert missing.returncode != 0
    assert len(missing.stderr.strip().splitlines()) == 1


# --- without a database ---
@pytest.mark.slow
@pytest.mark.parametrize("given", [["journal", "verify"], ["demo", "load"], ["set-up", "token"]])
def test_a_command_that_finds_no_database_says_so_in_one_line(tmp_path: Path, given: list[str]):
    for environment in ({"DATABASE_URL": "postgresql://u:x@127.0.0.1:1/none"}, {"QUANCHENG_VAR": str(tmp_path / "v")}):
        said = run(*given, **environment)
        assert said.returncode == 1
        assert "the database does not answer" in said.stderr
        assert len(said.stderr.splitlines()) == 1


# --- doctor ------------------------------------------------------------------
def test_the_doctor_of_a_folder_where_nothing_runs_names_versions_and_says_so(tmp_path: Path):
    said = run("doctor", "--json", "--var", str(tmp_path / "v"), DATABASE_URL="")
    findings = {one["subject"]: one for one in json.loads(said.stdout)}
    assert findings["running"]["state"] == "note"
    assert findings["postgres"]["said"].startswith("18.")


def test_the_doctor_calls_unsafe_settings_by_name(tmp_path: Path):
    said = run("doctor", "--var", str(tmp_path / "v"), QUANCHENG_DEV="1", QUANCHENG_HOSTS="*")
    assert said.returncode == 1
    bad = [line for line in said.stdout.splitlines() if line.startswith("bad")]
    assert any("QUANCHENG_DEV" in line for line in bad)
    assert any("QUANCHENG_HOSTS" in line for line in bad)


def test_help_is_there_in_less_than_three_tenths_of_a_second():
    times = []
    for _ in range(5):
        began = time.perf_counter()
        run("--help")
        times.append(time.perf_counter() - began)
    assert min(times) < 0.3
