"""Read what people write as the address of the API: a host, a URL, a whole endpoint, or a sandbox.

A slip that has one meaning is mended, and a hint says so; anything else is refused with the next step.
Nothing is looked up here: whether the host exists shows when something is sent.
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


_REFUSED = {
    "head": Message("Cannot use {value} as the address of the API: {why}"),
    "empty": Message("it is empty. Write a host such as company.hb-api.omtrdc.net, or pass a sandbox."),
    "space": Message("there is a space in it. Write one host, such as company.hb-api.omtrdc.net."),
    "invisible": Message(
        "there is a character in it that cannot be seen ({code}). Type the address instead of pasting it."
    ),
    "backslash": Message("it has a backslash. Addresses have / only."),
    "placeholder": Message(
        "it still has a placeholder in brackets. Put your own host there, such as company.hb-api.omtrdc.net."
    ),
    "credentials": Message(
        "it has an @, as if a name or a password stood before the host. This API has no login: leave that part out."
    ),
    "slashes": Message("two slashes are missing after the colon. Write https://company.hb-api.omtrdc.net."),
    "scheme": Message("{scheme}:// is not the way to this API. Write https:// before the host, or nothing."),
    "no_host": Message("there is no host in it. Write one such as company.hb-api.omtrdc.net."),
    "port": Message("{port} is no port. A port is a whole number from 1 to 65535; most addresses need none."),
    "host": Message(
        "{part} cannot be part of a host. A host is made of letters, digits and hyphens, "
        "with single dots between: company.hb-api.omtrdc.net."
    ),
    "long": Message(
        "its host has more than 253 characters, and no host has. Write one such as company.hb-api.omtrdc.net."
    ),
    "number": Message(
        "its host ends in a number, but is no IP address. Write all four parts, as in 127.0.0.1, or a name."
    ),
    "unspecified": Message(
        "it stands for every address of a computer, and one cannot send there. For this computer write 127.0.0.1."
    ),
    "namespace": Message("the host is not complete. Did you mean {host}?"),
    "plain_http": Message(
        "http:// is not encrypted, and {host} is not this computer. Write https://. To "
        "send without encryption all the same: Client(..., allow_http=True)."
    ),
    "path": Message(
        "its path has an empty part or one of dots only. Write the path as it is, such as https://media.example.com/mc."
    ),
}


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A place that requests go to.

    Attributes
    ----------
    base : str
        Its address without a slash at the end, such as ``"https://company.hb-api.omtrdc.net"``; the paths of
        the API are put behind it.
    label : str
        How people call it: the host, with port and path where it has them, or "sandbox".
    is_sandbox : bool
        Whether it is a sandbox on this computer.
    hints : tuple of str
        What was mended in reading it, and what looks odd: one sentence each.
    """

    base: str
    label: str
    is_sandbox: bool = False
    hints: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        """The host, with the port where it is not the usual one of the scheme: the header ``Host``."""
        return urlsplit(self.base).netloc

    @property
    def loopback(self) -> bool:
        """Whether it lies on this computer."""
        return _is_loopback(urlsplit(self.base).hostname or "")

    @property
    def shown(self) -> str:
        """The label as it may stand in a stored notebook: without the name of a tenant."""
        return masking.mask_host(self.label)

    def __repr__(self) -> str:
        return f"Target({self.shown})"


def read_target(to: Any, *, allow_http: bool = False) -> Target:
    """Read an address of the API.

    Parameters
    ----------
    to : str, Sandbox or Target
        ``"company.hb-api.omtrdc.net"``; a URL, also that of an endpoint, of which the part from ``/api/v1``
        on is taken off and a path before it is kept (first-party domains have one); or an object with a text
        ``url``, called "sandbox" when its ``is_sandbox`` is True and it lies on this computer.
    allow_http : bool
        Take ``http://`` for a host that is not this computer. Then everybody on the way can read along.

    Returns
    -------
    Target
        With the scheme https where none was written, or http on this computer.

    Raises
    ------
    HostError
        The text cannot be the address of an API: the message has the rule and the next step.
    UsageError
        ``to`` is neither a text nor has a text ``url``.

    Examples
    --------
    >>> read_target("company.hb-api.omtrdc.net").base
    'https://company.hb-api.omtrdc.net'
    >>> read_target("https://media.example.com/mc/api/v1/sessions").base
    'https://media.example.com/mc'
    >>> read_target("company.hb.omtrdc.net").hints[0]
    'company.hb.omtrdc.net is the old heartbeat host. This API lives at company.hb-api.omtrdc.net.'

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
                'An address is a text such as "company.hb-api.omtrdc.net", or a sandbox. This is of the type {kind}.'
            ).format(kind=type(to).__name__)
        )
    target = _read(text, allow_http)
    if target.loopback and getattr(to, "is_sandbox", False) is True:
        return Target(target.base, _("sandbox"), True, target.hints)
    return target


def _read(written: str, allow_http: bool) -> Target:
    text = _checked_text(written)
    hints: list[str] = []
    scheme, rest = _scheme(text, written)
    rest, mark, _unused = re.sub("[?#]", "\0", rest, count=1).partition("\0")
    if mark:
        hints.append(_("What stood after ? or # was left out: this API takes none."))
    authority, _unused, path = rest.partition("/")
    host, port = _host_and_port(authority, written)
    loopback = _is_loopback(host)
    scheme = scheme or ("http" if loopback else "https")
    _check_host(host, port, written)
    if not host.isascii():
        host = _ascii(host, written)
        hints.append(_("On the network this host is called {host}.").format(host=host))
    hints += _host_hints(host)
    if scheme == "http" and not loopback:
        if not allow_http:
            _refuse("plain_http", written, host=host)
        hints.append(_("http:// is not encrypted: everybody on the way can read along."))
    path = _path(f"/{path}", written, hints)
    address = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[scheme]:
        address += f":{port}"
    return Target(f"{scheme}://{address}{path}", address + path, False, tuple(hints))


def _checked_text(written: str) -> str:
    """Return the text without what stands around an address that was pasted."""
    text = written.strip().strip("\ufeff\u200b\u2060")
    if not text:
        _refuse("empty", written)
    if "@" in text:
        _refuse("credentials", written)
    if re.search("[<>{}]", text):
        _refuse("placeholder", written)
    for letter in text:
        if letter == "\\":
            _refuse("backslash", written)
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"):
            key = "space" if letter == " " else "invisible"
            _refuse(key, written, code=f"U+{ord(letter):04X}")
    return text


def _scheme(text: str, written: str) -> tuple[str, str]:
    """Return the scheme in lower case, or an empty text, and what follows it."""
    found = _SCHEME.fullmatch(text)
    if found is None:
        if _HALF_SCHEME.match(text):
            _refuse("slashes", written)
        return "", text.removeprefix("//")
    scheme = found[1].lower()
    if scheme not in _PORTS:
        _refuse("scheme", written, scheme=scheme)
    pasted_twice = found[2].lower().startswith(("https://", "http://"))
    return _scheme(found[2], written) if pasted_twice else (scheme, found[2])


def _host_and_port(authority: str, written: str) -> tuple[str, int | None]:
    """Take the port off; the host comes back in lower case, an IPv6 address without its brackets."""
    host, port = authority, ""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", authority)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or ""
        if _ip_address(host) is None or "%" in host:
            _refuse("host", written, part=shorten(host, 40))
    elif authority.count(":") == 1:
        host, _, port = authority.partition(":")
    host = host.lower().removesuffix(".")
    if not host:
        _refuse("no_host", written)
    if not port:
        return host, None
    if not (re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= _HIGHEST_PORT):
        _refuse("port", written, port=shorten(port, 20))
    return host, int(port)


def _check_host(host: str, port: int | None, written: str) -> None:
    address = _ip_address(host)
    if address is not None:
        if address.is_unspecified:
            _refuse("unspecified", written)
        return
    name = host if host.isascii() else _ascii(host, written)
    half = _HALF_DOMAIN.fullmatch(name)
    if half or ("." not in name and port is None and name != "localhost" and _LABEL.fullmatch(name)):
        namespace = half[1] if half else name
        _refuse("namespace", written, host=f"{namespace}{_API_DOMAIN}")
    labels = name.split(".")
    for label in labels:
        if not _LABEL.fullmatch(label):
            _refuse("host", written, part=shorten(label or "..", 40))
    if len(name) > _LONGEST_HOST:
        _refuse("long", written)
    if _LIKE_A_NUMBER.fullmatch(labels[-1]):
        _refuse("number", written)


def _ascii(host: str, written: str) -> str:
    """Return the form of a host with letters of other alphabets that goes over the wire."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        _refuse("host", written, part=shorten(host, 40))


def _host_hints(host: str) -> list[str]:
    if OLD_HOST.search(host):
        namespace = host.removesuffix("hb.omtrdc.net").rstrip(".") or "company"
        return [
            _("{host} is the old heartbeat host. This API lives at {right}.").format(
                host=host, right=f"{namespace}{_API_DOMAIN}"
            )
        ]
    if host == _API_DOMAIN[1:]:
        return [_("The name of your company is missing: it stands before this, as in company.hb-api.omtrdc.net.")]
    if _OTHER_ADOBE_HOST.search(host) and not host.endswith(_API_DOMAIN):
        return [
            _(
                "{host} is a host of another Adobe service. This API lives at a host such as company.hb-api.omtrdc.net."
            ).format(host=host)
        ]
    return []


def _path(path: str, written: str, hints: list[str]) -> str:
    """Return the path before ``/api/v1``, without a slash at the end; an empty text where there is none."""
    path, version, _unused = split_path(path)
    if version not in (None, "1"):
        hints.append(
            _("The address names version {version} of the API. This toolkit speaks version 1.").format(version=version)
        )
    path = path.rstrip("/")
    if any(segment in ("", ".", "..") for segment in path.split("/")[1:]):
        _refuse("path", written)
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


def _refuse(key: str, written: str, **values: object) -> NoReturn:
    """Raise with what was written (without a password or a query), the rule and the next step."""
    shown = written.strip()
    if "@" in shown:
        shown = f"{masking.HIDDEN}@{shown.rpartition('@')[2]}"
    shown = re.sub(r"\?.*", f"?{masking.HIDDEN}", shown, flags=re.DOTALL)
    why = _REFUSED[key].format(**values)
    raise HostError(
        _("Cannot use {value} as the address of the API: {why}").format(value=repr(shorten(shown, 80)), why=why)
    )
