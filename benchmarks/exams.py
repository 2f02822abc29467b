"""Two thousand people sit one exam at once: each answer is told to the web server by itself, and none is lost.

A real installation holds an exam with 2,000 sitters (``--scale``) who have begun. Each of them, over the same server
that ``bin/up`` starts, tells an answer every ``PACE_S`` seconds for ``--seconds``; some of them change their minds.
Afterwards what was acknowledged is compared with what stands. The sitters are a process of their own, this one, whose
share of the processor is told.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

import httpx
from benchmarks.harness import Result, Settings, percentile
from benchmarks.signals import Watched

PEOPLE, SECONDS = 2_000, 120.0
#: Seconds between two answers of one person: forty questions in an hour are ninety of them.
PACE_S = 60.0
SAVED_MS = 100.0
#: Links that are open at once, as of a proxy before the server.
LINKS = 64

#: Of the installation: an exam, its sitters with the cookies of their browsers, and places on their papers.
MAKE = """
import json, sys
sys.path.insert(0, {root!r})
from django.core.signing import get_cookie_signer
from django.utils import timezone
from tests.domains.training.exam_factories import make_exam
from tests.domains.training.factories import identity, make_person
from tests.factories import make_district
from quancheng.domains.training.models import ExamSitting
from quancheng.domains.training.services import sitting
from quancheng.domains.training.services.exams import code_of
from quancheng.domains.training.views.sitting import COOKIE
district, now = make_district(), timezone.now()
people = [
    make_person(district, order=one, staff_no=f"A{{one}}", educated=False,
                resident_id=identity(one % 900, born=str(19600101 + 10_000 * (one // 900))))
    for one in range(1, {people} + 1)
]
exam = make_exam(district.enterprise, people)
signer, cookies = get_cookie_signer(salt=COOKIE), []
for number, row in enumerate(ExamSitting.objects.filter(exam=exam).select_related("person", "exam").order_by("pk")):
    # Each has an address of his own: of one alone so many tries would be refused.
    entry = sitting.let_in(exam=exam, code=code_of(row), badge=row.person.staff_no, key="", device="",
                           address=f"10.1.{{number // 250}}.{{number % 250}}", now=timezone.now())
    begun = sitting.begin(sitting=entry.sitting, key=entry.key, now=timezone.now())
    cookies.append((str(begun.pk), signer.sign(f"{{begun.pk}}.{{entry.key}}")))
print("MADE", json.dumps({{"door": exam.door, "cookie": COOKIE, "sitters": cookies}}))
"""

#: What stands: of each sitting its answers by place.
READ = """
import json
from quancheng.domains.training.models import SittingItem
rows = SittingItem.objects.values_list("sitting_id", "place", "version__kind", "answer")
print("MADE", json.dumps([[str(one[0]), *one[1:]] for one in rows]))
"""
#: What somebody may answer, by the kind of a question.
ANSWERS = {"judge": ("T", "F"), "single": ("A", "B"), "multiple": ("AB", "AC")}


def run(settings: Settings) -> Result:
    """Start everything, let them answer, compare."""
    result = Result()
    count = round(PEOPLE * settings.scale)
    from tests.support.running import Installation, prepared_state

    running = Installation(arguments=("--empty",), of=prepared_state())
    try:
        running.start()
        running.await_ready()
        began = time.perf_counter()
        made = _told(running, MAKE, people=count)
        result.add("people entered, let in and begun", time.perf_counter() - began, "s")
        papers = {(one, place): (kind, answer) for one, place, kind, answer in _told(running, READ)}
        before = {key: answer for key, (_kind, answer) in papers.items()}
        with Watched(running) as watched:
            sitters = Sitters(running.port, made, {key: kind for key, (kind, _answer) in papers.items()})
            cpu = time.process_time()
            asyncio.run(sitters.run(settings.seconds or SECONDS))
            cpu = time.process_time() - cpu
        stands = {(one, place): answer for one, place, _kind, answer in _told(running, READ)}
        _compare(result, sitters, before, stands, watched, settings.seconds or SECONDS, cpu)
    finally:
        running.clear()
    return result


def _told(running: Any, program: str, **given: Any) -> Any:
    from quancheng.runtime.place import ROOT

    said = running.command(
        "dev", "manage", "shell", "--no-imports", "-c", program.format(root=str(ROOT), **given) if given else program,
        PYTHONPATH=f"{ROOT}/src:{ROOT}",
    )  # fmt: skip
    if "MADE" not in said.stdout:
        raise RuntimeError(said.stderr)
    return json.loads(said.stdout.split("MADE")[1])


class Sitters:
    """Everybody with his browser."""

    def __init__(self, port: int, made: dict[str, Any], kinds: dict[tuple[str, int], str]) -> None:
        self.url = f"http://127.0.0.1:{port}/x/{made['door']}/-/paper"
        self.cookie, self.sitters = made["cookie"], made["sitters"]
        #: Of each sitting the places that it answers, and their kinds.
        self.places: dict[str, list[tuple[int, str]]] = {}
        for (sitting, place), kind in kinds.items():
            if kind in ANSWERS:
                self.places.setdefault(sitting, []).append((place, kind))
        self.took_ms: list[float] = []
        self.refused: list[str] = []
        #: Of each sitting and place the answer that was acknowledged last.
        self.kept: dict[tuple[str, int], str] = {}
        self._luck = random.Random(1)

    async def run(self, seconds: float) -> None:
        limits = httpx.Limits(max_connections=LINKS, max_keepalive_connections=LINKS)
        async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
            until = time.monotonic() + seconds
            await asyncio.gather(*(self._sit(client, *one, until) for one in self.sitters))

    async def _sit(self, client: httpx.AsyncClient, sitting: str, cookie: str, until: float) -> None:
        await asyncio.sleep(self._luck.random() * PACE_S)
        token = "b" * 32
        headers = {
            "Accept": "application/json",
            # Signed values may hold what a cookie must quote; ours hold none of it.
            "Cookie": f"{self.cookie}={cookie}; csrftoken={token}",
        }
        while time.monotonic() < until:
            place, kind = self._luck.choice(self.places[sitting])
            letter = self._luck.choice(ANSWERS[kind])
            body = {f"a-{place}-": letter, "csrfmiddlewaretoken": token}
            began = time.perf_counter()
            answer = await client.post(self.url, data=body, headers=headers)
            self.took_ms.append((time.perf_counter() - began) * 1000)
            if answer.status_code == 200 and answer.json()["kept"] == [place]:
                self.kept[sitting, place] = letter
            else:
                self.refused.append(f"{answer.status_code} {answer.text[:80]}")
            await asyncio.sleep(PACE_S - (time.perf_counter() - began))


def _compare(
    result: Result, sitters: Sitters, before: dict[tuple[str, int], Any], stands: dict[tuple[str, int], Any],
    watched: Watched, seconds: float, cpu: float,
) -> None:  # fmt: skip
    result.add("people who sit at once", float(len(sitters.sitters)), "")
    result.add("answers told", float(len(sitters.took_ms)), "")
    result.add("answers a second", len(sitters.took_ms) / seconds, "/s")
    result.add("answer kept, median", percentile(sitters.took_ms, 0.5), "ms")
    result.add("answer kept, 95th percentile", percentile(sitters.took_ms, 0.95), "ms", at_most=SAVED_MS)
    result.add("answer kept, slowest", max(sitters.took_ms), "ms")
    refused = [one for one in sitters.refused if not one.startswith("200")]
    result.add("answers refused", float(len(refused)), "", at_most=0)
    # What stands is in the paper's own order; that it is no longer empty says that it was kept.
    lost = sum(stands[key] == before[key] for key in sitters.kept)
    result.add("answers acknowledged and not there", float(lost), "", at_most=0)
    result.add("processor: the sitters", cpu / seconds, "cores")
    for name, used in sorted(watched.cpu_s.items()):
        if used > 0.01 * seconds:
            result.add(f"processor: {name}", used / seconds, "cores")
    result.notes += sorted(set(refused))[:3]
