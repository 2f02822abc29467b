"""Addresses of the exchange that machines use: no pages, no session; each call proves itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.hazards.services import exchange_sending as sending
from quancheng.domains.hazards.services.exchange_transport import rejected_in
from quancheng.standards.dual_prevention_exchange import reject_text

#: Most bytes of a call: ten thousand rows, or some rows with pictures.
LARGEST = 48 * 1024 * 1024


def read_body(request: HttpRequest) -> bytes | None:
    """The whole body, which may be larger than that of a form; None where it is larger than is taken."""
    body = request.read(LARGEST + 1)
    return None if len(body) > LARGEST else body


def answer(code: int, message: str = "", *, status: int = 200, **more: Any) -> JsonResponse:
    """What a caller reads: ``code`` 0, or a reject code with its sentence in both languages."""
    text = reject_text(code) if code else None
    told = {"code": code, "message": message or (text.zh if text else "成功"), "messageEn": text.en if text else "OK"}
    return JsonResponse({**told, **more}, status=status, json_dumps_params={"ensure_ascii": False})


def object_in(body: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(body or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class Receipt(View):
    """A relay tells what became of a batch; signed over the body with the adapter's secret."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
        body = read_body(request)
        adapter = queries.adapter_for_receipt(pk)
        secret = sending.peer_of(adapter).secret if adapter is not None else ""
        expected = hmac.new(secret.encode(), body or b"", hashlib.sha256).hexdigest()
        if adapter is None or not secret or not hmac.compare_digest(request.headers.get("X-Sign", ""), expected):
            return answer(4010, status=401)
        given = object_in(body)
        batch = queries.batch_of_receipt(adapter_id=pk, peer_id=str((given or {}).get("wbatchId") or ""))
        if given is None or batch is None:
            return answer(4001, status=404)
        sending.take_receipt(batch=batch, answer=given, rejected=rejected_in(given), now=timezone.now())
        return answer(0)
