"""The ``quancheng`` command: a table of commands, each imported when it is called and not before."""

from __future__ import annotations

import os
import sys
from importlib import import_module

#: Command (one or two words) to where it lives and what it does, in a line.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("quancheng.runtime.supervisor:up_command", "start everything and keep it running"),
    "store": (
        "quancheng.runtime.store:store_command",
        "serve the telemetry store (ClickHouse's interface on loopback)",
    ),
    "web": ("quancheng.runtime.web:web_command", "serve the pages and the API"),
    "work": ("quancheng.runtime.work:work_command", "take jobs from the queues"),
    "gateway": ("quancheng.runtime.signals:gateway_command", "take messages of devices over MQTT, HTTP, HJ 212"),
    "bridge": ("quancheng.runtime.signals:bridge_command", "fetch messages from brokers of MQTT that were entered"),
    "replay": ("quancheng.runtime.signals:replay_command", "put envelopes that nobody could read back into the stream"),
    "process": ("quancheng.runtime.signals:process_command", "decode, store and judge what devices sent"),
    "simulate site": ("quancheng.runtime.simulate:site_command", "send over MQTT what a simulated site would"),
    "simulate scenario": (
        "quancheng.runtime.simulate:scenario_command",
        "let a scenario happen at a site of the running demo",
    ),
    "simulate district": (
        "quancheng.runtime.simulate:district_command",
        "send what the sites of the demo district would; in a demo only",
    ),
    "doctor": ("quancheng.runtime.doctor:doctor_command", "say what is running, what is missing and what is unsafe"),
    "plan parse": (
        "quancheng.domains.duty.plans.cli:parse_command",
        "read a plan document and print its tasks (no database)",
    ),
    "plan import": ("quancheng.runtime.plan_import:import_command", "import a plan document for review"),
    "calc gb18218": (
        "quancheng.runtime.calc:gb18218_command",
        "identify and grade a major hazard, JSON in and out (no database)",
    ),
    "calc gb30871": (
        "quancheng.runtime.calc:gb30871_command",
        "tell what special work demands and what refuses it, JSON in and out (no database)",
    ),
    "calc gb30871-audit": (
        "quancheng.runtime.calc:gb30871_audit_command",
        "audit one permit of special work by 96 rules, JSON in and out (no database)",
    ),
    "journal verify": ("quancheng.runtime.commands:journal_verify", "prove that nothing in the journal was altered"),
    "vault rotate": (
        "quancheng.runtime.vault_command:rotate_command",
        "make a new key and seal personal identifiers anew under it",
    ),
    "archive read": ("quancheng.runtime.commands:archive_read", "print the rows of a sealed archive"),
    "backup": ("quancheng.runtime.backup:backup_command", "write records, files and the journal's roots to a folder"),
    "restore": ("quancheng.runtime.backup:restore_command", "bring a backup back into an empty installation"),
    "demo load": ("quancheng.runtime.commands:demo_load", "load the demo district into an empty database"),
    "demo accounts": ("quancheng.runtime.commands:demo_accounts", "list the accounts of a demo database"),
    "demo reset": ("quancheng.runtime.commands:demo_reset", "throw a demo database away and load it anew"),
    "set-up token": (
        "quancheng.runtime.commands:set_up_token",
        "print the one-time path under which a new house is set up",
    ),
    "migrate": ("quancheng.runtime.migrate:migrate_command", "bring the database up to date, as its owner"),
    "tls make": (
        "quancheng.runtime.tls:make_command",
        "make a local authority, a certificate and a QR code for phones",
    ),
    "dev new-domain": ("quancheng.runtime.scaffold:new_domain", "make a domain in the house's shape"),
    "dev messages": ("quancheng.runtime.messages:messages_command", "collect strings into the English catalogues"),
    "dev coverage": ("quancheng.runtime.coverage:coverage_command", "write docs/coverage.md from the last test run"),
    "dev webhook-receiver": (
        "quancheng.runtime.webhook_receiver:receiver_command",
        "receive webhooks on loopback and print them, to try them on",
    ),
    "dev oidc-provider": (
        "quancheng.runtime.oidc_provider:provider_command",
        "be a provider of identities on loopback, to try sign-in through one on",
    ),
    "dev upper-platform": (
        "quancheng.runtime.upper_platform:platform_command",
        "be an upper platform on loopback, to try the exchange on",
    ),
    "dev weather-service": (
        "quancheng.runtime.weather_service:service_command",
        "be a weather service that tells the house a storm, to try the intake of warnings on",
    ),
    "dev chemical-data": (
        "quancheng.runtime.chemical_data:chemical_data_command",
        "write the physical data of the chemicals that ship, from the library chemicals",
    ),
    "dev example-sheets": (
        "quancheng.runtime.example_sheets:example_sheets_command",
        "write spreadsheets to try the imports of the registry on",
    ),
    "dev loops": ("quancheng.runtime.loop_pages:loops_command", "draw every declared loop into docs/loops"),
    "dev openapi": ("quancheng.runtime.commands:openapi", "print the API's description"),
    "dev manage": ("quancheng.runtime.commands:manage", "Django's own commands (makemigrations, shell, …)"),
}


def set_up_django() -> None:
    """Load the settings and the apps; needed before any model is touched."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
    from quancheng.runtime.settle import loading

    with loading():
        import django

        django.setup()


def usage() -> str:
    """Every command with its line."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name.ljust(width)}{said}" for name, (_, said) in COMMANDS.items()]
    return "\n".join(["usage: quancheng COMMAND [--help] …", "", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status (2: not understood)."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in {"-h", "--help", "help"}:
        try:
            print(usage(), flush=True)
        except BrokenPipeError:
            _leave_pipe()
        return 0 if given else 2
    for words in (2, 1):
        name = " ".join(given[:words])
        if name in COMMANDS:
            return _run(name, given[words:])
    known = [name for name in COMMANDS if name.split()[0] == given[0]]
    print(
        f"quancheng: unknown command {' '.join(given[:2])}."
        + (f" Known: {', '.join(known)}" if known else " quancheng --help lists them."),
        file=sys.stderr,
    )
    return 2


def _leave_pipe() -> None:
    """The reader (head, less) has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(name: str, rest: list[str]) -> int:
    from quancheng.runtime.engines.processes import EngineTrouble

    module, _, function = COMMANDS[name][0].partition(":")
    try:
        return int(getattr(import_module(module), function)(rest) or 0)
    except EngineTrouble as trouble:
        print(f"quancheng {name}: {trouble}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        _leave_pipe()
        return 0
    except OSError as trouble:
        if trouble.errno == 28:
            print(f"quancheng {name}: the disk is full ({trouble.filename or 'no place named'}).", file=sys.stderr)
            return 1
        raise
    except KeyboardInterrupt:
        return 130
    except Exception as trouble:
        # Told by its name: neither Django nor the driver need be loaded for every command.
        if "OperationalError" not in {kind.__name__ for kind in type(trouble).__mro__}:
            raise
        why = (str(trouble).strip() or "no reason given").splitlines()[0]
        print(f"quancheng {name}: the database does not answer: {why} (see bin/quancheng doctor)", file=sys.stderr)
        return 1
