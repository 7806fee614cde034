"""The commands that check events and captures: validate, audit, redact, plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mctoolkit._core.messages import gettext as _
from mctoolkit.cli.console import (
    OK,
    UNREADABLE,
    Body,
    TrackingPlanFile,
    print_error,
    print_json,
    print_text,
    read_body,
    verdict_status,
    write_file,
)

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["audit", "plan", "redact", "validate"]

_MAX_REQUESTS_IN_MEMORY: Final = 200_000
"""The limit for requests that stay in memory for the charts of a report; larger captures are read a second time."""


def validate(
    body: Body,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print the result as JSON."))] = False,
    plan: TrackingPlanFile = None,
) -> None:
    """Validate the body of one event."""
    from mctoolkit.validation import validate

    verdict = validate(read_body(body))
    if plan is not None:
        from mctoolkit.validation.tracking_plan import TrackingPlan

        verdict = TrackingPlan.read(plan).extend(verdict)
    if as_json:
        print_json(verdict.to_dict())
    else:
        print_text(verdict)
    raise typer.Exit(verdict_status(verdict))


def audit(
    captures: Annotated[
        list[str],
        typer.Argument(
            metavar="CAPTURE...", help=_("Captures: HAR, NDJSON or curl commands, also as .gz, or folders of them.")
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help=_("Print the findings as JSON."))] = False,
    html: Annotated[Path | None, typer.Option(help=_("Write a report as a single HTML file."))] = None,
    junit: Annotated[Path | None, typer.Option(help=_("Write a report as JUnit XML, for CI systems."))] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(help=_("A file of accepted findings, which are not reported and do not affect the exit status.")),
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(help=_("Accept all current findings: write them to this file, and exit with 0."))
    ] = None,
    plan: TrackingPlanFile = None,
) -> None:
    """Audit the sessions in captures."""
    from mctoolkit.auditing.api import audit
    from mctoolkit.auditing.baseline import Baseline

    requests: list[CapturedRequest] = []

    def keep(request: CapturedRequest) -> None:
        if html is not None and len(requests) <= _MAX_REQUESTS_IN_MEMORY:
            requests.append(request)

    result = audit(captures, baseline=baseline, plan=plan, on_request=keep)
    if html is not None:
        from mctoolkit.captures import read_requests
        from mctoolkit.reporting.formats import to_html_report

        is_complete = len(requests) <= _MAX_REQUESTS_IN_MEMORY
        write_file(html, to_html_report(result, requests if is_complete else read_requests(captures)))
    if junit is not None:
        from mctoolkit.reporting.formats import to_junit

        write_file(junit, to_junit(result))
    print_text(result.to_json() if as_json else result)
    if write_baseline is None:
        raise typer.Exit(result.exit_status)
    accepted = Baseline.from_sessions(result.sessions)
    if baseline is not None:
        accepted = accepted.union(Baseline.read(baseline))
    accepted.write(write_baseline)
    print_error(_("Accepted {number} findings in {path}.").format(number=len(accepted.entries), path=write_baseline))
    raise typer.Exit(UNREADABLE if result.exit_status == UNREADABLE else OK)


def redact(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="CAPTURE... OUT",
            help=_(
                "Captures to read (.har, .ndjson, also as .gz, or folders), then the .har or .ndjson file to write."
            ),
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help=_("Replace an existing file."))] = False,
) -> None:
    """Write a copy of captures without personal data."""
    from mctoolkit.captures import redact

    if len(files) < 2:
        print_error(_("Name the captures to read and the file to write: mctoolkit redact CAPTURE OUT"))
        raise typer.Exit(UNREADABLE)
    print_text(redact(files[:-1], files[-1], force=force))


def plan(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.xlsx", help=_("The Excel file to write; an existing file is kept."))
    ],
) -> None:
    """Write a template for a tracking plan."""
    from mctoolkit.validation.tracking_plan import TrackingPlan

    TrackingPlan.template(out)
    print(_("Written: {path}").format(path=out))
