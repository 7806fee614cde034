"""What an exchange means, in plain words: what happened, what follows for the player, what to do next."""

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
"""Hosts of the older heartbeat protocol, which people take for those of this API."""


_STATUSES = {
    200: Message(
        "A player waits for 201 and the header Location: 200 gives it no session id. "
        "Check the address: this may be another server."
    ),
    204: Message(
        "204 is the response to the later events of a session, not to its start. Check the "
        "address: it ends in /api/v1/sessions."
    ),
    401: Message(
        "Somebody on the way asks who you are. This API has no login, so it is a proxy, "
        "or another server. Check the address, then ask whoever looks after your network."
    ),
    403: Message(
        "Somebody on the way forbids this. This API has no login, so it is a firewall, a "
        "proxy, or another server. Check the address, then ask whoever looks after your "
        "network."
    ),
    404: Message(
        "The host is there, but has nothing at this address. Check host and path: this may not be a host of this API."
    ),
    405: Message(
        "The host is there, but takes no POST at this address. Check host and path: this may not be a host of this API."
    ),
    407: Message(
        "Your company's proxy wants a name and a password. They belong in the address of "
        "the proxy, HTTPS_PROXY: ask whoever looks after your network."
    ),
    408: Message("The server waited too long for the message. Check the network, and send again."),
    413: Message(
        "The message is larger than the server takes. A sessionStart has one or two "
        "thousand bytes: look at what makes this one so long."
    ),
    415: Message(
        "The server does not take JSON at this address. Check host and path: this may not be a host of this API."
    ),
    429: Message("Too much was sent in a short time. Wait a minute, and send more slowly."),
    502: Message(
        "A computer in front of the server answered: it got nothing usable from the "
        "server behind it. Whether your message was taken is unknown. Before you send "
        "again: may it count twice, as in a test report suite?"
    ),
    503: Message(
        "A computer in front of the server answered: the server is down or too busy. "
        "This usually passes: wait a minute, and send again."
    ),
    504: Message(
        "A computer in front of the server answered: the server behind it took too long. "
        "Whether your message was taken is unknown. Before you send again: may it count "
        "twice, as in a test report suite?"
    ),
}
_NEXT_STEPS = {
    "no-id": Message(
        "Look at all headers: a proxy on the way may have taken Location out or changed "
        "it. If it stays like this, show this response to Adobe, with its date."
    ),
    "redirect": Message(
        "If that is a login page, sign in to the network with a browser first. If it is "
        "the right address of the API, send there."
    ),
    "page": Message(
        "Open any website in a browser on this computer: if it asks you to sign in, do "
        "so, and send again. If not, check the address."
    ),
    "unexpected": Message(
        "Check the address first. If it is right, try again in some minutes; if it stays "
        "like this, show this response to Adobe, with its date."
    ),
}
_STATUSES_OF_EVENTS = {
    200: Message("An event is answered with 204 and no content. Check the address: this may be another server."),
    201: Message(
        "201 is the response to a sessionStart. Check the address: events go to /api/v1/sessions/<session id>/events."
    ),
    413: Message(
        "The message is larger than the server takes. An event has a few hundred bytes: "
        "look at what makes this one so long."
    ),
}
_MEANINGS = {
    "column": Message("What it is for"),
    "no-id": Message(
        "The server says that it made a session, but does not say which: no id stands in "
        "the header Location (Location: {location}). The player can send nothing more, "
        "so the reports get a start of this viewing at most."
    ),
    "redirect": Message(
        "The response says to ask at {location} instead. This API never does that: a "
        "proxy, a login page or a wrong address does. Your message was not sent on, so "
        "nothing of it reaches the reports."
    ),
    "page": Message(
        'A proxy or login page answered, not the API ({kind}, title "{title}"). To a '
        "player this is a failure, and nothing reaches the reports."
    ),
    "unexpected": Message("The documentation knows only {documented} here. To a player anything else is a failure."),
}
_RESPONSE_BEGUNS = {
    "sessions": Message(
        "The beginning of the response was there: {status}. A player waits for the whole "
        "of it, and takes this for a failure. It was not sent again: that could count "
        "the viewing twice."
    ),
    "events": Message(
        "The beginning of the response was there: {status}. It was not sent again: that could count the event twice."
    ),
    "downloaded": Message(
        "The beginning of the response was there: {status}. It was not sent again: that could count the viewing twice."
    ),
    "schemas": Message(
        "The beginning of the response was there: {status}. It was not sent again; asking "
        "once more changes nothing at the server."
    ),
}
_OUTCOME_UNKNOWNS = {
    "sessions": Message(
        "Whether a session was made is unknown. It was not sent again: that could count the viewing twice."
    ),
    "events": Message("Whether the event was taken is unknown. It was not sent again: that could count it twice."),
    "downloaded": Message(
        "Whether the list was taken is unknown. It was not sent again: that could count the viewing twice."
    ),
    "schemas": Message(
        "The schema did not arrive. It was not sent again; asking once more changes nothing at the server."
    ),
}
_HEADLINES = {
    "no-id": Message("{status}, but without a session id"),
    "redirect": Message("{status}: sent on to another address"),
    "page": Message("{status}, but from a web page"),
    "unexpected": Message("{status}: not a documented response"),
}
_NOTHING_SENTS = {
    "sessions": Message(
        "Nothing was sent, so there is no session. A player that gets no further than "
        "this reports nothing: the viewing is missing from the reports."
    ),
    "events": Message("Nothing was sent: this event is missing from the reports."),
    "downloaded": Message("Nothing was sent: this viewing is missing from the reports until the list arrives."),
    "schemas": Message("Nothing was sent. Asking for a schema changes nothing, so it can be asked for again."),
}
_FAILURE_NEXT_STEPS = {
    "host-not-found": Message(
        "Typing slip? Company name right? If a browser on this computer finds it and "
        "this does not, you may need your company's proxy: set HTTPS_PROXY. If no host "
        "is found at all, look at the network."
    ),
    "refused": Message("Check the address and the port. If a sandbox ran there, it has stopped: start it again."),
    "unreachable": Message(
        "Look at the network and the VPN. A firewall on this computer can do this too: it may have to allow Python."
    ),
    "tls": Message(
        "Certificate of your own company, or of a product such as Zscaler? Then your "
        "company inspects traffic: ask for that certificate to be installed on this "
        "computer. Expired? Look at this computer's date. No https? Check the port. "
        "Otherwise do not send: somebody may be listening in."
    ),
    "connect-timeout": Message("Check the address, the network and the VPN, and send again."),
    "proxy": Message(
        "The address of the proxy stands in HTTPS_PROXY, or in the settings of the "
        "system: check it. After 407 it needs a name and a password. NO_PROXY names the "
        "hosts that need no proxy."
    ),
    "answer-timeout": Message(
        "Before you send again: may it count twice, as in a test report suite? If not, "
        "look first whether the reports have this viewing. To wait longer: Client(..., "
        "timeout_s=30)."
    ),
    "cancelled-unsent": Message("Send again whenever you like."),
    "cancelled": Message(
        "Before you send again: may it count twice, as in a test report suite? If not, "
        "look first whether the reports have this viewing."
    ),
    "cut": Message(
        "Before you send again: may it count twice, as in a test report suite? If it "
        "breaks off every time, a proxy or firewall on the way does it."
    ),
    "unreadable": Message(
        "Check the address and the port: another program may be listening there. If only "
        "some answers are like this, a proxy on the way damages them."
    ),
    "other": Message(
        "Before you send again: may it count twice, as in a test report suite? If it "
        "stays like this, show this to whoever looks after your network."
    ),
}
_FAILURE_MEANINGS = {
    "host-not-found": Message("No computer of this name was found ({detail})."),
    "refused": Message("The computer is there, but nothing listens on this port ({detail})."),
    "unreachable": Message("This computer found no way there ({detail})."),
    "tls": Message("The connection could not be secured: {detail}."),
    "connect-timeout": Message("The host did not react. A firewall that lets nothing through looks like this."),
    "proxy": Message("The way to {host} leads through your company's proxy, and there it ended: {detail}."),
    "answer-timeout": Message("The message went out to {host}, but no whole response came back in time."),
    "cancelled-unsent": Message("You cancelled while the connection to {host} was still being made."),
    "cancelled": Message("The message went out to {host}, and you cancelled before a whole response was back."),
    "cut": Message(
        "The message went out to {host}, but the connection ended before a whole response was there ({detail})."
    ),
    "unreadable": Message(
        "The message went out, and something at {host} answered, but not in a form that can be read ({detail})."
    ),
    "other": Message("Something went wrong on the way to {host} ({detail})."),
}
_FAILURE_HEADLINES = {
    "host-not-found": Message("There is no host {host}"),
    "refused": Message("{host} refused the connection"),
    "unreachable": Message("No way to {host}"),
    "tls": Message("No secure connection to {host}"),
    "connect-timeout": Message("No connection to {host} within {seconds} s"),
    "proxy": Message("The proxy let nothing through"),
    "answer-timeout": Message("No response within {seconds} s"),
    "cancelled-unsent": Message("Cancelled before anything was sent"),
    "cancelled": Message("Cancelled: you did not wait for the response"),
    "cut": Message("The connection broke off"),
    "unreadable": Message("The response cannot be read"),
    "other": Message("No response"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an exchange means, in words: a headline and sentences, each on its own."""

    headline: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.headline, *self.sentences])


def explain_response(exchange: Exchange) -> Explanation:
    """Say what an exchange means: what happened, what follows from it, what to do next.

    Returns
    -------
    Explanation
        A headline, and sentences that each stand on their own line.
    """
    if exchange.failure is not None:
        headline, sentences = _explain_failure(exchange, exchange.failure)
    else:
        assert exchange.response is not None  # noqa: S101  there is a response or a failure
        headline, sentences = _explain_status(exchange, exchange.response)
    if exchange.outcome != "accepted" and OLD_HOST.search(exchange.request.host):
        sentences.append(
            _(
                "This is the old heartbeat host (hb.omtrdc.net). This API lives at hb-api.omtrdc.net, "
                "with the same name before it."
            )
        )
    return Explanation(headline, tuple(sentences))


def _explain_status(exchange: Exchange, response: Response) -> tuple[str, list[str]]:
    outcome = exchange.outcome
    documented = catalog.response(exchange.endpoint, response.status)
    location = response.header("Location") or ""
    values = {
        "status": response.status_line,
        "location": exchange.shown_value("Location", location) or _("none"),
        "kind": (response.header("Content-Type") or "").partition(";")[0],
        "title": response.title or _("none"),
        "documented": ", ".join(str(status) for status in catalog.responses(exchange.endpoint)),
        "size": len(response.body),
    }
    if outcome in ("accepted", "refused", "failed") and documented is not None:
        headline = _("{status}: {short}").format(short=documented.short, **values)
        sentences = [documented.meaning, documented.next_step]
        if exchange.refused_for_its_form and exchange.verdict is not None and not exchange.verdict.errors:
            sentences.append(
                _(
                    "mctoolkit's own checker finds no error in this message, so the reason must be in what "
                    "the server wrote. Its rules may be newer than ours."
                )
            )
    else:
        headline = _HEADLINES[outcome].format(**values)
        sentences = [_MEANINGS[outcome].format(**values)]
        unexpected = outcome == "unexpected"
        if unexpected and exchange.endpoint == "events" and response.status in _STATUSES_OF_EVENTS:
            sentences.append(str(_STATUSES_OF_EVENTS[response.status]))
        elif unexpected and response.status in _STATUSES:
            sentences.append(str(_STATUSES[response.status]))
        else:
            sentences.append(str(_NEXT_STEPS[outcome]))
    if exchange.session_id is not None and location != f"{SESSIONS_PATH}/{exchange.session_id}":
        sentences.append(
            _(
                "Careful: the header Location is not the documented path /api/v1/sessions/<session id> "
                "but {location}. Adobe's own players cut the id out at a fixed place, and would find "
                "none or a wrong one."
            ).format(**values)
        )
    if response.title is not None and outcome != "page":
        sentences.append(
            _('The response is a web page with the title "{title}". A proxy on the way may have written it.').format(
                **values
            )
        )
    if response.cut_short:
        sentences.append(_("The response is longer than is kept: you see its first {size} bytes.").format(**values))
    return headline, sentences


def _explain_failure(exchange: Exchange, failure: Failure) -> tuple[str, list[str]]:
    host = exchange.target if exchange.is_sandbox else exchange.request.host or exchange.target
    values = {
        "host": masking.mask_host(host),
        "detail": exchange.shown(failure.detail) or _("no more is known"),
        "seconds": f"{failure.after_s:g}" if failure.after_s is not None else "?",
    }
    if failure.nothing_was_sent:
        follows = str(_NOTHING_SENTS[exchange.endpoint])
    elif exchange.response is not None:
        follows = _RESPONSE_BEGUNS[exchange.endpoint].format(status=exchange.response.status_line)
    else:
        follows = str(_OUTCOME_UNKNOWNS[exchange.endpoint])
    if exchange.is_sandbox and failure.kind == "refused":
        next_step = _("The sandbox has stopped. Start a new one with sandbox = Sandbox(), and send to that.")
    else:
        next_step = str(_FAILURE_NEXT_STEPS[failure.kind])
    sentences = [_FAILURE_MEANINGS[failure.kind].format(**values), follows, next_step]
    return _FAILURE_HEADLINES[failure.kind].format(**values), sentences
