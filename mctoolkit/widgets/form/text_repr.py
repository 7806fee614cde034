"""The form as text, for terminals, stored notebooks and nbval."""

from __future__ import annotations

from collections.abc import Sequence

from mctoolkit._core import input_parsing, json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.models import masking
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Exchange
from mctoolkit.models.problem import Problem, Verdict
from mctoolkit.models.severity import LEVEL_LABELS
from mctoolkit.models.target import Target
from mctoolkit.spec.types import Parameter

__all__ = [
    "find_unplaced", "format_parsed_number", "masked_value", "response_line", "send_label", "status_text",
    "text_version",
]  # fmt: skip


def text_version(
    draft: Draft,
    verdict: Verdict,
    exchanges: Sequence[tuple[int, Exchange]],
    *,
    total: int,
    target: str,
    send_label: str,
) -> str:
    """Return every set field with its value and problems, the Send button and the responses.

    Identifiers of people and tenants are hidden, because notebooks store this text.
    """
    event = draft.event_type.name
    word, rest = status_text(draft, verdict)
    lines = [f"{_('Start a session (sessionStart)')} -> {masking.mask_host(target)}", f"{word}: {rest}"]
    lines += [f"  {problem}" for problem in find_unplaced(draft, verdict)]
    if draft.json_is_broken:
        lines.append("  " + _("The text is not a JSON object. The fields show the last valid one."))
    unset = 0
    for field in draft.fields:
        if draft.is_set(field.key) or field.required(event) or verdict.at(*field.place):
            lines += _field(draft, verdict, field)
        else:
            unset += 1
    for name, value in draft.labels.items():
        lines.append(f"  customMetadata.{name}: {masked_value(name, value)}")
        lines += [_problem(problem) for problem in verdict.at("customMetadata", name)]
    lines.append(_("  Not sent: {number} optional keys").format(number=unset))
    lines.append(f"[{send_label}]")
    lines.append(_("Responses: {number}").format(number=total))
    lines += [f"  {number} {response_line(exchange)}" for number, exchange in exchanges]
    return "\n".join(lines)


def status_text(draft: Draft, verdict: Verdict) -> tuple[str, str]:
    """Return the state of a draft: one word (OK or Invalid) and a sentence or the number of problems."""
    if verdict.errors:
        return _("Invalid"), verdict.summary
    number = sum(field.required(draft.event_type.name) for field in draft.fields)
    hints = f" {verdict.summary}." if verdict.hints else ""
    return _("OK"), _("Ready to send. All {number} required fields are filled.").format(number=number) + hints


def send_label(draft: Draft, verdict: Verdict, target: Target, *, masked: bool = False) -> str:
    """Return the label of the Send button; ``masked`` hides a real host and the report suite."""
    if target.is_sandbox:
        return _("Send anyway: expect 400") if verdict.errors else _("Send to the sandbox")
    suite, host = draft.get("analytics.reportSuite"), target.label
    suite = suite if isinstance(suite, str) else _("Not sent")
    if masked:
        suite, host = masked_value("analytics.reportSuite", suite), masking.mask_host(host)
    if verdict.errors:
        return _("Send anyway to the REAL host {host}, report suite {suite}: expect 400").format(host=host, suite=suite)
    return _("Send to the REAL host {host}, report suite {suite}").format(host=host, suite=suite)


def response_line(exchange: Exchange) -> str:
    """Return the response in one line."""
    status = str(exchange.status) if exchange.status is not None else _("none")
    return f"{status} {exchange.in_words}"


def find_unplaced(draft: Draft, verdict: Verdict) -> list[Problem]:
    """Return the problems without a field or metadata row: unknown keys, whole members and syntax errors."""
    placed = {field.place for field in draft.fields} | {("customMetadata", name) for name in draft.labels}
    return [problem for problem in verdict.problems if problem.place not in placed]


def format_parsed_number(reading: input_parsing.ParsedNumber) -> str:
    """Return how a typed number was read."""
    if reading.other is not None:
        return _("Sent as {value}. For {other}, type it without the point or comma.").format(
            value=reading.value, other=reading.other
        )
    return _("Sent as {value}.").format(value=reading.value)


def masked_value(key: str, value: object) -> str:
    """Return a value as text, hidden if its key identifies a person or tenant."""
    masked = masking.mask({key: value})[key]
    return masked if isinstance(masked, str) else json_io.to_text(masked)


def _field(draft: Draft, verdict: Verdict, field: Parameter) -> list[str]:
    mark = _("Required") if field.required(draft.event_type.name) else _("Optional")
    value = masked_value(field.key, draft.text(field.key)) if draft.is_set(field.key) else _("Not sent")
    lines = [f"  {field.label} ({field.key}, {mark}): {value}"]
    reading = draft.parsed_number(field.key)
    if reading is not None:
        lines.append(f"    {format_parsed_number(reading)}")
    return lines + [_problem(problem) for problem in verdict.at(*field.place)]


def _problem(problem: Problem) -> str:
    fix = f" [{problem.fix.label}]" if problem.fix else ""
    return f"    {LEVEL_LABELS[problem.level]!s}: {problem.message}{fix}"
