"""What we ask the provider itself: its description, its keys, the token for a code. Each address is judged anew."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache
from joserfc.jwk import KeySet

from quancheng.kernel.addresses import Allowed, RefusedAddress, judge
from quancheng.kernel.outgoing import NoAnswer, ask
from quancheng.kernel.people.oidc.protocol import Provider, Unfit, read_discovery, read_keys

#: Description and keys are kept so long; keys are asked for anew when a token names one that is not among them.
KEPT_S = 600
#: But no more often than this, whatever tokens name.
AGAIN_S = 60


def allowed() -> Allowed:
    """Where a provider may stand beside public addresses, as the operator set it."""
    return Allowed(settings.OIDC_NETWORKS, settings.OIDC_INSECURE)


def discover(issuer: str, *, fresh: bool = False) -> Provider:
    """The provider's description. :raises Unfit: unreachable, not allowed, or of somebody else."""
    key = f"oidc.discovery.{issuer}"
    document = None if fresh else cache.get(key)
    if document is not None:
        return read_discovery(document, issuer=issuer)
    document = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration", "discovery")
    provider = read_discovery(document, issuer=issuer)
    cache.set(key, document, KEPT_S)
    return provider


def keys_of(provider: Provider, *, fresh: bool = False) -> KeySet:
    """The keys that sign its tokens. :param fresh: ask again, unless that was done within the last minute."""
    key, mark = f"oidc.keys.{provider.jwks}", f"oidc.keys_asked.{provider.jwks}"
    document = cache.get(key)
    if document is None or (fresh and cache.add(mark, True, AGAIN_S)):
        document = _json(provider.jwks, "keys")
        cache.set(key, document, KEPT_S)
    return read_keys(document)


def redeem(provider: Provider, *, client_id: str, secret: str, code: str, verifier: str, redirect_uri: str) -> str:
    """The ID token for a code. :raises Unfit: the provider refuses or says nothing usable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": client_id,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if secret and provider.takes_basic:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif secret:
        form["client_secret"] = secret
    found = _json(provider.token, "token", method="POST", headers=headers, body=urlencode(form).encode())
    token = found.get("id_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token:
        raise Unfit("token_missing")
    return token


def _json(url: str, what: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    try:
        answer = ask(judge(url, allowed()), method=method, headers=headers, body=body)
    except RefusedAddress as failure:
        raise Unfit(f"{what}_address") from failure
    except NoAnswer as failure:
        raise Unfit(f"{what}_unreachable") from failure
    if answer.status != 200:
        raise Unfit(f"{what}_refused")
    try:
        return json.loads(answer.body)
    except ValueError as failure:
        raise Unfit(f"{what}_unreadable") from failure
