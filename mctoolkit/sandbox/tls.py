"""The certificate of a sandbox that serves https: the user's own, or a temporary one."""

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

__all__ = ["TlsFiles", "temporary_certificate", "user_certificate"]

_VALID_FOR = timedelta(days=397)
"""iOS and macOS reject certificates with a longer validity period."""

_UNUSABLE = {
    "passphrase": Message(
        'The private key {key} has a passphrase. Save it without one: openssl pkey -in "{key}" -out key.pem'
    ),
    "mismatch": Message(
        "The private key {key} does not match the certificate {cert}. Use two files that were created together."
    ),
    "other": Message(
        "The certificate {cert} with the private key {key} cannot be used: {reason}. Use two PEM files that were "
        "created together."
    ),
}
_NOT_PEM = {
    "certificate": Message(
        "{path} does not contain a PEM certificate, which starts with -----BEGIN CERTIFICATE-----. Pass the "
        "certificate as --tls-cert and the private key as --tls-key."
    ),
    "key": Message(
        "{path} does not contain a PEM private key, which starts with -----BEGIN PRIVATE KEY-----. Pass the "
        "certificate as --tls-cert and the private key as --tls-key."
    ),
}


@dataclass(frozen=True)
class TlsFiles:
    """The PEM files of a server certificate.

    Attributes
    ----------
    cert : Path
        The certificate, followed by its chain if there is one.
    key : Path
        The private key of the certificate, without a passphrase.
    ca : Path or None
        The CA certificate that clients must trust; None for the user's own certificate.
    """

    cert: Path
    key: Path
    ca: Path | None = None

    def remove(self) -> None:
        """Delete temporary files; the user's own files are kept."""
        if self.ca is not None:
            shutil.rmtree(self.ca.parent, ignore_errors=True)


def user_certificate(cert: str | Path | None, key: str | Path | None) -> TlsFiles | None:
    """Check the user's own certificate and its private key.

    Parameters
    ----------
    cert, key : str or Path, optional
        The PEM files.

    Returns
    -------
    TlsFiles or None
        The files; None if neither is given.

    Raises
    ------
    UsageError
        Only one of the two files is given.
    InputError
        A file cannot be read or lacks the PEM block, or the key has a passphrase or does not match the certificate.
    """
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UsageError(
            _(
                "A certificate requires its private key and the reverse: --tls-cert FILE --tls-key FILE, "
                'or in Python tls_cert="...", tls_key="...".'
            )
        )
    files = TlsFiles(Path(cert).expanduser(), Path(key).expanduser())
    _require_pem(files.cert, b"-----BEGIN CERTIFICATE-----", "certificate")
    _require_pem(files.key, b"PRIVATE KEY-----", "key")
    passphrase_requests = []

    def no_passphrase() -> str:
        passphrase_requests.append(True)
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.cert, files.key, no_passphrase)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "PEM"
        mismatch = reason == "KEY_VALUES_MISMATCH"
        why = "passphrase" if passphrase_requests else "mismatch" if mismatch else "other"
        raise InputError(_UNUSABLE[why].format(cert=files.cert, key=files.key, reason=reason)) from None
    return files


def temporary_certificate(names: Sequence[str]) -> TlsFiles:
    """Create a CA and a certificate signed by it, in a temporary folder that only the user can read.

    The private key of the CA is not written. :meth:`TlsFiles.remove` deletes the folder, at the latest when Python
    exits.

    Parameters
    ----------
    names : sequence of str
        The host names and IP addresses of the server; IPv6 addresses can have brackets.

    Returns
    -------
    TlsFiles
        The files; the certificate is valid for 397 days.

    Raises
    ------
    SandboxError
        The files cannot be written, or a certificate cannot contain one of the names.
    """
    import trustme  # slow to import, and most sandboxes serve http

    ca = trustme.CA(organization_name="mctoolkit sandbox", path_length=0)
    start = datetime.now(UTC) - timedelta(days=1)  # for clients whose clock is slow
    try:
        pair = ca.issue_cert(*(name.strip("[]") for name in names), not_before=start, not_after=start + _VALID_FOR)
    except ValueError as error:  # such as an underscore, which IDNA does not allow
        raise SandboxError(
            _(
                "Cannot create a certificate for the allowed hosts: {reason}. Remove that name, or use "
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
                "Cannot write the temporary certificate of the sandbox: {reason}. Use your own "
                "certificate: --tls-cert FILE --tls-key FILE."
            ).format(reason=reason)
        ) from None
    return files


def _require_pem(path: Path, marker: bytes, kind: str) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error_reason(error)
        raise InputError(
            _("Cannot read {path}: {reason}. Pass the path of a PEM file.").format(path=path, reason=reason)
        ) from None
    if marker not in content:
        raise InputError(_NOT_PEM[kind].format(path=path))
