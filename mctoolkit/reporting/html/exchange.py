"""The HTML view of an exchange."""

from __future__ import annotations

from collections.abc import Callable

from mctoolkit._core.html import Markup, copy_button, details, join, table
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.models.exchange import Exchange, Response
from mctoolkit.models.problem import Problem
from mctoolkit.reporting.html.verdict import problem_list

__all__ = ["exchange_html"]

_COLUMNS = (Message("Header"), Message("Value"), Message("What it is for"))


def exchange_html(exchange: Exchange, *, copy: bool = False, after: Callable[[Problem], str] = lambda _: "") -> Markup:
    """Return the explanation of an exchange, its problems, the response and the request.

    Parameters
    ----------
    exchange : Exchange
        The exchange to show.
    copy : bool
        Add a button that copies the session id. Only the form handles its clicks.
    after : callable, optional
        Returns what follows each problem; see :func:`~mctoolkit.reporting.html.verdict.problem_list`.
    """
    accepted = exchange.outcome == "accepted"
    parts = [
        Markup('<p class="mct-head"><span class="mct-word {}">{}</span>{}</p>').format(
            "mct-good" if accepted else "mct-bad",
            _("OK") if accepted else _("Problem"),
            exchange.explanation.headline,
        )
    ]
    if exchange.session_id is not None:
        parts.append(_session_id(exchange.session_id, copy=copy))
    sentences = [Markup("<p>{}</p>").format(sentence) for sentence in exchange.explanation.sentences]
    problems = []
    if exchange.verdict is not None and exchange.verdict.problems:
        heading = Markup("<p>{}</p>").format(exchange.problem_heading)
        problems = [heading, problem_list(exchange.verdict.problems, after)]
    parts += problems + sentences if exchange.is_body_refused else sentences + problems
    if exchange.response is not None:
        parts += [*_response_body(exchange, exchange.response), _headers(exchange)]
    unsent = exchange.failure is not None and exchange.failure.nothing_was_sent
    request = (
        _("The request that would have been sent, identifiers hidden")
        if unsent
        else _("The request as sent, identifiers hidden")
    )
    parts.append(details(request, Markup("<pre>{}</pre>").format(exchange.request_text)))
    if exchange.failure is None:
        parts.append(
            Markup('<p class="mct-quiet">{}</p>').format(
                _("The response took {ms} ms, including its body.").format(ms=f"{exchange.elapsed_ms:.0f}")
            )
        )
    return join(parts)


def _session_id(session_id: str, *, copy: bool) -> Markup:
    line = Markup("{} <code>{}</code>").format(_("Session id:"), session_id)
    if copy:
        line = join([line, copy_button(session_id, _("Copy"), _("Copy the session id"))], " ")
    return Markup("<p>{}</p>").format(line)


def _response_body(exchange: Exchange, response: Response) -> list[Markup]:
    if not response.body:
        return []
    body = Markup("<pre>{}</pre>").format(exchange.masked_body)
    if response.is_page:
        parts = [details(_("The source of the web page"), body)]
    elif response.message is not None:
        parts = [
            Markup("<p>{} <code>{}</code></p>").format(_("Message from the server:"), exchange.masked_message),
            details(_("The whole body of the response"), body),
        ]
    else:
        parts = [Markup("<p>{}</p>").format(_("Body of the response:")), body]
    if exchange.is_sandbox and exchange.is_body_refused:
        note = _('The sandbox writes this message. Adobe\'s server may write only "Request had improper format."')
        parts.append(Markup('<p class="mct-quiet">{}</p>').format(note))
    return parts


def _headers(exchange: Exchange) -> Markup:
    rows = [
        (Markup("<code>{}</code>").format(name), Markup("<code>{}</code>").format(value), meaning)
        for name, value, meaning in exchange.header_rows
    ]
    headers = table(_("The headers of the response, in the order received"), list(map(str, _COLUMNS)), rows)
    return details(_("All headers ({number})").format(number=len(rows)), headers)
