"""Explain why there is no response, from the error of the network and how far the request got."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import NameOID
from urllib3.exceptions import DecodeError, HTTPError

from mctoolkit._core.html import shorten
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Failure, Response

__all__ = ["explain_incomplete_response", "explain_no_connection"]

E = TypeVar("E", bound=BaseException)

_UNKNOWN_ISSUER = Message("this computer does not trust it")
_OTHER_HOST = Message("it was issued for another host")
_CERTIFICATE_ERRORS = {  # by the code of OpenSSL (X509_V_ERR_...)
    9: Message("it is not valid yet"),
    10: Message("it has expired"),
    18: Message("it is self-signed"),
    19: _UNKNOWN_ISSUER,
    20: _UNKNOWN_ISSUER,
    21: _UNKNOWN_ISSUER,
    62: _OTHER_HOST,
    64: _OTHER_HOST,
}
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"})
_SSL_DECORATION = re.compile(r"\[[^\]]*\]|\(_ssl\.c:\d+\)")
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (.*)", re.DOTALL)


def explain_no_connection(
    error: Exception, proxy: str | None, timeout_s: float, fetch_certificate: Callable[[], bytes | None]
) -> Failure:
    """Explain why the connection was not opened, so that nothing was sent.

    Parameters
    ----------
    error : Exception
        The error of requests or urllib3.
    proxy : str or None
        The URL of the proxy, if one is used; its credentials are not shown.
    timeout_s : float
        The total time that was allowed, in seconds.
    fetch_certificate : callable
        Returns the certificate of the server in DER; called only if it was rejected.

    Examples
    --------
    >>> explain_no_connection(ConnectionRefusedError(111, "Connection refused"), None, 10, lambda: None)
    Failure(kind='refused', detail='Connection refused', after_s=None)
    """
    if _find_cause(error, TimeoutError):
        return Failure("connect-timeout", after_s=timeout_s)
    tls_error = _find_cause(error, ssl.SSLError)
    if proxy is not None and tls_error is None:
        return Failure("proxy", _describe_proxy_error(error, proxy))
    unknown_host = _find_cause(error, socket.gaierror)
    if unknown_host is not None:
        return Failure("host-not-found", _system_message(unknown_host))
    refused = _find_cause(error, ConnectionRefusedError)
    if refused is not None:
        return Failure("refused", _system_message(refused))
    if tls_error is not None or _find_cause(error, ConnectionResetError):
        return Failure("tls", _describe_tls_error(error, fetch_certificate))
    return Failure("unreachable", _system_message(error))


def explain_incomplete_response(error: Exception, response: Response | None, timeout_s: float) -> Failure:
    """Explain why there is no complete response although the connection was opened.

    Parameters
    ----------
    error : Exception
        The error of requests or urllib3.
    response : Response or None
        The incomplete response, if its headers are complete.
    timeout_s : float
        The total time that was allowed, in seconds.

    Examples
    --------
    >>> explain_incomplete_response(ConnectionResetError(), None, 10)
    Failure(kind='cut', detail='before its first byte', after_s=None)
    """
    if _find_cause(error, TimeoutError):
        return Failure("response-timeout", after_s=timeout_s)
    if _find_cause(error, DecodeError):
        encoding = (response and response.header("Content-Encoding")) or _("none")
        return Failure(
            "unreadable", _("its Content-Encoding is {encoding}, but its body is not").format(encoding=encoding)
        )
    dropped = _find_cause(error, ConnectionError, ssl.SSLError)
    bad_status_line = None if dropped else _find_cause(error, http.client.BadStatusLine)
    if bad_status_line is not None:
        line = str(bad_status_line.args[0])
        if line.endswith("\n") or not "HTTP/".startswith(line[:5]):
            start = shorten(ascii(line.strip())[1:-1], 60)
            return Failure("unreadable", _("it starts with {start}, which is not HTTP").format(start=start))
        return Failure("cut", _("in its headers"))
    if dropped or _find_cause(error, http.client.IncompleteRead):
        if response is not None:
            return Failure("cut", _("in its body"))
        return Failure("cut", _("before its first byte") if dropped else _("in its headers"))
    return Failure(
        "unreadable" if _find_cause(error, http.client.HTTPException, HTTPError) else "other", _system_message(error)
    )


def _describe_tls_error(error: Exception, fetch_certificate: Callable[[], bytes | None]) -> str:
    rejected = _find_cause(error, ssl.SSLCertVerificationError)
    if rejected is not None:
        known = _CERTIFICATE_ERRORS.get(rejected.verify_code)
        reason = (
            str(known) if known else _("this computer rejects it ({detail})").format(detail=rejected.verify_message)
        )
        certificate = fetch_certificate()
        issuer = _find_issuer(certificate) if certificate else None
        if issuer is None:
            return _("the certificate of the server was rejected: {reason}").format(reason=reason)
        return _('the certificate was issued by "{issuer}", and {reason}').format(issuer=issuer, reason=reason)
    tls_error = _find_cause(error, ssl.SSLError)
    if tls_error is not None and tls_error.reason in _NOT_TLS:
        return _("the server does not use https on this port")
    return _("the server closed the connection during the TLS handshake ({detail})").format(
        detail=_system_message(tls_error or error)
    )


def _find_issuer(certificate: bytes) -> str | None:
    """Return the most readable name of the issuer of a certificate."""
    try:
        names = x509.load_der_x509_certificate(certificate).issuer
    except ValueError:
        return None
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        attributes = names.get_attributes_for_oid(kind)
        if attributes:
            return shorten(str(attributes[0].value), 80)
    return shorten(names.rfc4514_string(), 80) or None


def _describe_proxy_error(error: Exception, proxy: str) -> str:
    name = proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/")
    message = _system_message(error)
    refused = _TUNNEL_REFUSED.search(message)
    if refused:
        return _("{proxy} responded {status}").format(proxy=name, status=refused[1].strip())
    return _("{proxy}: {message}").format(proxy=name, message=message)


def _system_message(error: BaseException) -> str:
    """Return the message of the operating system that caused an error, or that of the deepest cause."""
    causes = list(_causes(error))
    system_errors = [cause for cause in causes if isinstance(cause, OSError) and cause.strerror]
    text = _SSL_DECORATION.sub("", str(system_errors[-1].strerror if system_errors else causes[-1]))
    return shorten(" ".join(text.split()).rstrip("."), 200) or type(error).__name__


def _find_cause(error: BaseException, *kinds: type[E]) -> E | None:
    """Return the first of an error and its causes that is of one of these types."""
    return next((cause for cause in _causes(error) if isinstance(cause, kinds)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it wraps; requests and urllib3 keep causes in arguments and attributes."""
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        candidate = queue.pop(0)
        if isinstance(candidate, BaseException) and not any(candidate is known for known in seen):
            seen.append(candidate)
            yield candidate
            queue += [*candidate.args, getattr(candidate, "reason", None), candidate.__cause__, candidate.__context__]
