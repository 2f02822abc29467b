"""Addresses of the exchange that machines use: no pages, no session; each call proves itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from quancheng.domains.hazards.models import ExchangeApplication, IntakeBatch
from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.hazards.services import exchange_applications as applications
from quancheng.domains.hazards.services import exchange_batches as batches
from quancheng.domains.hazards.services import exchange_intake as intake
from quancheng.domains.hazards.services import exchange_sending as sending
from quancheng.kernel.errors import TooMany
from quancheng.kernel.exchange.upward.cipher import Cipher, Undecipherable, decrypt
from quancheng.kernel.exchange.upward.transport import rejected_in
from quancheng.kernel.names import clean
from quancheng.kernel.people.middleware import origin_of
from quancheng.kernel.throttle import Bound, count_use
from quancheng.standards.dual_prevention_exchange import reject_text, write_time

#: Most bytes of a call: ten thousand rows, or some rows with pictures.
LARGEST = 48 * 1024 * 1024
#: Tokens that one address may ask for: systems keep theirs for two hours. [D]
TOKENS = Bound(30, timedelta(minutes=15))
#: Most bytes of what asks for a token: three short texts.
LARGEST_PROOF = 4 * 1024


def read_body(request: HttpRequest, most: int = LARGEST) -> bytes | None:
    """The whole body, which may be larger than that of a form; None where it is larger than is taken."""
    body = request.read(most + 1)
    return None if len(body) > most else body


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
        secret = sending.secret_of(adapter) if adapter is not None else ""
        expected = hmac.new(secret.encode(), body or b"", hashlib.sha256).hexdigest()
        # As bytes: of texts only ASCII can be compared, and anybody may send others.
        told = request.headers.get("X-Sign", "").encode()
        if adapter is None or not secret or not hmac.compare_digest(told, expected.encode()):
            return answer(4010, status=401)
        given = object_in(body)
        batch = queries.batch_of_receipt(adapter_id=pk, peer_id=str((given or {}).get("wbatchId") or ""))
        if given is None or batch is None:
            return answer(4001, status=404)
        sending.take_receipt(batch=batch, answer=given, rejected=rejected_in(given), now=timezone.now())
        return answer(0)


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class Token(View):
    """A system proves its secret and gets a token of two hours."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        now = timezone.now()
        try:
            count_use(place="hazards.exchange.token", address=origin_of(request).address, bound=TOKENS, now=now)
            given = object_in(read_body(request, LARGEST_PROOF)) or {}
            token, ends = applications.issue_token(
                app_id=str(given.get("appId") or "")[:40], timestamp=str(given.get("timestamp") or "")[:20],
                sign=str(given.get("sign") or "")[:100], now=now,
            )  # fmt: skip
        except applications.BadSign:
            return answer(4010, status=401)
        except TooMany:
            return answer(4010, "请求过于频繁", status=429)
        seconds = int((ends - now).total_seconds())
        return answer(0, token=token, expiresIn=seconds, expiresAt=write_time(ends))


def application_of(request: HttpRequest) -> ExchangeApplication:
    """Whose token a call bears. :raises applications.BadSign: none, or one that is not good."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise applications.BadSign
    return applications.application_by_token(token=token.strip(), now=timezone.now())


def state_of(row: IntakeBatch) -> dict[str, Any]:
    """How far a large batch is; ``ended`` with fewer rows done than in all says that it was given up."""
    return {
        "batchId": str(row.pk), "dataId": row.data_id, "total": row.row_count, "done": row.done_count,
        "ended": row.ended_at is not None, "accepted": row.done_count - row.refused_count,
        "rejected": [one for one in row.results if one["code"]],
        "remarks": [one for one in row.results if not one["code"]],
    }  # fmt: skip


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class BatchState(View):
    """How far a large batch of the system that asks is, and what became of its rows so far."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
        try:
            application = application_of(request)
        except applications.BadSign:
            return answer(4010, status=401)
        row = queries.intake_batch(application=application, batch_id=pk)
        return answer(4001, status=404) if row is None else answer(0, **state_of(row))


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class Batch(View):
    """A batch of rows of one table, as variant A writes it: ``{serviceId, dataId, data}``, data plain or encrypted; of
    special work also as variant D does: ``{IDENTIFIER, DATA_ID, DATA}``.

    A large one is taken by a worker; its caller asks :class:`BatchState` what became of it.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        now = timezone.now()
        try:
            application = application_of(request)
        except applications.BadSign:
            return answer(4010, status=401)
        given = object_in(read_body(request))
        if given is None:
            return answer(4009, "请求内容不是 JSON 对象，或超过48兆字节", status=422)
        try:
            code = intake.table_of_service(str(given.get("serviceId") or given.get("IDENTIFIER") or ""))
        except ValueError:
            return answer(4002, "没有这个 serviceId", status=422)
        rows = self._rows(application, given.get("data", given.get("DATA")))
        if rows is None:
            return answer(4010, status=422)
        if len(rows) > intake.MOST_ROWS:
            return answer(4004, f"一批最多{intake.MOST_ROWS}行", status=413)
        batch = clean(str(given.get("dataId") or given.get("DATA_ID") or ""))[:40]
        if len(rows) > batches.AT_ONCE:
            try:
                kept = batches.keep_batch(application=application, code=code, rows=rows, batch=batch, now=now)
            except TooMany:
                return answer(4010, "请求过于频繁", status=429)
            return answer(0, "已受理，正在逐行处理", status=202, **state_of(kept))
        results = intake.take_rows(application=application, code=code, rows=rows, batch=batch, now=now)
        refused = [one.as_dict() for one in results if one.code]
        more: dict[str, Any] = {
            "dataId": batch, "total": len(results), "accepted": len(results) - len(refused), "rejected": refused,
            "remarks": [one.as_dict() for one in results if not one.code and one.message],
        }  # fmt: skip
        return answer(0, "部分行被拒绝" if refused else "成功", **more)

    def _rows(self, application: ExchangeApplication, data: Any) -> list[Any] | None:
        """The rows of a batch; None where they are not under the key of the credential, or no list."""
        if application.cipher == Cipher.NONE:
            return data if isinstance(data, list) else None
        try:
            found = json.loads(decrypt(application.cipher, applications.key_of(application), str(data)))
        except (Undecipherable, ValueError):
            return None
        return found if isinstance(found, list) else None
