"""Read the address of an API: a host, a URL, a whole endpoint, or a sandbox.

A mistake with one obvious meaning is fixed and gives a hint; any other raises an error with the next step. No name is
resolved: whether the host exists shows when a request is sent.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from mctoolkit._core.errors import HostError, UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.text import shorten
from mctoolkit.models import masking
from mctoolkit.models.exchange import OLD_HOST
from mctoolkit.spec.paths import split_path

__all__ = ["Target", "read_target"]

_API_DOMAIN = ".hb-api.omtrdc.net"
_PORTS = {"https": 443, "http": 80}
_HIGHEST_PORT = 65535
_LONGEST_HOST = 253

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HALF_SCHEME = re.compile(r"(?i)https?:/?(?!/)")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LIKE_A_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_HALF_DOMAIN = re.compile(r"([a-z0-9-]+)\.hb-?api(?:\.omtrdc)?")
_OTHER_ADOBE_HOST = re.compile(r"(?:^|\.)(?:omtrdc|2o7|adobedc|demdex)\.net$")


_REASONS = {
    "empty": Message("it is empty. Use a host such as company.hb-api.omtrdc.net, or a sandbox."),
    "space": Message("it contains a space. Use one host, such as company.hb-api.omtrdc.net."),
    "invisible": Message("it contains an invisible character ({code}). Type the address instead of pasting it."),
    "backslash": Message("it contains a backslash. Use / instead."),
    "placeholder": Message(
        "it contains a placeholder in brackets. Replace it with your host, such as company.hb-api.omtrdc.net."
    ),
    "credentials": Message(
        "it contains an @, which separates a login from the host. This API has no login: remove that part."
    ),
    "slashes": Message("two slashes are missing after the colon. Use https://company.hb-api.omtrdc.net."),
    "scheme": Message("the scheme {scheme} is not supported. Use https://, or omit it."),
    "no_host": Message("it has no host. Use one such as company.hb-api.omtrdc.net."),
    "port": Message("{port} is not a port. A port is a whole number from 1 to 65535; most addresses need none."),
    "host": Message(
        "{part} is not valid in a host. A host consists of letters, digits and hyphens, separated by single dots: "
        "company.hb-api.omtrdc.net."
    ),
    "long": Message("its host is longer than 253 characters. Use one such as company.hb-api.omtrdc.net."),
    "number": Message(
        "its host ends in a number, but is not an IP address. Use all four parts, as in 127.0.0.1, or a name."
    ),
    "unspecified": Message(
        "it means every address of a computer and cannot be a target. For this computer use 127.0.0.1."
    ),
    "namespace": Message("the host is incomplete. Did you mean {host}?"),
    "plain_http": Message(
        "http:// is not encrypted, and {host} is not this computer. Use https://. To send without encryption, use "
        "Client(..., allow_http=True)."
    ),
    "path": Message(
        "its path has an empty segment or one of dots. Use a plain path, such as https://media.example.com/mc."
    ),
}


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """The address that requests are sent to.

    Attributes
    ----------
    base : str
        The URL without a slash at the end, such as ``"https://company.hb-api.omtrdc.net"``, to which the paths of the
        API are appended.
    label : str
        The host with its port and path, or "sandbox".
    is_sandbox : bool
        Whether it is a sandbox on this computer.
    hints : tuple of str
        One sentence for each fix and each suspicious part.
    """

    base: str
    label: str
    is_sandbox: bool = False
    hints: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        """The host, with the port unless it is the default: the header ``Host``."""
        return urlsplit(self.base).netloc

    @property
    def loopback(self) -> bool:
        """Whether it is on this computer."""
        return _is_loopback(urlsplit(self.base).hostname or "")

    @property
    def shown(self) -> str:
        """The label with the namespace of a tenant hidden, for notebooks."""
        return masking.mask_host(self.label)

    def __repr__(self) -> str:
        return f"Target({self.shown})"


def read_target(to: Any, *, allow_http: bool = False) -> Target:
    """Parse an address of the API.

    Parameters
    ----------
    to : str, Sandbox or Target
        ``"company.hb-api.omtrdc.net"``; a URL, from which ``/api/v1`` and what follows is removed, while a path before
        it is kept (first-party domains have one); or an object with a text ``url``, which is labelled "sandbox" if its
        ``is_sandbox`` is True and it is on this computer.
    allow_http : bool
        Accept ``http://`` for a host that is not this computer. The requests are then not encrypted.

    Returns
    -------
    Target
        With the scheme https by default, or http on this computer.

    Raises
    ------
    HostError
        The text is not an address of an API. The message gives the rule and the next step.
    UsageError
        ``to`` is not text and has no text ``url``.

    Examples
    --------
    >>> read_target("company.hb-api.omtrdc.net").base
    'https://company.hb-api.omtrdc.net'
    >>> read_target("https://media.example.com/mc/api/v1/sessions").base
    'https://media.example.com/mc'
    >>> read_target("company.hb.omtrdc.net").hints[0]
    'company.hb.omtrdc.net is a host of the old heartbeat protocol. The host of this API is company.hb-api.omtrdc.net.'

    Notes
    -----
    Source: EL analytics-only/overview and SWAGGER (``<namespace>.hb-api.omtrdc.net``); the path prefix of a
    first-party domain is what Adobe's mobile SDKs accept.
    """
    if isinstance(to, Target):
        return to
    text = to if isinstance(to, str) else getattr(to, "url", None)
    if not isinstance(text, str):
        raise UsageError(
            _(
                'An address is text such as "company.hb-api.omtrdc.net", or a sandbox, not a value of type {kind}.'
            ).format(kind=type(to).__name__)
        )
    target = _read(text, allow_http)
    if target.loopback and getattr(to, "is_sandbox", False) is True:
        return Target(target.base, _("sandbox"), True, target.hints)
    return target


def _read(original: str, allow_http: bool) -> Target:
    text = _checked_text(original)
    hints: list[str] = []
    scheme, rest = _scheme(text, original)
    rest, mark, _unused = re.sub("[?#]", "\0", rest, count=1).partition("\0")
    if mark:
        hints.append(_("The part after ? or # was removed: this API has no queries."))
    authority, _unused, path = rest.partition("/")
    host, port = _host_and_port(authority, original)
    loopback = _is_loopback(host)
    scheme = scheme or ("http" if loopback else "https")
    _check_host(host, port, original)
    if not host.isascii():
        host = _ascii(host, original)
        hints.append(_("The network name of this host is {host}.").format(host=host))
    hints += _host_hints(host)
    if scheme == "http" and not loopback:
        if not allow_http:
            _refuse("plain_http", original, host=host)
        hints.append(_("http:// is not encrypted: others on the network can read the requests."))
    path = _path(f"/{path}", original, hints)
    address = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[scheme]:
        address += f":{port}"
    return Target(f"{scheme}://{address}{path}", address + path, False, tuple(hints))


def _checked_text(original: str) -> str:
    """Return the address without surrounding spaces, or raise for characters that are not allowed."""
    text = original.strip().strip("\ufeff\u200b\u2060")
    if not text:
        _refuse("empty", original)
    if "@" in text:
        _refuse("credentials", original)
    if re.search("[<>{}]", text):
        _refuse("placeholder", original)
    for character in text:
        if character == "\\":
            _refuse("backslash", original)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"):
            key = "space" if character == " " else "invisible"
            _refuse(key, original, code=f"U+{ord(character):04X}")
    return text


def _scheme(text: str, original: str) -> tuple[str, str]:
    """Return the scheme in lower case, or empty, and the rest."""
    found = _SCHEME.fullmatch(text)
    if found is None:
        if _HALF_SCHEME.match(text):
            _refuse("slashes", original)
        return "", text.removeprefix("//")
    scheme = found[1].lower()
    if scheme not in _PORTS:
        _refuse("scheme", original, scheme=scheme)
    pasted_twice = found[2].lower().startswith(("https://", "http://"))
    return _scheme(found[2], original) if pasted_twice else (scheme, found[2])


def _host_and_port(authority: str, original: str) -> tuple[str, int | None]:
    """Return the host in lower case, an IPv6 address without its brackets, and the port."""
    host, port = authority, ""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", authority)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or ""
        if _ip_address(host) is None or "%" in host:
            _refuse("host", original, part=shorten(host, 40))
    elif authority.count(":") == 1:
        host, _, port = authority.partition(":")
    host = host.lower().removesuffix(".")
    if not host:
        _refuse("no_host", original)
    if not port:
        return host, None
    if not (re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= _HIGHEST_PORT):
        _refuse("port", original, port=shorten(port, 20))
    return host, int(port)


def _check_host(host: str, port: int | None, original: str) -> None:
    address = _ip_address(host)
    if address is not None:
        if address.is_unspecified:
            _refuse("unspecified", original)
        return
    name = host if host.isascii() else _ascii(host, original)
    half = _HALF_DOMAIN.fullmatch(name)
    if half or ("." not in name and port is None and name != "localhost" and _LABEL.fullmatch(name)):
        namespace = half[1] if half else name
        _refuse("namespace", original, host=f"{namespace}{_API_DOMAIN}")
    labels = name.split(".")
    for label in labels:
        if not _LABEL.fullmatch(label):
            _refuse("host", original, part=shorten(label or "..", 40))
    if len(name) > _LONGEST_HOST:
        _refuse("long", original)
    if _LIKE_A_NUMBER.fullmatch(labels[-1]):
        _refuse("number", original)


def _ascii(host: str, original: str) -> str:
    """Return the IDNA form of a host."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        _refuse("host", original, part=shorten(host, 40))


def _host_hints(host: str) -> list[str]:
    if OLD_HOST.search(host):
        namespace = host.removesuffix("hb.omtrdc.net").rstrip(".") or "company"
        return [
            _("{host} is a host of the old heartbeat protocol. The host of this API is {right}.").format(
                host=host, right=f"{namespace}{_API_DOMAIN}"
            )
        ]
    if host == _API_DOMAIN[1:]:
        return [_("The name of your company is missing before the host, as in company.hb-api.omtrdc.net.")]
    if _OTHER_ADOBE_HOST.search(host) and not host.endswith(_API_DOMAIN):
        return [
            _(
                "{host} is a host of another Adobe service. Use a host of this API, such as company.hb-api.omtrdc.net."
            ).format(host=host)
        ]
    return []


def _path(path: str, original: str, hints: list[str]) -> str:
    """Return the path before ``/api/v1`` without a slash at the end; empty if there is none."""
    path, version, _unused = split_path(path)
    if version not in (None, "1"):
        hints.append(
            _("The address has version {version} of the API. mctoolkit uses version 1.").format(version=version)
        )
    path = path.rstrip("/")
    if any(segment in ("", ".", "..") for segment in path.split("/")[1:]):
        _refuse("path", original)
    return quote(path, safe="/%:!$&'()*+,;=~")


def _is_loopback(host: str) -> bool:
    address = _ip_address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse(key: str, original: str, **values: object) -> NoReturn:
    """Raise the error with the address (without password and query), the rule and the next step."""
    shown = original.strip()
    if "@" in shown:
        shown = f"{masking.HIDDEN}@{shown.rpartition('@')[2]}"
    shown = re.sub(r"\?.*", f"?{masking.HIDDEN}", shown, flags=re.DOTALL)
    why = _REASONS[key].format(**values)
    raise HostError(
        _("Cannot use {value} as the address of the API: {why}").format(value=repr(shorten(shown, 80)), why=why)
    )
