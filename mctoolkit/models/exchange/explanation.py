"""What an exchange means, in plain words: what happened, what follows for the player, what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mctoolkit._core import messages
from mctoolkit.models import masking
from mctoolkit.models.exchange.http import Answer, Failure
from mctoolkit.spec import catalog
from mctoolkit.spec.paths import SESSIONS_PATH

if TYPE_CHECKING:
    from mctoolkit.models.exchange import Exchange

__all__ = ["OLD_HOST", "Explanation", "explain_answer"]

OLD_HOST = re.compile(r"(?i)(?:^|\.)hb\.omtrdc\.net$")
"""Hosts of the older heartbeat protocol, which people take for those of this API."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an exchange means, in words: a headline and sentences, each on its own."""

    headline: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.headline, *self.sentences])


def explain_answer(exchange: Exchange) -> Explanation:
    """Say what an exchange means: what happened, what follows from it, what to do next.

    Returns
    -------
    Explanation
        A headline, and sentences that each stand on their own line.
    """
    if exchange.failure is not None:
        headline, sentences = _explain_failure(exchange, exchange.failure)
    else:
        assert exchange.answer is not None  # noqa: S101  there is an answer or a failure
        headline, sentences = _explain_status(exchange, exchange.answer)
    if exchange.outcome != "accepted" and OLD_HOST.search(exchange.request.host):
        sentences.append(messages.say("target.old_host_short"))
    return Explanation(headline, tuple(sentences))


def _explain_status(exchange: Exchange, answer: Answer) -> tuple[str, list[str]]:
    outcome = exchange.outcome
    documented = catalog.answer(exchange.endpoint, answer.status)
    location = answer.header("Location") or ""
    values = {
        "status": answer.status_line,
        "location": exchange.shown_value("Location", location) or messages.say("exchange.none"),
        "kind": (answer.header("Content-Type") or "").partition(";")[0],
        "title": answer.title or messages.say("exchange.none"),
        "documented": ", ".join(str(status) for status in catalog.answers(exchange.endpoint)),
        "size": len(answer.body),
    }
    if outcome in ("accepted", "refused", "failed") and documented is not None:
        headline = messages.say("exchange.headline", short=documented.short, **values)
        sentences = [documented.meaning, documented.next_step]
        if exchange.refused_for_its_form and exchange.verdict is not None and not exchange.verdict.errors:
            sentences.append(messages.say("exchange.problems.none_found"))
    else:
        headline = messages.say(f"exchange.{outcome}.headline", **values)
        sentences = [messages.say(f"exchange.{outcome}.meaning", **values)]
        unexpected = outcome == "unexpected"
        if unexpected and exchange.endpoint == "events" and messages.has(f"exchange.status.events.{answer.status}"):
            sentences.append(messages.say(f"exchange.status.events.{answer.status}"))
        elif unexpected and messages.has(f"exchange.status.{answer.status}"):
            sentences.append(messages.say(f"exchange.status.{answer.status}"))
        else:
            sentences.append(messages.say(f"exchange.{outcome}.next", **values))
    if exchange.session_id is not None and location != f"{SESSIONS_PATH}/{exchange.session_id}":
        sentences.append(messages.say("exchange.odd_location", **values))
    if answer.title is not None and outcome != "page":
        sentences.append(messages.say("exchange.page_title", **values))
    if answer.cut_short:
        sentences.append(messages.say("exchange.cut_short", **values))
    return headline, sentences


def _explain_failure(exchange: Exchange, failure: Failure) -> tuple[str, list[str]]:
    host = exchange.target if exchange.practice else exchange.request.host or exchange.target
    values = {
        "host": masking.mask_host(host),
        "detail": exchange.shown(failure.detail) or messages.say("exchange.no_detail"),
        "seconds": f"{failure.after_s:g}" if failure.after_s is not None else "?",
    }
    if failure.nothing_was_sent:
        follows = messages.say(f"exchange.nothing_sent.{exchange.endpoint}")
    elif exchange.answer is not None:
        follows = messages.say(f"exchange.answer_begun.{exchange.endpoint}", status=exchange.answer.status_line)
    else:
        follows = messages.say(f"exchange.outcome_unknown.{exchange.endpoint}")
    if exchange.practice and failure.kind == "refused":
        next_step = messages.say("exchange.failure.refused.practice")
    else:
        next_step = messages.say(f"exchange.failure.{failure.kind}.next", **values)
    sentences = [messages.say(f"exchange.failure.{failure.kind}.meaning", **values), follows, next_step]
    return messages.say(f"exchange.failure.{failure.kind}.headline", **values), sentences
