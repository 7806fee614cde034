"""The verbs: lab, app, sandbox, validate, plan, send, play, audit, rules, params, trim."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mctoolkit._core.errors import InputError, MctoolkitError, error_reason
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.version import __version__
from mctoolkit.models.errors import NoResponse
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Verdict
from mctoolkit.spec import catalog

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["app", "main"]

DONE, PROBLEMS, UNREADABLE = 0, 1, 2
"""Exit statuses: no error; at least one error, or no 201; something could not be read."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=_("Explore Adobe's Media Collection API: check a request, send it, or play the API on this computer."),
)

Body = Annotated[
    str, typer.Argument(metavar="FILE|-", help=_("A file with the JSON body of one event, or - for standard input."))
]

_MOST_HELD: Final = 200_000
"""So many calls are held in memory for the charts of a report; a longer capture is read a second time for them."""


_FACT_LABELS = {
    "type": Message("Type"),
    "member": Message("Stands in"),
    "set_on": Message("On"),
    "required_on": Message("Required on"),
    "values": Message("Known values"),
    "example": Message("Example"),
    "context": Message("In Adobe Analytics"),
    "xdm": Message("In XDM"),
    "source": Message("Source"),
}


def main() -> None:
    """Run the command line; a slip of the user ends it with a sentence, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack letters that a body has
    try:
        app()
    except MctoolkitError as error:
        _complain(str(error))
        raise SystemExit(UNREADABLE) from None
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(DONE) from None


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help=_("Print the version."))] = False,
) -> None:
    """Say the version when asked."""
    if version:
        print(f"mctoolkit {__version__}")
        raise typer.Exit


@app.command(help=_("Open JupyterLab on your copy of the first notebook, in my_notebooks."))
def lab(
    notebook: Annotated[
        Path | None, typer.Argument(help=_("Another notebook to open; one of mctoolkit's own opens as your copy."))
    ] = None,
    browser: Annotated[
        bool | None,
        typer.Option(
            help=_("Open a browser, or only print the address; without this, a browser where there is a screen.")
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=_("The port of JupyterLab; the next free one from 8888 without this.")),
    ] = None,
) -> None:
    """Open JupyterLab on the first notebook."""
    from mctoolkit.cli.lab_server import launch

    raise typer.Exit(launch(notebook, browser=browser, port=port))


@app.command(name="app", help=_("Open the form as a page by itself, without a notebook."))
def page(
    browser: Annotated[
        bool | None,
        typer.Option(
            help=_("Open a browser, or only print the address; without this, a browser where there is a screen.")
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=_("The port of the page; the next free one from 8866 without this.")),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            help=_("Where the form sends to: company.hb-api.omtrdc.net, or a URL. Without this, a sandbox of its own.")
        ),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help=_("Your tracking plan, an Excel sheet or CSV; the form follows it."))
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_(
                "Your mctoolkit.toml with the test report suites and defaults of each host; without "
                "this, the file in your configuration folder."
            ),
        ),
    ] = None,
) -> None:
    """Serve the form as a page by itself."""
    from mctoolkit.cli.app_server import launch

    raise typer.Exit(launch(browser=browser, port=port, to=to, plan=plan, config=config))


@app.command(help=_("Run a sandbox on this computer: a stand-in for the API. Ends at Ctrl+C."))
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("The port to listen on; 0 takes a free one."))] = 8765,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT",
            help=_(
                'A fault, in quotes: "503 on=3" responds 503 to the third request, "cut-before '
                'event=adStart" cuts the connection at the next adStart. Kinds: 500, 503, slow, '
                "cut-before, cut-status, cut-after, no-location, absolute-location, proxy-page, lost. "
                "Options: on=, event=, endpoint=, seconds=, status=. Can be given several times."
            ),
        ),
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help=_("Let other computers, phones and televisions in the same network reach it."))
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=_(
                "A name that requests may be for besides those of this computer, such as tv.local or the "
                "real host. Can be given several times."
            ),
        ),
    ] = None,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls", help=_("Serve https with a temporary certificate; how to trust it is printed at the start.")
        ),
    ] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Serve https with your own certificate, a PEM file. Needs --tls-key.")),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("The private key of --tls-cert, a PEM file without a passphrase.")),
    ] = None,
    lenient: Annotated[
        bool,
        typer.Option(
            "--lenient",
            help=_(
                "Take what the published schemas refuse but a kinder server might not, and note it: "
                "unknown keys, keys in the wrong place, 23.0 for 23."
            ),
        ),
    ] = False,
) -> None:
    """Run a sandbox until it is stopped."""
    from mctoolkit.sandbox.command import serve
    from mctoolkit.sandbox.config import SandboxConfig

    config = SandboxConfig(
        port=port,
        faults=fault or (),
        lan=lan,
        allow_hosts=allow_host or (),
        tls=tls,
        tls_cert=tls_cert,
        tls_key=tls_key,
        lenient=lenient,
    )
    thresholds = gc.get_threshold()
    gc.freeze()  # imported objects stay, and requests wait during a full collection: this process collects less often
    gc.set_threshold(*thresholds[:2], 1000)
    status = serve(config)
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    raise typer.Exit(status)


@app.command(help=_("Print the API as an OpenAPI 3.1 document, for other tools."))
def openapi() -> None:
    """Print the API as an OpenAPI document."""
    from mctoolkit.spec.openapi import document

    print(json.dumps(document(), indent=2, ensure_ascii=False))


@app.command(
    help=_(
        "Check a body. Exit status 0: no error (tips allowed). 1: at least one error. 2: cannot "
        "be read, or is not JSON."
    )
)
def validate(
    body: Body,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print the verdict as JSON."))] = False,
    plan: Annotated[
        Path | None,
        typer.Option(help=_("Your tracking plan, an Excel sheet or CSV: a breach is a tip that cites its row.")),
    ] = None,
) -> None:
    """Check a body and say all that is wrong with it."""
    from mctoolkit.validation import validate as check

    verdict = check(_read(body))
    if plan is not None:
        from mctoolkit.validation.tracking_plan import TrackingPlan

        verdict = TrackingPlan.read(plan).extend(verdict)
    if as_json:
        print(json.dumps(verdict.to_dict(), indent=2, ensure_ascii=False))
    else:
        print(_harmless(str(verdict)))
    raise typer.Exit(_status(verdict))


@app.command(help=_("Write a tracking plan to begin with: an Excel sheet for the house rules of your company."))
def plan(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.xlsx", help=_("The Excel file to write; one that is there is left alone."))
    ],
) -> None:
    """Write a tracking plan to begin with."""
    from mctoolkit.validation.tracking_plan import TrackingPlan

    TrackingPlan.template(out)
    print(_("Written: {path}").format(path=out))


@app.command(help=_("Send a sessionStart and print the response. Exit status 0 only when a session was made (201)."))
def send(
    body: Body,
    to: Annotated[
        str | None,
        typer.Option(
            help=_(
                "Where to send: company.hb-api.omtrdc.net, or a URL. Without this, a sandbox is started "
                "for this one request."
            )
        ),
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=_("Send the body although it has errors."))] = False,
) -> None:
    """Send a body and print the response; without a host, to a sandbox started for it."""
    from contextlib import ExitStack

    from mctoolkit.client.client import Client
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.validation import validate as check

    event = Event(_read(body))
    verdict = check(event, endpoint="sessions")
    if verdict.errors and not anyway:
        _complain(str(verdict))
        _complain(_("Nothing was sent. To send it all the same: --anyway"))
        raise typer.Exit(_status(verdict))
    with ExitStack() as stack:
        target = to if to is not None else stack.enter_context(Sandbox())
        client = stack.enter_context(Client(target))
        try:
            exchange = client.start_session(event, send_anyway=anyway)
        except NoResponse as silence:
            _complain(str(silence.exchange))
            raise typer.Exit(PROBLEMS) from None
    print(exchange)
    if exchange.session_id is not None:
        print(_("Session id: {id}").format(id=exchange.session_id))
    raise typer.Exit(DONE if exchange.status == 201 else PROBLEMS)


@app.command(
    help=_(
        "Play a scenario, event by event, and print the responses. Exit status 0 when all was sent "
        "and taken. Without a name, the list of scenarios."
    )
)
def simulate(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            help=_("The name of a scenario, such as timeline-1, or a file of your own that ends in .toml."),
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            help=_("Where to send: company.hb-api.omtrdc.net, or a URL. Without this, a sandbox is started for it.")
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            help=_(
                "1 plays in real time, 10 ten times as fast. Without this, all is sent at once, and the "
                "clock of the sandbox is moved along."
            )
        ),
    ] = None,
    defect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DEFECT",
            help=_(
                "What the player gets wrong on purpose, such as no-pings. Can be given several times. A "
                "wrong name prints the list."
            ),
        ),
    ] = None,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help=_("Continue after 404, 410 and missing responses, as Adobe's libraries do.")),
    ] = False,
) -> None:
    """Play a scenario and print each response; without a host, to a sandbox started for it."""
    from contextlib import ExitStack

    from mctoolkit.simulation import known
    from mctoolkit.simulation import scenario as read
    from mctoolkit.simulation.runner import simulate as run

    if what is None:
        for name, found in known().items():
            print(f"{name:12} {found.about}")
        return
    played = read(what)
    with ExitStack() as stack:
        if to is None:
            from mctoolkit.sandbox import Sandbox

            place: object = stack.enter_context(Sandbox())
        else:
            place = to
        done = run(played, place, speed=speed, defects=defect or (), keep_going=keep_going, on_progress=print)
    print(done.message)
    raise typer.Exit(DONE if done.ok else PROBLEMS)


@app.command(
    help=_("The reference of the keys of sessionStart; with a key, or with words to search for, more about it.")
)
def explain(
    key: Annotated[str | None, typer.Argument(help=_("A key such as media.length, or words to search for."))] = None,
) -> None:
    """Print the reference of the keys, or of one key."""
    if key is None:
        for parameter in catalog.parameters_of("sessionStart"):
            mark = _("Required") if parameter.required("sessionStart") else _("Optional")
            print(f"{parameter.key:38} {parameter.type:8} {mark:9} {parameter.label}")
        return
    slip = catalog.misspellings().get(key)
    if slip is not None:
        print(f"{key}: {slip.why}")
        key = slip.meant
        if key is None:
            return
    parameter = catalog.parameters().get(key) or _only_match(key)
    for line in _describe(parameter):
        print(line)


def _only_match(words: str) -> catalog.Parameter:
    """Return the one key that these words find; otherwise say which ones they find, and end."""
    found = catalog.search(words)
    if len(found) == 1:
        return found[0]
    if found:
        for parameter in found:
            print(f"{parameter.key:38} {parameter.label}")
        raise typer.Exit(DONE)
    return catalog.parameter(words)


def _describe(parameter: catalog.Parameter) -> list[str]:
    events = ", ".join(parameter.set_on).replace(catalog.EVERY_EVENT, _("every event"))
    required = ", ".join(parameter.required_on).replace(catalog.EVERY_EVENT, _("every event"))
    facts = {
        "type": parameter.type + (f", {_('in {unit}').format(unit=parameter.unit)}" if parameter.unit else ""),
        "member": ".".join(parameter.place[:-1]) or _("the top level"),
        "set_on": events or _("no event any more"),
        "required_on": required,
        "values": ", ".join(parameter.values),
        "example": json.dumps(parameter.example) if parameter.example is not None else "",
        "context": parameter.context or "",
        "xdm": parameter.xdm or "",
        "source": parameter.source,
    }
    lines = [f"{parameter.key}  {parameter.label}", parameter.help]
    return lines + [f"  {_FACT_LABELS[name]!s}: {value}" for name, value in facts.items() if value]


def _read(body: str) -> bytes | Path:
    return sys.stdin.buffer.read() if body == "-" else Path(body)


def _status(verdict: Verdict) -> int:
    if any(problem.rule == "not-json" for problem in verdict.problems):
        return UNREADABLE
    return PROBLEMS if verdict.errors else DONE


def _harmless(text: str) -> str:
    """Write control characters out: what a capture holds must not be able to steer a terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], text)


def _complain(words: str) -> None:
    print(words, file=sys.stderr)


@app.command(
    help=_(
        "Make a small copy of a capture to hand on: the calls to the API alone, with aliases for people and tenants."
    )
)
def redact(
    capture: Annotated[
        list[str],
        typer.Argument(
            metavar="IN... OUT",
            help=_(
                "The captures to read (.har, .ndjson, also .gz, or a folder), and last the file to "
                "write: .har, or .ndjson."
            ),
        ),
    ],
    force: Annotated[
        bool, typer.Option("--force", help=_("Replace the file to write when it is there already."))
    ] = False,
) -> None:
    """Write the calls of the API alone, with aliases for people."""
    from mctoolkit.captures import redact as trimmed

    if len(capture) < 2:
        _complain(_("Name the capture to read and the file to write: mctoolkit redact IN OUT"))
        raise typer.Exit(UNREADABLE)
    print(trimmed(capture[:-1], capture[-1], force=force))


@app.command(
    help=_(
        "Say what is wrong with the sessions of a capture. Exit status 0: no finding above a "
        "note. 1: errors or warnings. 2: a capture cannot be read, or nothing in it can be "
        "judged."
    )
)
def audit(
    captures: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help=_("Captures: .har, .ndjson, curl commands, also .gz, or a folder of them.")
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help=_("Print the findings as JSON."))] = False,
    html: Annotated[
        Path | None, typer.Option(help=_("Write a report of one HTML file that needs nothing else."))
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(help=_("Write JUnit XML, so that a pipeline shows the findings."))
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(help=_("A file of accepted findings; only others are reported and count for the exit status.")),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(help=_("Accept everything that is found now: write it to this file, and end with exit status 0.")),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help=_("Your tracking plan, an Excel sheet or CSV: its rules are checked too."))
    ] = None,
) -> None:
    """Judge the sessions of captures."""
    from mctoolkit.auditing.api import audit as judge
    from mctoolkit.auditing.baseline import Baseline

    calls: list[CapturedRequest] = []

    def hold(call: CapturedRequest) -> None:
        if html is not None and len(calls) <= _MOST_HELD:
            calls.append(call)

    found = judge(captures, baseline=baseline, plan=plan, on_call=hold)
    if html is not None:
        from mctoolkit.captures import read_requests
        from mctoolkit.reporting.formats import to_html_report

        _write(html, to_html_report(found, calls if len(calls) <= _MOST_HELD else read_requests(captures)))
    if junit is not None:
        from mctoolkit.reporting.formats import to_junit

        _write(junit, to_junit(found))
    print(found.to_json() if as_json else _harmless(str(found)))
    if write_baseline is not None:
        accepted = Baseline.of(found.sessions)
        if baseline is not None:
            accepted = accepted.with_those_of(Baseline.read(baseline))
        accepted.write(write_baseline)
        _complain(
            _("Accepted from now on: {number} findings, in {path}").format(
                number=len(accepted.entries), path=write_baseline
            )
        )
        raise typer.Exit(UNREADABLE if found.exit_status == UNREADABLE else DONE)
    raise typer.Exit(found.exit_status)


@app.command(help=_("List the rules of a session: id, level, name and source."))
def rules() -> None:
    """List the rules of a session."""
    from mctoolkit.spec import session_rules

    for _unused, rule in sorted(session_rules.rules().items()):
        print(f"{rule.id:26} {rule.level:8} {rule.title:46} {rule.source}")


def _write(path: Path, text: str) -> None:
    """Write a report, and say so where it does not disturb what is printed."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(_("Cannot write {path}: {reason}.").format(path=path, reason=error_reason(error))) from None
    _complain(_("Written: {path}").format(path=path))
