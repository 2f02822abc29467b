"""The picture that stands in the form's box for a drawing (票面示意图)."""

from __future__ import annotations

import logging
from contextlib import closing

from quancheng.domains.permits.models import Permit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of, open_file

log = logging.getLogger(__name__)
#: Role in which a permit holds it.
SKETCH = "sketch"
#: Kinds whose form has the box, with the field that it belongs to (tables A.3, A.7 and A.8).
SKETCHED = {"BL": "drawing", "EX": "extent", "RC": "sketch"}


def sketch_of(permit: Permit) -> FileLink | None:
    """The one that is sealed with the permit, of all that it ever held. One query; none without one."""
    if not permit.sketch:
        return None
    return next((one for one in files_of(permit, role=SKETCH) if one.file.digest == permit.sketch), None)


def picture_in(permit: Permit, actor: Actor) -> bytes:
    """Its bytes, for the paper of a permit that a query gave to the actor; empty where there is none, or where the
    store lost it: the paper says so."""
    link = sketch_of(permit)
    if link is None:
        return b""
    try:
        with closing(open_file(actor=actor, link_id=link.pk).stream) as stream:
            return stream.read()
    except NotFound:
        log.warning("the store has no sketch %s", permit.sketch)
        return b""
