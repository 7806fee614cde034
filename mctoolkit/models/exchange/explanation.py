"""The explanation of an exchange: what happened, what it means for the session, what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.exchange.http import Failure, Response
from mctoolkit.spec import catalog
from mctoolkit.spec.paths import SESSIONS_PATH

if TYPE_CHECKING:
    from mctoolkit.models.exchange import Exchange

__all__ = ["OLD_HOST", "Explanation", "explain_response"]

OLD_HOST = re.compile(r"(?i)(?:^|\.)hb\.omtrdc\.net$")
"""Hosts of the older heartbeat protocol, which are easily confused with hosts of this API."""

# --- responses -------------------------------------------------------------------------------------------------------

_HEADLINES = {
    "no-id": Message("{status}, but without a session id"),
    "redirect": Message("{status}: redirected to another address"),
    "page": Message("{status}, but from a web page"),
    "unexpected": Message("{status}: not a documented response"),
}
_MEANINGS = {
    "no-id": Message(
        "The server started a session, but the header Location has no session id (Location: {location}). The player "
        "can send no more events, so the reports get the start of this session at most."
    ),
    "redirect": Message(
        "The response redirects to {location}. This API never redirects: a proxy, a login page or a wrong address "
        "does. mctoolkit does not follow it, so nothing reaches the reports."
    ),
    "page": Message(
        'A proxy or login page responded, not the API ({kind}, title "{title}"). A player counts this as a failure, '
        "and nothing reaches the reports."
    ),
    "unexpected": Message("The documented responses are {documented}. A player counts any other as a failure."),
}
_NEXT_STEPS = {
    "no-id": Message(
        "Check all headers: a proxy may have removed or changed Location. If this repeats, send the response and its "
        "date to Adobe."
    ),
    "redirect": Message(
        "If the address is a login page, sign in with a browser first. If it is an address of the API, send there."
    ),
    "page": Message(
        "Open a website in a browser on this computer. If it asks you to sign in, sign in, then send again. If not, "
        "check the address."
    ),
    "unexpected": Message(
        "Check the address, then try again in some minutes. If this repeats, send the response and its date to Adobe."
    ),
}
_UNEXPECTED_STATUSES = {
    200: Message(
        "A player expects 201 and the header Location; 200 gives it no session id. Check the address: this may be "
        "another server."
    ),
    204: Message(
        "204 is the response to the later events of a session, not to its start. Check that the address ends in "
        "/api/v1/sessions."
    ),
    401: Message(
        "The server requires a login. This API has none, so this is a proxy or another server. Check the address, "
        "then ask your network administrator."
    ),
    403: Message(
        "The server denies access. This API has no login, so this is a firewall, a proxy or another server. Check the "
        "address, then ask your network administrator."
    ),
    404: Message("The host has nothing at this address. Check host and path: this may not be a host of this API."),
    405: Message(
        "The host does not accept POST at this address. Check host and path: this may not be a host of this API."
    ),
    407: Message(
        "The proxy of your company requires a name and a password. Add them to the address of the proxy in "
        "HTTPS_PROXY, or ask your network administrator."
    ),
    408: Message("The server did not receive the request in time. Check the network, then send again."),
    413: Message(
        "The body is larger than the server accepts. A sessionStart usually has 1,000 to 2,000 bytes: check what "
        "makes this one larger."
    ),
    415: Message(
        "The server does not accept JSON at this address. Check host and path: this may not be a host of this API."
    ),
    429: Message("There were too many requests in a short time. Wait a minute, then send more slowly."),
    502: Message(
        "A gateway got an invalid response from the server behind it. Whether the event was accepted is unknown. Send "
        "it again only where it may count twice, as in a test report suite."
    ),
    503: Message("A gateway responded: the server is down or overloaded. Wait a minute, then send again."),
    504: Message(
        "A gateway got no response in time from the server behind it. Whether the event was accepted is unknown. Send "
        "it again only where it may count twice, as in a test report suite."
    ),
}
_UNEXPECTED_EVENT_STATUSES = {
    200: Message("The response to an event is 204, without a body. Check the address: this may be another server."),
    201: Message(
        "201 is the response to a sessionStart. Check the address: events go to /api/v1/sessions/<session id>/events."
    ),
    413: Message(
        "The body is larger than the server accepts. An event usually has a few hundred bytes: check what makes this "
        "one larger."
    ),
}

# --- failures --------------------------------------------------------------------------------------------------------

_FAILURE_HEADLINES = {
    "host-not-found": Message("Host {host} not found"),
    "refused": Message("{host} refused the connection"),
    "unreachable": Message("{host} is unreachable"),
    "tls": Message("No secure connection to {host}"),
    "connect-timeout": Message("No connection to {host} within {seconds} s"),
    "proxy": Message("The proxy did not connect"),
    "response-timeout": Message("No response within {seconds} s"),
    "cancelled-unsent": Message("Cancelled before the request was sent"),
    "cancelled": Message("Cancelled while waiting for the response"),
    "cut": Message("The connection was closed early"),
    "unreadable": Message("The response is not valid HTTP"),
    "other": Message("No response"),
}
_FAILURE_MEANINGS = {
    "host-not-found": Message("The name of the host could not be resolved ({detail})."),
    "refused": Message("The host is up, but nothing listens on this port ({detail})."),
    "unreachable": Message("There is no network route to the host ({detail})."),
    "tls": Message("The TLS connection failed: {detail}."),
    "connect-timeout": Message("The host did not react. A firewall that drops packets can be the reason."),
    "proxy": Message("The connection to {host} goes through the proxy of your company, where it failed: {detail}."),
    "response-timeout": Message("The request was sent to {host}, but no complete response came in time."),
    "cancelled-unsent": Message("You cancelled during the connection to {host}."),
    "cancelled": Message("The request was sent to {host}, and you cancelled before the response was complete."),
    "cut": Message(
        "The request was sent to {host}, but the connection ended before the response was complete ({detail})."
    ),
    "unreadable": Message("The request was sent to {host}, but the response is not valid HTTP ({detail})."),
    "other": Message("The request to {host} failed ({detail})."),
}
_FAILURE_NEXT_STEPS = {
    "host-not-found": Message(
        "Check the spelling and the company name. If a browser on this computer finds the host, you may need the proxy "
        "of your company: set HTTPS_PROXY. If no host is found, check the network."
    ),
    "refused": Message("Check the address and the port. If this was a sandbox, it has stopped: start it again."),
    "unreachable": Message(
        "Check the network and the VPN. A firewall on this computer can also be the reason: allow Python there."
    ),
    "tls": Message(
        "If the certificate is from your company, or from a product such as Zscaler, your company inspects the "
        "traffic: ask for that certificate to be installed on this computer. If it is expired, check the date of this "
        "computer. If the port does not serve https, check the port. Otherwise do not send: the connection may be "
        "intercepted."
    ),
    "connect-timeout": Message("Check the address, the network and the VPN, then send again."),
    "proxy": Message(
        "Check the address of the proxy in HTTPS_PROXY or in the system settings. After 407, add a name and a "
        "password. NO_PROXY lists the hosts that need no proxy."
    ),
    "response-timeout": Message(
        "Send it again only where it may count twice, as in a test report suite; otherwise check the reports first. "
        "To wait longer, use Client(..., timeout_s=30)."
    ),
    "cancelled-unsent": Message("Send again at any time."),
    "cancelled": Message(
        "Send it again only where it may count twice, as in a test report suite; otherwise check the reports first."
    ),
    "cut": Message(
        "Send it again only where it may count twice, as in a test report suite. If this repeats, a proxy or firewall "
        "closes the connection."
    ),
    "unreadable": Message(
        "Check the address and the port: another program may be listening there. If only some responses are invalid, "
        "a proxy changes them."
    ),
    "other": Message(
        "Send it again only where it may count twice, as in a test report suite. If this repeats, show this message "
        "to your network administrator."
    ),
}
_NOTHING_SENT = {
    "sessions": Message("Nothing was sent, so there is no session. It is missing from the reports."),
    "events": Message("Nothing was sent. The event is missing from the reports."),
    "downloaded": Message(
        "Nothing was sent. The session is missing from the reports until its list of events is sent."
    ),
    "schemas": Message("Nothing was sent. A schema can be requested again at any time."),
    "other": Message("Nothing was sent."),
}
_PARTIAL_RESPONSE = {
    "sessions": Message(
        "The start of the response was received: {status}. A player needs the complete response and counts this as a "
        "failure. The request was not sent again, because the session could count twice."
    ),
    "events": Message(
        "The start of the response was received: {status}. The event was not sent again, because it could count twice."
    ),
    "downloaded": Message(
        "The start of the response was received: {status}. The list was not sent again, because the session could "
        "count twice."
    ),
    "schemas": Message(
        "The start of the response was received: {status}. The request was not sent again. A schema can be requested "
        "again at any time."
    ),
    "other": Message("The start of the response was received: {status}. The request was not sent again."),
}
_OUTCOME_UNKNOWN = {
    "sessions": Message(
        "Whether the session started is unknown. The request was not sent again, because the session could count twice."
    ),
    "events": Message(
        "Whether the event was accepted is unknown. It was not sent again, because it could count twice."
    ),
    "downloaded": Message(
        "Whether the list was accepted is unknown. It was not sent again, because the session could count twice."
    ),
    "schemas": Message(
        "The schema was not received. The request was not sent again. A schema can be requested again at any time."
    ),
    "other": Message("Whether the request was accepted is unknown. It was not sent again."),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of an exchange.

    Attributes
    ----------
    headline : str
        What happened, in a few words.
    sentences : tuple of str
        What it means and what to do next; each is a paragraph of its own.
    """

    headline: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.headline, *self.sentences])


def explain_response(exchange: Exchange) -> Explanation:
    """Return what happened in an exchange, what it means, and what to do next."""
    if exchange.failure is not None:
        headline, sentences = _explain_failure(exchange, exchange.failure)
    else:
        assert exchange.response is not None  # noqa: S101  there is a response or a failure
        headline, sentences = _explain_status(exchange, exchange.response)
    if exchange.outcome != "accepted" and OLD_HOST.search(exchange.request.host):
        sentences.append(
            _(
                "This is a host of the old heartbeat protocol (hb.omtrdc.net). The hosts of this API end in "
                "hb-api.omtrdc.net, with the same name before it."
            )
        )
    return Explanation(headline, tuple(sentences))


def _explain_status(exchange: Exchange, response: Response) -> tuple[str, list[str]]:
    outcome = exchange.outcome
    documented = catalog.response(exchange.endpoint, response.status)
    location = response.header("Location") or ""
    values = {
        "status": response.status_line,
        "location": exchange.mask_header("Location", location) or _("none"),
        "kind": (response.header("Content-Type") or "").partition(";")[0],
        "title": response.title or _("none"),
        "documented": ", ".join(str(status) for status in catalog.responses(exchange.endpoint)),
        "size": len(response.body),
    }
    if outcome in ("accepted", "refused", "failed") and documented is not None:
        headline = _("{status}: {short}").format(short=documented.short, **values)
        sentences = [documented.meaning, documented.next_step]
        if exchange.is_body_refused and exchange.verdict is not None and not exchange.verdict.errors:
            sentences.append(
                _(
                    "mctoolkit finds no error in the body, so the message of the server gives the reason. "
                    "The rules of the server may be newer."
                )
            )
    else:
        headline = _HEADLINES[outcome].format(**values)
        next_steps = _UNEXPECTED_STATUSES
        if exchange.endpoint == "events":
            next_steps = next_steps | _UNEXPECTED_EVENT_STATUSES
        is_known = outcome == "unexpected" and response.status in next_steps
        next_step = next_steps[response.status] if is_known else _NEXT_STEPS[outcome]
        sentences = [_MEANINGS[outcome].format(**values), str(next_step)]
    if exchange.session_id is not None and location != f"{SESSIONS_PATH}/{exchange.session_id}":
        sentences.append(
            _(
                "The header Location is {location} instead of the documented /api/v1/sessions/<session id>. Adobe's "
                "own players read the id at a fixed position and would get no id or a wrong one."
            ).format(**values)
        )
    if response.title is not None and outcome != "page":
        sentences.append(
            _('The response is a web page with the title "{title}". A proxy may have written it.').format(**values)
        )
    if response.cut_short:
        sentences.append(_("Only the first {size} bytes of the response are kept.").format(**values))
    return headline, sentences


def _explain_failure(exchange: Exchange, failure: Failure) -> tuple[str, list[str]]:
    host = exchange.target if exchange.is_sandbox else exchange.request.host or exchange.target
    values = {
        "host": masking.mask_host(host),
        "detail": exchange.mask(failure.detail) or _("no details"),
        "seconds": f"{failure.after_s:g}" if failure.after_s is not None else "?",
    }
    if failure.nothing_was_sent:
        consequences = _NOTHING_SENT
    elif exchange.response is not None:
        consequences = _PARTIAL_RESPONSE
    else:
        consequences = _OUTCOME_UNKNOWN
    status = exchange.response.status_line if exchange.response is not None else ""
    consequence = consequences.get(exchange.endpoint, consequences["other"]).format(status=status)
    if exchange.is_sandbox and failure.kind == "refused":
        next_step = _("The sandbox has stopped. Start a new one with sandbox = Sandbox(), then send to it.")
    else:
        next_step = str(_FAILURE_NEXT_STEPS[failure.kind])
    sentences = [_FAILURE_MEANINGS[failure.kind].format(**values), consequence, next_step]
    return _FAILURE_HEADLINES[failure.kind].format(**values), sentences
