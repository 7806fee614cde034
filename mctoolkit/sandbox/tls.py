"""The certificate with which a sandbox serves https: the user's own, or a temporary one."""

from __future__ import annotations

import shutil
import ssl
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mctoolkit._core.errors import InputError, SandboxError, UsageError, error_reason
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _

__all__ = ["TlsFiles", "own_pair", "temporary_pair"]

_VALID_FOR = timedelta(days=397)
"""iOS and macOS reject certificates with a longer validity period."""


_TLS = {
    "one_missing": Message(
        "A certificate and its private key are needed together: --tls-cert FILE "
        '--tls-key FILE, or in Python tls_cert="...", tls_key="...".'
    ),
    "passphrase": Message(
        'The private key {key} has a passphrase. Save it without one: openssl pkey -in "{key}" -out key.pem'
    ),
    "mismatch": Message(
        "The private key {key} does not belong to the certificate {cert}. Give the two files that were made together."
    ),
    "unusable": Message(
        "The certificate {cert} with the private key {key} cannot be used: {reason}. "
        "Give two PEM files that were made together."
    ),
    "no_name": Message(
        "No certificate can be made for the allowed hosts: {reason}. Leave out that "
        "name, or use your own certificate: --tls-cert FILE --tls-key FILE."
    ),
    "not_written": Message(
        "The temporary certificate of the sandbox cannot be written: {reason}. Use your "
        "own certificate: --tls-cert FILE --tls-key FILE."
    ),
    "no_certificate": Message(
        "{path} contains no certificate in PEM format, which begins with -----BEGIN "
        "CERTIFICATE-----. Give the certificate as --tls-cert, the private key as "
        "--tls-key."
    ),
    "no_key": Message(
        "{path} contains no private key in PEM format, which begins with -----BEGIN "
        "PRIVATE KEY-----. Give the certificate as --tls-cert, the private key as "
        "--tls-key."
    ),
}


@dataclass(frozen=True)
class TlsFiles:
    """The PEM files with which a server identifies itself.

    Attributes
    ----------
    cert : Path
        The certificate, followed by its chain if there is one.
    key : Path
        The private key of the certificate, without a passphrase.
    ca : Path or None
        The CA certificate that a client must trust; None for a certificate of the user, whose CA is not known.
    """

    cert: Path
    key: Path
    ca: Path | None = None

    def remove(self) -> None:
        """Delete temporary files; files of the user stay."""
        if self.ca is not None:
            shutil.rmtree(self.ca.parent, ignore_errors=True)


def own_pair(cert: str | Path | None, key: str | Path | None) -> TlsFiles | None:
    """Check the certificate and the private key of a user.

    Parameters
    ----------
    cert, key : str or Path, optional
        The PEM files.

    Returns
    -------
    TlsFiles or None
        The files, or None if neither is given.

    Raises
    ------
    UsageError
        Only one of the two is given.
    InputError
        A file cannot be read or has no PEM block of its kind, or the key has a passphrase or belongs to another
        certificate.
    """
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UsageError(
            _(
                "A certificate and its private key are needed together: --tls-cert FILE --tls-key FILE, "
                'or in Python tls_cert="...", tls_key="...".'
            )
        )
    files = TlsFiles(Path(cert).expanduser(), Path(key).expanduser())
    _require_pem(files.cert, b"-----BEGIN CERTIFICATE-----", "no_certificate")
    _require_pem(files.key, b"PRIVATE KEY-----", "no_key")
    asked = []

    def no_passphrase() -> str:
        asked.append(True)
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.cert, files.key, no_passphrase)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "PEM"
        why = "passphrase" if asked else "mismatch" if reason == "KEY_VALUES_MISMATCH" else "unusable"
        words = _TLS[why].format(cert=files.cert, key=files.key, reason=reason)
        raise InputError(words) from None
    return files


def temporary_pair(names: Sequence[str]) -> TlsFiles:
    """Make a CA and a certificate signed by it, in a temporary folder that only the user can read.

    The private key of the CA is not written. The folder is deleted by :meth:`TlsFiles.remove`, or at the latest when
    Python exits.

    Parameters
    ----------
    names : sequence of str
        The host names and IP addresses of the server; IPv6 addresses may have brackets.

    Returns
    -------
    TlsFiles
        Its certificate is valid for 397 days.

    Raises
    ------
    SandboxError
        The files cannot be written, or one of the names is not allowed in a certificate.
    """
    import trustme  # imported here because it takes a while to load, and most sandboxes serve http

    ca = trustme.CA(organization_name="mctoolkit sandbox", path_length=0)
    start = datetime.now(UTC) - timedelta(days=1)  # for clients whose clock is slow
    try:
        pair = ca.issue_cert(*(name.strip("[]") for name in names), not_before=start, not_after=start + _VALID_FOR)
    except ValueError as error:  # such as an underscore, which IDNA does not allow
        raise SandboxError(
            _(
                "No certificate can be made for the allowed hosts: {reason}. Leave out that name, or use "
                "your own certificate: --tls-cert FILE --tls-key FILE."
            ).format(reason=error)
        ) from None
    try:
        folder = Path(tempfile.mkdtemp(prefix="mctoolkit-sandbox-"))
        files = TlsFiles(folder / "server.pem", folder / "server.pem", folder / "ca.pem")
        weakref.finalize(files, shutil.rmtree, folder, ignore_errors=True)
        pair.private_key_and_cert_chain_pem.write_to_path(files.cert)
        ca.cert_pem.write_to_path(folder / "ca.pem")
    except OSError as error:
        reason = error_reason(error)
        raise SandboxError(
            _(
                "The temporary certificate of the sandbox cannot be written: {reason}. Use your own "
                "certificate: --tls-cert FILE --tls-key FILE."
            ).format(reason=reason)
        ) from None
    return files


def _require_pem(path: Path, mark: bytes, otherwise: str) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error_reason(error)
        raise InputError(
            _("{path} cannot be read ({reason}). Give the path of a PEM file.").format(path=path, reason=reason)
        ) from None
    if mark not in content:
        raise InputError(_TLS[otherwise].format(path=path))
