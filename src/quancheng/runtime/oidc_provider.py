"""A small provider of identities (OpenID Connect) on loopback, to try sign-in through one on. It asks nobody for a
password: whoever opens it chooses who to be. Never for anything but trials."""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import secrets
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

LARGEST = 100_000
CLIENT, SECRET = "quancheng", "trial-secret"


class Provider(ThreadingHTTPServer):
    """Listens on loopback. ``people`` maps a subject to claims; ``spoil`` overrides claims of the next tokens."""

    daemon_threads = True

    def __init__(self, port: int, people: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.people = {subject: dict(claims) for subject, claims in people.items()}
        self.client_id, self.secret = CLIENT, SECRET
        self.codes: dict[str, dict[str, str]] = {}
        self.spoil: dict[str, Any] = {}
        self.signed_out: list[str] = []
        self.key = self.new_key()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def new_key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def issue_code(self, asked: Mapping[str, str], subject: str) -> str:
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "subject": subject}
        return code

    def id_token(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": asked["subject"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce", ""),
            **self.people[asked["subject"]],
            **self.spoil,
        }
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if parts.path == "/.well-known/openid-configuration":
            self._json(200, self._description())
        elif parts.path == "/keys":
            self._json(200, KeySet([self.server.key]).as_dict(private=False))
        elif parts.path == "/authorize":
            self._authorize(asked)
        elif parts.path == "/end":
            self.server.signed_out.append(asked.get("id_token_hint", ""))
            self._go(asked.get("post_logout_redirect_uri", "/"))
        else:
            self._json(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        form = dict(parse_qsl(body.decode()))
        asked = self.server.codes.pop(form.get("code", ""), None)
        if not self._is_client(form):
            self._json(401, {"error": "invalid_client"})
        elif asked is None or not self._proves(asked, form):
            self._json(400, {"error": "invalid_grant"})
        else:
            token = self.server.id_token(asked)
            self._json(200, {"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": token})

    def _description(self) -> dict[str, Any]:
        issuer = self.server.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        back, subject = asked.get("redirect_uri", ""), asked.pop("as", "")
        if asked.get("client_id") != self.server.client_id or asked.get("code_challenge_method") != "S256":
            self._json(400, {"error": "invalid_request"})
        elif subject in self.server.people:
            code = self.server.issue_code(asked, subject)
            given = {"code": code, "state": asked.get("state", ""), "iss": self.server.issuer}
            self._go(f"{back}?{urlencode(given)}")
        elif subject:
            self._go(f"{back}?{urlencode({'error': 'access_denied', 'state': asked.get('state', '')})}")
        else:
            self._choose(asked)

    def _choose(self, asked: Mapping[str, str]) -> None:
        def link(subject: str, said: str) -> str:
            query = html.escape(urlencode({**asked, "as": subject}))
            return f'<p><a href="/authorize?{query}">{html.escape(said)}</a></p>'

        people = "".join(
            link(subject, f"{claims.get('name', '')} ({subject})") for subject, claims in self.server.people.items()
        )
        refuse = link("-", "拒绝 / refuse")
        head = "<!doctype html><html lang=zh><meta charset=utf-8><title>Trial provider</title>"
        page = f"{head}<h1>试验用统一身份认证 / trial provider</h1>{people}{refuse}</html>"
        self._send(200, page.encode(), "text/html; charset=utf-8")

    def _is_client(self, form: Mapping[str, str]) -> bool:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        scheme, _space, pair = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _mark, secret = base64.b64decode(pair).decode().partition(":")
            given = (unquote(name), unquote(secret))
        return given == (self.server.client_id, self.server.secret)

    @staticmethod
    def _proves(asked: Mapping[str, str], form: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked.get("code_challenge")
        return proven and form.get("redirect_uri") == asked.get("redirect_uri")

    def _go(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.end_headers()

    def _json(self, status: int, what: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(what).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what it does is seen in the browser."""


def provider_command(arguments: list[str]) -> int:
    """``quancheng dev oidc-provider``: until stopped."""
    parser = argparse.ArgumentParser(prog="quancheng dev oidc-provider", description=__doc__)
    parser.add_argument("--port", type=int, default=8098)
    parser.add_argument(
        "--person", action="append", metavar="SUBJECT=NAME", help="somebody to choose (default: two invented ones)"
    )
    parser.add_argument("--amr", default="", metavar="VALUE", help="say how everybody proved himself, e.g. mfa")
    given = parser.parse_args(arguments)
    pairs = [one.partition("=") for one in given.person or ("trial-001=试用甲", "trial-002=试用乙")]
    more = {"amr": [given.amr]} if given.amr else {}
    server = Provider(given.port, {subject: {"name": name or subject, **more} for subject, _mark, name in pairs})
    print(f"issuer {server.issuer}  client_id {CLIENT}  secret {SECRET}", file=sys.stderr, flush=True)
    reached = "QUANCHENG_OIDC_NETWORKS=127.0.0.0/8 QUANCHENG_OIDC_HTTP=1"
    print(f"the house reaches it with {reached}", file=sys.stderr, flush=True)
    server.serve_forever()
    return 0
