"""The form as text: what nbval compares, what a page without a kernel shows, and what a terminal prints."""

from __future__ import annotations

from collections.abc import Sequence

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.models.severity import LEVEL_LABELS
from mctoolkit.models.target import Target
from mctoolkit.spec.types import Parameter

__all__ = ["reading_line", "response_line", "send_label", "shown_value", "status_text", "text_version", "unplaced"]


def text_version(
    draft: Draft,
    verdict: Verdict,
    exchanges: Sequence[tuple[int, Exchange]],
    *,
    total: int,
    target: str,
    send_label: str,
) -> str:
    """Return every set field with its value and state, the button and the responses.

    Identifiers of people and tenants are hidden, for this text is stored in notebooks.
    """
    event = draft.event_type.name
    word, rest = status_text(draft, verdict)
    lines = [f"{_('Start a session (sessionStart)')} -> {masking.mask_host(target)}", f"{word}: {rest}"]
    lines += [f"  {problem}" for problem in unplaced(draft, verdict)]
    if draft.json_is_broken:
        lines.append("  " + _("The JSON text is no object; the fields show the last one that was."))
    unset = 0
    for field in draft.fields:
        if draft.is_set(field.key) or field.required(event) or verdict.at(*field.place):
            lines += _field(draft, verdict, field)
        else:
            unset += 1
    for name, value in draft.labels.items():
        lines.append(f"  customMetadata.{name}: {shown_value(name, value)}")
        lines += [_problem(problem) for problem in verdict.at("customMetadata", name)]
    lines.append(_("  Not sent: {number} optional keys").format(number=unset))
    lines.append(f"[{send_label}]")
    lines.append(_("Answers so far: {number}").format(number=total))
    lines += [f"  {number} {response_line(exchange)}" for number, exchange in exchanges]
    return "\n".join(lines)


def status_text(draft: Draft, verdict: Verdict) -> tuple[str, str]:
    """Return the state of a draft: one word (OK, Problem), and the counts in words."""
    if verdict.errors:
        return _("Problem"), verdict.summary
    number = sum(field.required(draft.event_type.name) for field in draft.fields)
    tips = f" {verdict.summary}." if verdict.hints else ""
    return _("OK"), _("Ready to send. All {number} required fields are filled.").format(number=number) + tips


def send_label(draft: Draft, verdict: Verdict, target: Target, *, masked: bool = False) -> str:
    """Return what the button says: where to, and with how many problems; ``masked`` hides whose host it is."""
    suite, host = draft.get("analytics.reportSuite"), target.label
    suite = suite if isinstance(suite, str) else _("Not sent")
    if masked:
        suite, host = shown_value("analytics.reportSuite", suite), masking.mask_host(host)
    values = {"host": host, "suite": suite}
    number = len(verdict.errors)
    if target.is_sandbox:
        return (
            ngettext("Send anyway ({number} problem)", "Send anyway ({number} problems)", number).format(number=number)
            if number
            else _("Send to the sandbox")
        )
    return (
        ngettext(
            "Send anyway to the REAL host {host}, report suite {suite} ({number} problem)",
            "Send anyway to the REAL host {host}, report suite {suite} ({number} problems)",
            number,
        ).format(number=number, **values)
        if number
        else _("Send to the REAL host {host}, report suite {suite}").format(**values)
    )


def response_line(exchange: Exchange) -> str:
    """Say in one line what became of an exchange."""
    status = str(exchange.status) if exchange.status is not None else _("none")
    return f"{status} {exchange.in_words}"


def unplaced(draft: Draft, verdict: Verdict) -> list[Problem]:
    """Return the problems that stand at no field and at no label: unknown keys, whole members, broken JSON."""
    placed = {field.place for field in draft.fields} | {("customMetadata", name) for name in draft.labels}
    return [problem for problem in verdict.problems if problem.place not in placed]


def reading_line(reading: input_parsing.ParsedNumber) -> str:
    """Say how a typed number was read."""
    if reading.other is not None:
        return _("Is sent as {value}. If you mean {other}, write it without the point or comma.").format(
            value=reading.value, other=reading.other
        )
    return _("Is sent as {value}.").format(value=reading.value)


def _field(draft: Draft, verdict: Verdict, field: Parameter) -> list[str]:
    mark = _("Required") if field.required(draft.event_type.name) else _("Optional")
    value = shown_value(field.key, draft.text(field.key)) if draft.is_set(field.key) else _("Not sent")
    lines = [f"  {field.label} ({field.key}, {mark}): {value}"]
    reading = draft.parsed_number(field.key)
    if reading is not None:
        lines.append(f"    {reading_line(reading)}")
    return lines + [_problem(problem) for problem in verdict.at(*field.place)]


def _problem(problem: Problem) -> str:
    fix = f" [{problem.fix.label}]" if problem.fix else ""
    return f"    {LEVEL_LABELS[problem.level]!s}: {problem.message}{fix}"


def shown_value(key: str, value: object) -> str:
    """Write a value as it may be stored: hidden where its key says who somebody is."""
    masked = masking.mask({key: value})[key]
    return masked if isinstance(masked, str) else json_io.to_text(masked)
