"""``quancheng simulate``: sites that are not there, sending through the real gateway's doors (模拟信号)."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import TYPE_CHECKING

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.signals import PORTS, port_of, until_stopped

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from quancheng.stream.simulator.sending import Sender

#: Where the demo's simulator hears which scenario is to happen.
ASKED = "simulate.scenario"
#: Kinds of sites, as ``stream.simulator.district`` plans them.
KINDS = ("petrol", "gas", "tank_farm", "warehouse", "pharma", "toxic_store", "valve_station")


def site_command(arguments: list[str]) -> int:
    """``quancheng simulate site KIND``: one site, under the code and secret of a source that was entered for it."""
    parser = argparse.ArgumentParser(
        prog="quancheng simulate site",
        description="Send what one simulated site would. The secret is read from QUANCHENG_SIMULATE_SECRET.",
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--source", required=True, metavar="CODE", help="code of the source under which it signs in")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="default: that of the gateway of this installation")
    _common(parser)
    parser.add_argument("--number", type=int, default=1, help="which of the sites of its kind (default 1)")
    parser.add_argument("--scenario", metavar="CODE", help="play one of the library, e.g. SC01, from now on")
    parser.add_argument("--tags", action="store_true", help="only print the codes of its tags, one a line")
    given = parser.parse_args(arguments)
    from quancheng.stream.simulator.district import plan_site
    from quancheng.stream.simulator.scenarios import BY_CODE
    from quancheng.stream.simulator.sending import Sender
    from quancheng.stream.simulator.ways import Line

    plan = plan_site(given.kind, given.number, seed=given.seed)
    secret = os.environ.get("QUANCHENG_SIMULATE_SECRET", "")
    if not secret and not given.tags:
        parser.error("QUANCHENG_SIMULATE_SECRET holds no secret")
    if given.scenario and given.scenario not in BY_CODE:
        parser.error(f"unknown scenario; known: {', '.join(BY_CODE)}")
    line = Line(plan.code, given.host, given.port or port_of("mqtt"), given.source, secret)
    sender = Sender([plan], [line], seed=given.seed, speed=given.speed)
    if given.tags:
        print("\n".join(sender.simulation.codes))
        return 0
    if given.scenario:
        BY_CODE[given.scenario].play(sender.simulation, site=plan.code, at_ms=sender.start_ms)
    return until_stopped(sender.run(given.seconds))


def district_command(arguments: list[str]) -> int:
    """``quancheng simulate district``: the sites of the demo district, entered where they are not."""
    parser = argparse.ArgumentParser(
        prog="quancheng simulate district",
        description="Send what the sites of the demo district would; in a demo only.",
    )
    _common(parser)
    given = parser.parse_args(arguments)
    set_up_django()
    from quancheng.kernel.house.queries import is_demo
    from quancheng.runtime.demo_signals import Sites
    from quancheng.stream.simulator.sending import Sender

    if not is_demo():
        raise EngineTrouble("This is no demo: simulated signals would stand among real ones.")
    sites = Sites.ready(seed=given.seed, ports={door: port_of(door) for door in PORTS})
    sender = Sender(sites.plans, sites.lines, seed=given.seed, speed=given.speed)
    return until_stopped(_asked_meanwhile(sender, given.seconds))


async def _asked_meanwhile(sender: Sender, seconds: float) -> None:
    """Send, and play what ``simulate scenario`` asks for."""
    import nats
    from django.conf import settings

    from quancheng.stream.simulator.scenarios import BY_CODE

    async def asked(message: Msg) -> None:
        code = message.data.decode(errors="replace")
        try:
            told = f"{BY_CODE[code].name.zh} {BY_CODE[code].name.en}: {sender.play(BY_CODE[code])}"
        except KeyError:
            told = ""
        await message.respond(told.encode())

    client = await nats.connect(settings.NATS_URL, max_reconnect_attempts=-1)
    try:
        await client.subscribe(ASKED, cb=asked)
        await sender.run(seconds)
    finally:
        await client.close()


def scenario_command(arguments: list[str]) -> int:
    """``quancheng simulate scenario CODE``: let one of the library happen at a site of the running demo."""
    from quancheng.stream.simulator.scenarios import BY_CODE

    known = "; ".join(f"{code} {one.name.en}" for code, one in BY_CODE.items())
    parser = argparse.ArgumentParser(
        prog="quancheng simulate scenario", description="Let something happen at a site of the running demo.",
        epilog=known,
    )  # fmt: skip
    parser.add_argument("code", choices=list(BY_CODE), metavar="CODE")
    given = parser.parse_args(arguments)
    set_up_django()
    told = asyncio.run(_ask(given.code))
    if told is None:
        raise EngineTrouble("No simulated sites answer: start a demo with bin/up, without --still.")
    if not told:
        raise EngineTrouble("No site of the demo has what this scenario needs.")
    print(told)
    return 0


async def _ask(code: str) -> str | None:
    import nats
    from django.conf import settings
    from nats.errors import Error as NatsError

    try:
        client = await nats.connect(settings.NATS_URL, allow_reconnect=False)
        try:
            answer = await client.request(ASKED, code.encode(), timeout=5)
        finally:
            await client.close()
    except (NatsError, OSError, TimeoutError):
        return None
    return answer.data.decode()


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="same seed, same signals (default 1)")
    parser.add_argument("--speed", type=float, default=1.0, help="times as fast as the clock (default 1)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of simulated time (default: for ever)")
