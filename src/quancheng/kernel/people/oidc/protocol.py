"""The protocol itself, without database and network: what is asked of the browser, and what of an answer is believed.

Sources: OpenID Connect Core 1.0, 3.1 (code flow) and 3.1.3.7 (checks of the ID token); Discovery 1.0, 4.3;
RP-Initiated Logout 1.0; RFC 7636 (PKCE, S256 alone); RFC 9207 (``iss`` beside the code).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

#: Signatures alone, by keys that only the provider has: no shared secret, and never ``none``.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: How far the clocks of two houses may differ.
LEEWAY_S = 60


class Unfit(Exception):
    """What the provider said cannot be believed; ``why`` is a code for the journal."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider's discovery document says that we use. ``end_session`` is empty where it offers none."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    end_session: str
    takes_basic: bool


def read_discovery(document: Any, *, issuer: str) -> Provider:
    """Read a discovery document. :raises Unfit: of another issuer, incomplete, or without the code flow."""
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        raise Unfit("discovery_issuer")
    ends = [str(document.get(name) or "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(ends) or "code" not in (document.get("response_types_supported") or ["code"]):
        raise Unfit("discovery_incomplete")
    # Absent means client_secret_basic (Discovery 1.0, 3).
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    end_session = str(document.get("end_session_endpoint") or "")
    return Provider(
        issuer=issuer,
        authorization=ends[0],
        token=ends[1],
        jwks=ends[2],
        end_session=end_session,
        takes_basic="client_secret_basic" in methods,
    )


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def with_query(url: str, given: Mapping[str, str]) -> str:
    """An address with more in its query; what stood there stays."""
    mark = "&" if urlsplit(url).query else "?"
    return f"{url}{mark}{urlencode(given)}"


def same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing; nothing equals an empty text."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())


def read_keys(document: Any) -> KeySet:
    """The provider's public keys. :raises Unfit: there are none that can be read."""
    try:
        return KeySet.import_key_set(document)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as failure:
        raise Unfit("keys") from failure


def read_id_token(raw: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token. :raises Unfit: ``signature``, ``claims``, ``audience`` or ``nonce``."""
    try:
        claims = dict(jwt.decode(raw, keys, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError, KeyError) as failure:
        raise Unfit("signature") from failure
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        wanted.validate(claims)
    except JoseError as failure:
        raise Unfit("claims") from failure
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    # For several audiences the token must say that it was made for us (3.1.3.7, 4 and 5).
    if claims.get("azp", client_id if audiences == [client_id] else "") != client_id:
        raise Unfit("audience")
    if not same(nonce, str(claims.get("nonce", ""))):
        raise Unfit("nonce")
    return claims


def vouches(claims: Mapping[str, Any], accepted: list[str]) -> bool:
    """Whether the provider says that it asked for a second factor, in words that we were told to accept."""
    methods = claims.get("amr")
    said = {str(claims.get("acr", "")), *(map(str, methods) if isinstance(methods, list) else ())}
    return bool(said & set(accepted))
