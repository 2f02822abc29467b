"""``quancheng tls make``: a local authority, a server certificate under it, and a QR code for phones."""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from quancheng.runtime.place import Place

#: Browsers refuse server certificates that are valid for more than 398 days.
SERVER_DAYS = 397
AUTHORITY_DAYS = 3650
#: A clock that is slow by some hours must not call the certificate not yet valid.
SLACK = timedelta(days=1)


def make_authority(*, name: str, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate authority for one installation."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _begun(subject, subject, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def make_server(
    *, names: list[str], authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A server certificate for host names and addresses, the first of which is its subject."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        _begun(subject, authority.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate, key


def own_names() -> list[str]:
    """Under what other machines may know this one: addresses first, since a local network seldom has names for it."""
    names = [socket.gethostname(), "localhost", "127.0.0.1", "::1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the kernel only says which of our addresses it would use.
            probe.connect(("192.0.2.1", 9))
            names.insert(0, probe.getsockname()[0])
        except OSError:
            pass
    return list(dict.fromkeys(names))


def make_command(arguments: list[str]) -> int:
    """``quancheng tls make``: the authority is kept and used again; the server's certificate is made anew each time."""
    parser = argparse.ArgumentParser(
        prog="quancheng tls make",
        description="Make a local authority, a server certificate (397 days) and a QR code for phones.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="host names and addresses (default: this machine's)")
    parser.add_argument("--port", type=int, default=8000, help="port in the QR code's address")
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    given = parser.parse_args(arguments)
    place = Place(given.var.absolute()) if given.var else Place.current()
    folder = place.folder("tls")
    now = datetime.now(UTC)
    names = given.names or own_names()
    authority, authority_key = _kept_authority(folder, now)
    certificate, key = make_server(names=names, authority=authority, authority_key=authority_key, now=now)
    chain = certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    _write(folder / "server.pem", chain, 0o644)
    _write(folder / "server.key", _pem(key), 0o600)
    import segno

    address = f"https://{names[0]}:{given.port}/"
    code = segno.make(address)
    code.save(str(folder / "address.svg"), scale=8)
    code.terminal(compact=True)
    print(f"{address}\n\nAuthority   {folder / 'authority.pem'}   (install it on the phones, once)")
    print(f"Certificate {folder / 'server.pem'}   for {', '.join(names)}")
    print(f"Start       bin/up --host 0.0.0.0 --tls-cert {folder / 'server.pem'} --tls-key {folder / 'server.key'}")
    return 0


def _kept_authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    public, private = folder / "authority.pem", folder / "authority.key"
    if public.exists() and private.exists():
        certificate = x509.load_pem_x509_certificate(public.read_bytes())
        key = serialization.load_pem_private_key(private.read_bytes(), password=None)
        lasts = certificate.not_valid_after_utc > now + timedelta(days=SERVER_DAYS)
        if lasts and isinstance(key, ec.EllipticCurvePrivateKey):
            return certificate, key
    certificate, key = make_authority(name=f"Quancheng {socket.gethostname()} {now:%Y-%m-%d}", now=now)
    _write(private, _pem(key), 0o600)
    _write(public, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return certificate, key


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now - SLACK + timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # granian takes keys in PKCS#8 only.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_name(f".{path.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)
