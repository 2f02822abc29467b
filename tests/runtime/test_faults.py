"""What goes wrong on a real machine: each is survived, or told in one clear line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.support.running import PYTHON, Installation, prepared_state

from quancheng.runtime.databases import conninfo, settings_from_app
from quancheng.runtime.place import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared() -> Path:
    """The state folder of an installation that was started once and stopped: most tests begin with a copy of it."""
    return prepared_state()


@pytest.fixture
def fresh() -> Iterator[Installation]:
    """Nothing there yet, not started."""
    made = Installation()
    yield made
    made.clear()


@pytest.fixture
def installation(prepared: Path) -> Iterator[Installation]:
    """Set up before, not started."""
    made = Installation(of=prepared)
    yield made
    made.clear()


@pytest.fixture
def running(installation: Installation) -> Installation:
    """Running, for tests that stop it."""
    installation.start()
    installation.await_ready()
    return installation


@pytest.fixture(scope="module")
def shared(prepared: Path) -> Iterator[Installation]:
    """Running, for tests after which it still runs."""
    made = Installation(of=prepared)
    try:
        made.start()
        made.await_ready()
        yield made
    finally:
        made.clear()


def test_a_killed_database_comes_back_and_everything_with_it(shared: Installation):
    before, since = shared.child("postgres"), len(shared.said)
    os.kill(before.pid, signal.SIGKILL)
    shared.await_said(r"postgres +started again", since=since)
    shared.await_answer()
    assert shared.child("postgres") != before
    # The workers saw their database go; each is started again, or never noticed.
    shared.await_children({"postgres", "nats", "store", "web", "work-now", "work-slow", "gateway", "process"})


@pytest.mark.parametrize("name", ["web", "work-now", "work-slow", "gateway", "process", "store", "nats"])
def test_a_killed_child_is_started_again_and_nothing_of_it_is_left(shared: Installation, name: str):
    before, since = shared.child(name), len(shared.said)
    os.kill(before.pid, signal.SIGKILL)
    shared.await_said(rf"{name} +was killed by SIGKILL; started again in", since=since)
    shared.await_said(rf"{name} +started again\n", since=since)
    shared.await_answer()
    assert not before.is_alive()
    assert shared.child(name).is_alive()


def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next_start(running: Installation):
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    left = running.processes()
    assert any("postgres" in command for command in left)
    running.start()
    running.await_ready()
    assert "left behind by an earlier run" in running.said
    running.stop()
    assert running.processes() == []


def test_two_kills_in_a_row_while_starting_do_no_harm(fresh: Installation):
    for pause in (0.3, 1.2):
        fresh.start()
        time.sleep(pause)
        assert fresh.process is not None
        fresh.process.kill()
        fresh.process.wait()
    fresh.start()
    fresh.await_ready()
    assert fresh.answers()


def test_a_kill_while_the_tables_are_made_does_no_harm(fresh: Installation):
    fresh.start()
    fresh.await_said("bringing the database up to date")
    assert fresh.process is not None
    fresh.process.kill()
    fresh.process.wait()
    fresh.start()
    fresh.await_ready()
    assert "left behind by an earlier run" in fresh.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_within_ten_seconds(running: Installation, number: int):
    assert running.stop(number) < 10
    assert running.process is not None
    assert running.process.returncode == 0
    assert running.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_counts_also_where_sigint_came_ignored(installation: Installation, number: int):
    installation.start(ignore_sigint=True)
    installation.await_ready()
    assert installation.stop(number) < 10
    assert installation.processes() == []


def test_a_signal_during_the_start_leaves_nothing_running(fresh: Installation):
    fresh.start()
    fresh.await_said("postgres")
    time.sleep(0.4)
    assert fresh.stop() < 10
    assert fresh.processes() == []


def test_an_open_connection_does_not_hold_up_the_stop(running: Installation):
    with socket.create_connection(("127.0.0.1", running.port)) as link:
        link.sendall(b"GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n")
        link.recv(100)
        assert running.stop() < 10


def test_a_second_start_on_the_same_folder_is_refused_in_one_line(shared: Installation):
    assert shared.process is not None
    second = _up(shared, port=1)
    assert second.returncode == 1
    assert f"already runs from {shared.place.var} (pid {shared.process.pid})" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert shared.answers()


def test_a_port_in_use_is_told_in_one_line_and_nothing_is_started(fresh: Installation):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        refused = _up(fresh, port=taken)
    assert refused.returncode == 1
    assert f"Port {taken} on 127.0.0.1 is in use by" in refused.stderr
    assert str(os.getpid()) in refused.stderr
    assert fresh.processes() == []


def test_a_full_disk_is_told_in_one_line(tmp_path: Path):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "small"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)], capture_output=True)
    if done.returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        refused = subprocess.run(
            [PYTHON, "-m", "quancheng.runtime", "up", "--empty", "--var", str(disk / "v"), "--port", "8791"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert refused.returncode == 1
    assert "is full: 1" in refused.stderr or "is full: 2" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_other_machines_are_not_served_without_tls(fresh: Installation):
    refused = _up(fresh, port=8792, more=("--host", "0.0.0.0"))
    assert refused.returncode == 1
    assert "Without TLS only this machine is served" in refused.stderr


def test_it_starts_with_an_empty_environment(fresh: Installation):
    """By the program that people call, not by the command within."""
    fresh.start(environment={}, program=(str(ROOT / "bin" / "up"),))
    fresh.await_ready()
    assert fresh.answers()
    assert fresh.stop() < 10
    assert fresh.processes() == []


def test_the_front_end_is_fetched_with_node_from_the_wheel_where_the_machine_has_none(tmp_path: Path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in ("/bin", "/usr/bin"):
        for tool in Path(folder).iterdir():
            if not re.match(r"node|npm|npx|corepack", tool.name) and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    assert shutil.which("node", path=str(tools)) is None
    checkout = tmp_path / "checkout"
    (checkout / "bin").mkdir(parents=True)
    for name in ("bin/lib.sh", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, checkout / name)
    done = subprocess.run(
        ["bash", "-c", 'source bin/lib.sh; PYTHON="$GIVEN"; VENV_PYTHON="$GIVEN"; ensure_front_end'],
        cwd=checkout,
        env={"PATH": str(tools), "HOME": os.environ.get("HOME", "/"), "GIVEN": str(PYTHON), **npm_settings()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "npm ci, Node v" in done.stdout
    assert (checkout / "node_modules/htmx.org/dist/htmx.min.js").is_file()


def npm_settings() -> dict[str, str]:
    """Where this machine gets its packages from, and whom it trusts: else npm tries for minutes and takes its cache."""
    given = {name: value for name, value in os.environ.items() if name.lower().startswith("npm_config_")}
    return given | {name: os.environ[name] for name in ("NODE_EXTRA_CA_CERTS",) if name in os.environ}


@pytest.fixture
def readable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Python and the checkout under paths where an ordinary user may look: bound there, if they lie in private."""
    folder = Path(tempfile.mkdtemp(prefix="qc-u-"))
    folder.chmod(0o755)
    bound = []
    try:
        found = []
        for name, path in (("python", Path(sys.base_prefix)), ("checkout", ROOT)):
            if not all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents)):
                (folder / name).mkdir()
                done = subprocess.run(["mount", "--bind", str(path), str(folder / name)], capture_output=True)
                if done.returncode != 0:
                    pytest.skip(f"{path} lies where an ordinary user may not look, and nothing can be mounted here")
                bound.append(folder / name)
                path = folder / name
            found.append(path)
        yield found[0], found[1]
    finally:
        for path in bound:
            subprocess.run(["umount", str(path)], check=True)
        shutil.rmtree(folder)


def test_an_ordinary_user_starts_it_in_a_folder_of_his_own(readable: tuple[Path, Path]):
    if os.geteuid() != 0:
        pytest.skip("every other test of this run is that of an ordinary user")
    prefix, checkout = readable
    packages = checkout / Path(sysconfig.get_path("purelib")).relative_to(ROOT)
    installation = Installation(user=65534, code=checkout)
    try:
        python = prefix / "bin" / Path(sys.executable).resolve().name
        installation.start(
            environment={
                "PATH": os.defpath,
                "HOME": str(installation.folder),
                # A Python that was built for another path finds its own library by name alone.
                "LD_LIBRARY_PATH": str(prefix / "lib"),
            },
            program=(str(python), "-m", "quancheng.runtime", "up"),
            packages=packages,
        )
        installation.await_ready()
        assert installation.answers()
        owners = {path.stat().st_uid for path in installation.place.var.rglob("*")}
        assert owners == {65534}
        assert installation.stop() < 10
    finally:
        installation.clear()


def test_the_embedded_database_lets_the_application_in_and_nobody_by_network(shared: Installation):
    with psycopg.connect(conninfo(settings_from_app(shared.place))) as link:
        assert link.execute("SELECT current_user").fetchone() == ("quancheng_app",)
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)
    secrets = list((shared.place.var / "secrets").iterdir())
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def _up(installation: Installation, *, port: int, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", "quancheng.runtime", "up", "--empty", "--var", str(installation.place.var)]
        + ["--port", str(port), *more],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
    )
