"""The recipe of docs/reverse-proxy.md, word by word, in a real nginx."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.support.running import Installation, clean_environment, found_office, prepared_state
from tests.support.servers import await_port

from quancheng.runtime.databases import conninfo, settings_from_app
from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.place import ROOT

pytestmark = pytest.mark.slow

NAME = "quancheng.example"
NGINX = shutil.which("nginx", path=f"/usr/sbin:/usr/local/sbin:{ROOT}/var/tool/nginx/usr/sbin")
PLAN = "示范区2026年工作方案\n\n一、重点任务\n1. 开展储罐区检查，2026年6月底前完成。（责任单位：区应急局）\n"


@dataclass
class Proxy:
    """nginx before a running installation. ``browser()`` calls it by its name, over TLS that it verifies."""

    installation: Installation
    port: int
    authority: Path

    def browser(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            headers={"Host": NAME, "Origin": f"https://{NAME}"},
            verify=ssl.create_default_context(cafile=str(self.authority)),
            timeout=60,
        )

    @contextlib.contextmanager
    def signed_in(self, **headers: str) -> Iterator[httpx.Client]:
        with self.browser() as client:
            token = token_in(client.get("/login"))
            given = {"username": "officer", "password": "Qinglan-2026", "csrfmiddlewaretoken": token}
            answer = client.post("/login", data=given, headers=headers)
            assert answer.status_code == 303, answer.text
            yield client

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(conninfo(settings_from_app(self.installation.place))) as link:
            return link.execute(query).fetchall()


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert found
    return found[1]


def recipe(*, port: int, upstream: int, tls: Path) -> str:
    """The server block of the docs; only ports and paths are those of this machine."""
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/reverse-proxy.md").read_text(), re.DOTALL)
    assert block
    text = block[1]
    for written, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/quancheng.pem", str(tls / "server.pem")),
        ("/etc/ssl/quancheng.key", str(tls / "server.key")),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
    ):
        assert written in text
        text = text.replace(written, ours)
    return text


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    if NGINX is None:
        pytest.skip("no nginx here; bin/test --all fetches it on Debian")
    folder = Path(tempfile.mkdtemp(prefix="qc-n-"))
    made = Installation(of=prepared_state())
    nginx: subprocess.Popen[bytes] | None = None
    try:
        certificate = made.command("tls", "make", NAME, "127.0.0.1")
        assert certificate.returncode == 0, certificate.stderr
        # As the docs say, and nothing more.
        trusted = {"QUANCHENG_BEHIND_PROXY": "1", "QUANCHENG_SECURE": "1", "QUANCHENG_HOSTS": NAME}
        made.start(environment=clean_environment() | trusted)
        made.await_ready()
        found_office(made)
        port = free_port()
        server = recipe(port=port, upstream=made.port, tls=made.place.var / "tls")
        places = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user root;\ndaemon off;\nworker_processes 1;\npid {folder}/pid;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{places}{server}}}\n"
        )
        with (folder / "log").open("wb") as log:
            command = [NGINX, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
            nginx = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        await_port(port, nginx)
        yield Proxy(made, port, made.place.var / "tls" / "authority.pem")
    finally:
        if nginx is not None:
            nginx.terminate()
            nginx.wait(20)
        made.clear()
        shutil.rmtree(folder, ignore_errors=True)


def test_pages_come_over_tls_and_cookies_are_for_tls_alone(proxy: Proxy):
    with proxy.signed_in() as client:
        assert client.get("/").status_code == 200
        cookies = {cookie.name: cookie.secure for cookie in client.cookies.jar}
    assert cookies["sessionid"] is True
    assert set(cookies.values()) == {True}


def test_the_callers_address_is_what_the_proxy_saw_whatever_the_caller_claims(proxy: Proxy):
    with proxy.signed_in(**{"X-Forwarded-For": "203.0.113.9"}):
        pass
    assert {str(address) for (address,) in proxy.ask("SELECT address FROM people_signin")} == {"127.0.0.1"}


def test_a_forged_host_or_scheme_does_not_get_past_the_proxy(proxy: Proxy):
    with proxy.browser() as client:
        # What the proxy sets itself, it does not pass on from the caller.
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
        assert client.get("/login", headers=forged).status_code == 200
        assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
        # A form that another site sends is refused.
        assert (
            client.post("/login", data={"username": "x"}, headers={"Origin": "https://evil.example"}).status_code == 403
        )


def test_an_event_arrives_through_the_proxy_as_soon_as_without_it_while_the_stream_stays_open(
    proxy: Proxy, tmp_path: Path
):
    (tmp_path / "plan.txt").write_text(PLAN)
    arrived: dict[str, float] = {}
    opened, both = threading.Barrier(3, timeout=60), threading.Barrier(3, timeout=120)

    def listen(name: str, address: str, headers: dict[str, str]) -> None:
        with client.stream("GET", address, headers=headers, timeout=120) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert next(lines).startswith("retry")
            opened.wait()
            for line in lines:
                if line.startswith("data:"):
                    arrived[name] = time.monotonic()
                    break
            # The stream is still open when both have heard.
            both.wait()

    with proxy.signed_in() as client:
        cookie = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
        beside = {"Host": NAME, "Cookie": cookie, "X-Forwarded-Proto": "https", "X-Forwarded-Host": NAME}
        listeners = [
            threading.Thread(target=listen, args=("proxy", "/stream", {}), daemon=True),
            threading.Thread(
                target=listen,
                args=("direct", f"http://127.0.0.1:{proxy.installation.port}/stream", beside),
                daemon=True,
            ),
        ]
        for listener in listeners:
            listener.start()
        opened.wait()
        imported = proxy.installation.command("plan", "import", str(tmp_path / "plan.txt"), "--user", "officer")
        assert imported.returncode == 0, imported.stderr
        both.wait()
        for listener in listeners:
            listener.join(30)
    assert arrived["proxy"] - arrived["direct"] < 1


def test_what_is_too_large_for_the_system_is_refused_at_its_field_and_for_the_proxy_by_the_proxy(proxy: Proxy):
    with proxy.signed_in() as client:
        token = token_in(client.get("/duty/plans/import"))
        answer = client.post(
            "/duty/plans/import",
            data={"csrfmiddlewaretoken": token, "kind": "plan"},
            files={"file": ("方案.txt", b"x" * (51 * 1024 * 1024), "text/plain")},
        )
        assert answer.status_code == 422
        assert "50 MB" in answer.text
    context = ssl.create_default_context(cafile=str(proxy.authority))
    link = http.client.HTTPSConnection("127.0.0.1", proxy.port, context=context, timeout=60)
    link.putrequest("POST", "/duty/plans/import", skip_host=True)
    for name, value in (("Host", NAME), ("Content-Length", str(221 * 1024 * 1024))):
        link.putheader(name, value)
    link.endheaders()
    assert link.getresponse().status == 413
    link.close()
