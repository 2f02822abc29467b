"""A database that an earlier version filled: brought up to date without loss, and back again."""

from __future__ import annotations

import html
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.content import Content, Moves, losses, read_content
from tests.support.running import Installation, signed_in

from quancheng.runtime import backup
from quancheng.runtime.databases import conninfo, settings_from_owner
from quancheng.runtime.place import ROOT, Place

pytestmark = pytest.mark.slow

#: What later versions have moved since the fixture was made. Each line needs its reason.
MOVES = Moves(
    # The queue and the sessions belong to the running system; the list of migrations is what an upgrade adds to.
    passing=frozenset({"procrastinate_workers", "procrastinate_periodic_defers", "procrastinate_jobs",
                       "procrastinate_events", "django_session", "django_migrations"}),
    # Shipped with the code: permissions and kinds of Django's own, roles, law, code lists, templates, rungs, holidays.
    growing=frozenset({"auth_permission", "django_content_type", "people_role", "law_legaltext", "law_edition",
                       "law_clause", "dictionaries_codelist", "dictionaries_codeitem", "dictionaries_codeitemversion",
                       "dictionaries_codealias", "papers_papertemplate", "ladder_ladderrung",
                       "workcalendar_holidayyear", "workcalendar_holidayday"}),
    # Duties that came later are offered to their roles after migrating; what a role had it keeps (see below).
    columns={("people_role", "duties"): "", ("people_role", "offered"): ""},
)  # fmt: skip

AGREE = "from quancheng.domains.duty.scale import disagreements; print(disagreements())"

BROKEN = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("house", "9001_motto")]
    operations = [
        migrations.AddField("house", "second", models.CharField(max_length=9, default="")),
        migrations.RunSQL("UPDATE house_house SET district_name = 'lost'; SELECT 1/0"),
    ]
"""
GOOD = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("house", "LAST")]
    operations = [migrations.AddField("house", "motto", models.CharField(max_length=20, default="平安"))]
"""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stopped installation's state folder, with the database as the earlier version left it."""
    folder = tmp_path_factory.mktemp("fixture")
    with tarfile.open(ROOT / "tests/cases/upgrade/fe5deaa.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    made = Installation()
    try:
        restore_as_it_was(made.place, folder / "backup")
        shutil.copytree(folder / "keys", made.place.secrets, dirs_exist_ok=True)
        yield made.place.var
    finally:
        made.clear()


@pytest.fixture
def installation(earlier: Path) -> Iterator[Installation]:
    made = Installation(of=earlier, arguments=())
    yield made
    made.clear()


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """A checkout of a version after this one: it has one migration more."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    last = sorted(path.stem for path in migrations_of(tmp_path).glob("0*.py"))[-1]
    (migrations_of(tmp_path) / "9001_motto.py").write_text(GOOD.replace("LAST", last))
    return tmp_path


def migrations_of(checkout: Path) -> Path:
    return checkout / "src/quancheng/kernel/house/migrations"


def restore_as_it_was(place: Place, source: Path) -> None:
    """What ``quancheng restore`` does, but for the migrations."""
    with backup.stopped(place), backup.database_running(place, make=True):
        backup.load_records(settings_from_owner(place), source / backup.DUMP)
    for name in (backup.FILES, backup.ROOTS):
        shutil.copytree(source / name, place.folder(name), dirs_exist_ok=True)


def content(place: Place) -> Content:
    with backup.database_running(place):
        return read_content(conninfo(settings_from_owner(place)))


def waiting(installation: Installation) -> list[str]:
    said = installation.command("migrate", "--plan")
    assert said.returncode == 0, said.stderr
    return re.findall(r"^  (\w+\.\w+)", said.stdout, re.MULTILINE)


def test_a_database_of_the_earlier_version_is_migrated_without_loss(installation: Installation):
    before = content(installation.place)
    assert len(before["duty_task"]) == 36
    assert len(before["journal_journalentry"]) > 2700
    if waiting(installation):
        tried = installation.command("migrate", "--dry-run")
        assert tried.returncode == 0, tried.stderr
        assert "they would succeed" in tried.stdout
        assert content(installation.place) == before
    done = installation.command("migrate")
    assert done.returncode == 0, done.stderr
    assert waiting(installation) == []
    after = content(installation.place)
    assert losses(before, after, MOVES) == []
    for key, role in before["people_role"].items():
        assert duties_of(role) <= duties_of(after["people_role"][key])

    installation.start()
    installation.await_ready()
    agree = installation.command("dev", "manage", "shell", "--no-imports", "-c", AGREE)
    assert agree.stdout.strip() == "[]", agree.stderr
    verified = installation.command("journal", "verify", "--roots", str(installation.place.var / "roots"))
    assert verified.returncode == 0, verified.stdout
    # The same one, in the database and in the folder; about the hour of the nightly root that one too.
    assert int(re.search(r"(\d+) roots", verified.stdout)[1]) in (2, 3, 4)  # type: ignore[index]
    with signed_in(installation, "officer", "Qinglan-2026") as client:
        today = client.get("/").text
        pages = set(re.findall(r'href="(/[^"#]*)"', html.unescape(today))) - {"/logout"}
        assert len(pages) > 15
        assert {
            path: status for path in pages if (status := client.get(path, follow_redirects=True).status_code) != 200
        } == {}
    # A password that was changed, and a number in the vault.
    with signed_in(installation, "emb", "Chuanglan-2026") as client:
        assert "13800000001" in client.get("/me").text.replace(" ", "")


def duties_of(role: dict[str, str | None]) -> set[str]:
    return set(re.findall(r"[a-z_]+\.[a-z_.]+", role["duties"] or ""))


def test_a_start_saves_the_records_migrates_and_can_be_taken_back(installation: Installation, next_version: Path):
    assert installation.command("migrate").returncode == 0
    before = content(installation.place)
    installation.code = next_version
    looked = installation.command("doctor")
    assert "pending: house.9001_motto" in looked.stdout
    plan = installation.command("migrate", "--plan").stdout
    assert "house.9001_motto" in plan
    assert "Add field motto to house" in plan
    assert content(installation.place) == before

    installation.start()
    installation.await_ready()
    saved = Path(re.search(r"saved to (\S+) before 1 migrations", installation.said)[1])  # type: ignore[index]
    assert "all applied" in installation.command("doctor").stdout
    assert installation.stop() < 10

    # Back to this version: it does not touch what it does not know, and the backup brings back what it knows.
    installation.code = ROOT
    installation.start()
    assert installation.await_end() == 1
    assert "belongs to a later version (house.9001_motto not known here)" in installation.said
    back = installation.command("restore", str(saved), "--replace")
    assert back.returncode == 0, back.stderr
    assert "What stood here was saved to" in back.stdout
    assert losses(before, content(installation.place), MOVES) == []
    assert "motto" not in next(iter(content(installation.place)["house_house"].values()))
    installation.start()
    installation.await_ready()
    assert installation.command("journal", "verify").returncode == 0
    with signed_in(installation, "officer", "Qinglan-2026") as client:
        assert client.get("/").status_code == 200


def test_a_migration_that_fails_leaves_the_database_as_it_was_and_says_so_in_one_line(
    installation: Installation, next_version: Path
):
    assert installation.command("migrate").returncode == 0
    before = content(installation.place)
    (migrations_of(next_version) / "9002_broken.py").write_text(BROKEN)
    installation.code = next_version
    tried = installation.command("migrate", "--dry-run")
    assert (tried.returncode, len(tried.stderr.splitlines())) == (1, 1)
    installation.start()
    assert installation.await_end() == 1
    line = installation.said.strip().splitlines()[-1]
    assert "and is as it was: house.9002_broken: division by zero" in line
    assert "the backup is" in line
    assert "Traceback" not in installation.said
    assert installation.processes() == []
    assert content(installation.place) == before
    # The version from before goes on as if nothing had been.
    installation.code = ROOT
    installation.start()
    installation.await_ready()
    assert re.search(r"records +up to date", installation.said)
