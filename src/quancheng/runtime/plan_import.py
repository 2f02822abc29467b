"""``quancheng plan import``: a document from the command line, registered for review as by the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.engines.processes import EngineTrouble


def import_command(arguments: list[str]) -> int:
    """``quancheng plan import FILE --user NAME``: acts as that user, who needs the duty; status 2 where refused."""
    parser = argparse.ArgumentParser(
        prog="quancheng plan import", description="Import a plan document for review, as one of its users."
    )
    parser.add_argument("file", type=Path, help="DOCX, text PDF or TXT")
    parser.add_argument("--user", required=True, metavar="NAME", help="sign-in name of whoever imports it")
    parser.add_argument("--kind", default="key_points", help="kind of plan (default key_points)")
    given = parser.parse_args(arguments)
    set_up_django()
    from django.utils import timezone

    from quancheng.domains.duty.documents.errors import DocumentError
    from quancheng.domains.duty.documents.read import read_document
    from quancheng.domains.duty.models import Plan
    from quancheng.domains.duty.services.importing import import_document
    from quancheng.kernel.errors import DomainError
    from quancheng.kernel.people.actors import actor_for
    from quancheng.kernel.people.models import Membership

    if given.kind not in dict(Plan._meta.get_field("kind").flatchoices):
        parser.error(f"unknown kind {given.kind}")
    membership = Membership.objects.current().filter(user__username=given.user).order_by("pk").first()
    if membership is None:
        raise EngineTrouble(f"There is no active user {given.user} with an organisation.")
    try:
        data = given.file.read_bytes()
        plan = import_document(
            actor=actor_for(membership, now=timezone.now()),
            document=read_document(name=given.file.name, data=data),
            name=given.file.name,
            data=data,
            kind=given.kind,
            now=timezone.now(),
        )
    except (DocumentError, DomainError) as refused:
        print(f"{given.file}: {refused}", file=sys.stderr)
        return 2
    except OSError as trouble:
        print(f"{given.file}: {trouble.strerror}", file=sys.stderr)
        return 2
    print(f"{plan.code} {plan.title}: {plan.drafts.count()} drafts to review")
    return 0
