"""Say why no response came, from what the network said and how far the request had got."""

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

__all__ = ["after_sending", "before_sending"]

E = TypeVar("E", bound=BaseException)

# OpenSSL's codes of what is wrong with a certificate (X509_V_ERR_...), and the sentence for each.
_REASONS = {
    9: "early",
    10: "expired",
    18: "self_signed",
    19: "unknown",
    20: "unknown",
    21: "unknown",
    62: "host",
    64: "host",
}
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"})
_SSL_MARKS = re.compile(r"\[[^\]]*\]|\(_ssl\.c:\d+\)")
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (.*)", re.DOTALL)


_CUTS = {
    "nothing": Message("before the first byte of it"),
    "head": Message("in the middle of its headers"),
    "body": Message("in the middle of its body"),
}
_CLIENT_REASONS = {
    "unknown": Message("this computer does not know it"),
    "self_signed": Message("it vouches for itself only"),
    "expired": Message("it has expired"),
    "early": Message("it is not valid yet"),
    "host": Message("it is made out to another host"),
    "other": Message("this computer does not accept it ({said})"),
}


def before_sending(error: Exception, proxy: str | None, timeout_s: float, look: Callable[[], bytes | None]) -> Failure:
    """Say why no connection came about.

    Parameters
    ----------
    error : Exception
        What requests or urllib3 raised.
    proxy : str or None
        The address of the proxy on the way, where there is one; a password in it is not shown.
    timeout_s : float
        How long was waited at most, in seconds.
    look : callable
        Fetches the certificate of the other side, in DER; called only when the certificate is what is wrong.
    """
    if _cause(error, TimeoutError):
        return Failure("connect-timeout", after_s=timeout_s)
    insecure = _cause(error, ssl.SSLError)
    if proxy is not None and insecure is None:
        return Failure("proxy", _describe_proxy(error, proxy))
    unknown = _cause(error, socket.gaierror)
    if unknown is not None:
        return Failure("host-not-found", _said(unknown))
    refused = _cause(error, ConnectionRefusedError)
    if refused is not None:
        return Failure("refused", _said(refused))
    if insecure is not None or _cause(error, ConnectionResetError):
        return Failure("tls", _describe_tls(error, look))
    return Failure("unreachable", _said(error))


def after_sending(error: Exception, response: Response | None, timeout_s: float) -> Failure:
    """Say why no whole response came over a connection that stood.

    Parameters
    ----------
    error : Exception
        What requests or urllib3 raised.
    response : Response or None
        What had come until then, where the head of the response was whole.
    timeout_s : float
        How long was waited at most, in seconds.
    """
    if _cause(error, TimeoutError):
        return Failure("answer-timeout", after_s=timeout_s)
    if _cause(error, DecodeError):
        packing = (response and response.header("Content-Encoding")) or _("none")
        return Failure(
            "unreadable",
            _("its body says that it is packed with {packing}, but cannot be unpacked").format(packing=packing),
        )
    dropped = _cause(error, ConnectionError, ssl.SSLError)
    first_line = None if dropped else _cause(error, http.client.BadStatusLine)
    if first_line is not None:
        line = str(first_line.args[0])
        if line.endswith("\n") or not "HTTP/".startswith(line[:5]):
            start = shorten(ascii(line.strip())[1:-1], 60)
            return Failure("unreadable", _("it begins with {start}, which is no HTTP").format(start=start))
        return Failure("cut", _("in the middle of its headers"))
    if dropped or _cause(error, http.client.IncompleteRead):
        where = "body" if response is not None else "nothing" if dropped else "head"
        return Failure("cut", str(_CUTS[where]))
    if _cause(error, http.client.HTTPException, HTTPError):
        return Failure("unreadable", _said(error))
    return Failure("other", _said(error))


def _describe_tls(error: Exception, look: Callable[[], bytes | None]) -> str:
    refused = _cause(error, ssl.SSLCertVerificationError)
    if refused is not None:
        key = _REASONS.get(refused.verify_code, "other")
        reason = _CLIENT_REASONS[key].format(said=refused.verify_message)
        certificate = look()
        issuer = _issuer(certificate) if certificate else None
        if issuer is None:
            return _("the certificate of the other side was not accepted, because {reason}").format(reason=reason)
        return _('the certificate comes from "{issuer}", and {reason}').format(issuer=issuer, reason=reason)
    insecure = _cause(error, ssl.SSLError)
    if insecure is not None and insecure.reason in _NOT_TLS:
        return _("the other side does not speak https on this port")
    return _("the other side broke off while the connection was being secured ({reason})").format(
        reason=_said(insecure or error)
    )


def _issuer(certificate: bytes) -> str | None:
    """Return who issued a certificate, by the name that people know it by."""
    try:
        names = x509.load_der_x509_certificate(certificate).issuer
    except ValueError:
        return None
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = names.get_attributes_for_oid(kind)
        if found:
            return shorten(str(found[0].value), 80)
    return shorten(names.rfc4514_string(), 80) or None


def _describe_proxy(error: Exception, proxy: str) -> str:
    name = proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/")
    said = _said(error)
    refused = _TUNNEL_REFUSED.search(said)
    if refused:
        return _("{proxy} answered {said}").format(proxy=name, said=refused[1].strip())
    return _("{proxy}: {said}").format(proxy=name, said=said)


def _said(error: BaseException) -> str:
    """Return the words of the system at the bottom of an error, or of whoever raised it."""
    causes = list(_causes(error))
    of_system = [e for e in causes if isinstance(e, OSError) and e.strerror]
    words = _SSL_MARKS.sub("", str(of_system[-1].strerror if of_system else causes[-1]))
    return shorten(" ".join(words.split()).rstrip("."), 200) or type(error).__name__


def _cause(error: BaseException, *kinds: type[E]) -> E | None:
    """Return the first error of these kinds that an error came from, or is."""
    return next((found for found in _causes(error) if isinstance(found, kinds)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it wraps: requests and urllib3 put them into arguments and attributes."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        candidate = waiting.pop(0)
        if isinstance(candidate, BaseException) and not any(candidate is known for known in found):
            found.append(candidate)
            yield candidate
            waiting += [*candidate.args, getattr(candidate, "reason", None), candidate.__cause__, candidate.__context__]
