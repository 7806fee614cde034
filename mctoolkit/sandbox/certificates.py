"""The certificate with which a sandbox speaks https, made on this computer.

An authority is made for the names at hand, signs one certificate, and its key is thrown away before anything is
written. So whoever trusts this authority trusts that one certificate and nothing that might be signed later.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import platformdirs
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mctoolkit import texts
from mctoolkit.errors import SandboxError

__all__ = ["Certificate", "certificate"]

_LIFE = timedelta(days=397)
"""Longer ones are refused by phones."""
_SPARE = timedelta(days=14)
"""One that ends sooner is made anew."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on disk.

    Attributes
    ----------
    authority : Path
        What a client must trust; no secret.
    server : Path
        The certificate and its private key, which only the user can read.
    until : datetime
        When it ends.
    """

    authority: Path
    server: Path
    until: datetime


def certificate(names: Sequence[str], folder: Path | None = None) -> Certificate:
    """Return a certificate for these names: the one that was made for them before, or a new one.

    Parameters
    ----------
    names : sequence of str
        Names and addresses of hosts, as :func:`mctoolkit.sandbox.doors.host_names` returns them.
    folder : Path, optional
        Where certificates are kept: in the folder of the user's data if not given.

    Returns
    -------
    Certificate
        Valid for two weeks more at least, and for 397 days when it is new.

    Raises
    ------
    SandboxError
        It cannot be written.
    """
    if folder is None:
        folder = platformdirs.user_data_path("mctoolkit", appauthor=False) / "certificates"
    wanted = sorted(name.strip("[]") for name in names)
    place = folder / hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]
    kept = Certificate(place / "authority.pem", place / "server.pem", datetime.now(UTC))
    until = _until(kept)
    if until is None or until - datetime.now(UTC) < _SPARE:
        try:
            until = _make(wanted, kept)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SandboxError(texts.say("sandbox.tls.not_written", path=place, reason=reason)) from None
    return Certificate(kept.authority, kept.server, until)


def _until(kept: Certificate) -> datetime | None:
    """Return when a kept certificate ends; None where there is none that can be used."""
    try:
        authority = x509.load_pem_x509_certificate(kept.authority.read_bytes())
        both = kept.server.read_bytes()
        leaf = x509.load_pem_x509_certificate(both)
        key = serialization.load_pem_private_key(both, None)
        leaf.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return None
    return leaf.not_valid_after_utc if key.public_key() == leaf.public_key() else None


def _make(names: Sequence[str], into: Certificate) -> datetime:
    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"mctoolkit practice server {secrets.token_hex(3)}")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        _builder(issuer, issuer, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _builder(_name(names[0]), issuer, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    into.server.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(into.server, leaf.public_bytes(pem) + secret)
    _write(into.authority, authority.public_bytes(pem))
    return leaf.not_valid_after_utc


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # for clients whose clock is slow
        .not_valid_after(now - timedelta(days=1) + _LIFE)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, data: bytes) -> None:
    """Write a file that only the user can read, so that no half of it is ever seen under its name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
