"""The commands that run a server until Ctrl+C: lab, app, sandbox."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from mctoolkit._core.messages import gettext as _

__all__ = ["form_app", "lab", "sandbox"]

_Browser = Annotated[
    bool | None, typer.Option(help=_("Open a browser or only print the address; by default, open one on a desktop."))
]


def lab(
    notebook: Annotated[
        Path | None,
        typer.Argument(
            help=_("The notebook to open, the first one by default. Notebooks of mctoolkit open as a copy.")
        ),
    ] = None,
    browser: _Browser = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=_("The port; by default, the first free one from 8888."))
    ] = None,
) -> None:
    """Run JupyterLab."""
    from mctoolkit.cli.lab_server import launch

    raise typer.Exit(launch(notebook, browser=browser, port=port))


def form_app(
    browser: _Browser = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=_("The port; by default, the first free one from 8866."))
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            help=_(
                "The host to send to, such as company.hb-api.omtrdc.net, or a URL; by default, each page has its own "
                "sandbox."
            )
        ),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help=_("Your tracking plan, an Excel or CSV file, which the form applies."))
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_(
                "Your mctoolkit.toml with test report suites and defaults for each host; by default, the one in your "
                "configuration folder."
            ),
        ),
    ] = None,
) -> None:
    """Serve the form as a web page."""
    from mctoolkit.cli.app_server import launch

    raise typer.Exit(launch(browser=browser, port=port, to=to, plan=plan, config=config))


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("The port; 0 selects a free one."))] = 8765,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT",
            help=_(
                'An error to make, in quotes; repeatable. "503 on=3" responds 503 to the third request, "cut-before '
                'event=adStart" cuts the connection at the next adStart. Kinds: 500, 503, slow, '
                "cut-before, cut-status, cut-after, no-location, absolute-location, proxy-page, lost. "
                "Options: on=, event=, endpoint=, seconds=, status=."
            ),
        ),
    ] = None,
    lan: Annotated[
        bool,
        typer.Option("--lan", help=_("Accept requests from phones, televisions and computers in the same network.")),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=_("A further host name to accept in requests, such as tv.local or the real host; repeatable."),
        ),
    ] = None,
    tls: Annotated[
        bool, typer.Option("--tls", help=_("Serve https with a temporary certificate, and print how to trust it."))
    ] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Serve https with this certificate, a PEM file. Requires --tls-key.")),
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
                "Accept what the published schemas reject but the real service may accept, with a note: unknown keys, "
                "keys in the wrong place, 23.0 for 23."
            ),
        ),
    ] = False,
) -> None:
    """Run a sandbox."""
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
    # Requests wait during a full garbage collection: exclude the imported objects from it, and run it less often.
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*thresholds[:2], 1000)
    status = serve(config)
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    raise typer.Exit(status)
