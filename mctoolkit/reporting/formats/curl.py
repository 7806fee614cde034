"""Write a request as a curl command, for POSIX shells and for PowerShell.

Each shell has its own quoting rules.
"""

from __future__ import annotations

import base64
import re
from typing import Literal, get_args

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.reporting.formats.request import CONTENT_TYPE, PreparedRequest, sending

__all__ = ["Shell", "curl"]

Shell = Literal["bash", "powershell"]

_LONGEST_ARGUMENT = 100_000
"""Bytes. Linux takes 128 KiB for one argument."""

_HEADER = f"Content-Type: {CONTENT_TYPE}"


def curl(thing: object, url: object, shell: Shell = "bash", *, masked: bool = False) -> str:
    r"""Return a command of curl that sends a body, ready to be pasted into a shell.

    It shows the headers of the response, and follows no redirects. On this computer no proxy is asked.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    url : str, Sandbox or Target
        A host, or a whole URL, as :class:`mctoolkit.Client` takes it.
    shell : {"bash", "powershell"}
        ``"bash"`` also works in zsh, dash and Git Bash. ``"powershell"`` works in Windows PowerShell 5.1 and in
        PowerShell 7 on Windows; it passes the body in a file, because 5.1 drops the double quotes of an argument.
    masked : bool
        Put ``<hidden>`` for identifiers, to be filled in before it is run.

    Returns
    -------
    str
        A command that sends exactly the bytes of the body.

    Raises
    ------
    UsageError
        There is no such shell; or ``url`` is no text and has no ``url``.
    InputError
        The body cannot be read, or cannot be written as JSON.
    HostError
        ``url`` is a text that cannot be the address of an API.

    Examples
    --------
    >>> print(curl({"media.name": "It's"}, "company.hb-api.omtrdc.net"))
    curl -i 'https://company.hb-api.omtrdc.net/api/v1/sessions' \
      -H 'Content-Type: application/json' \
      --data-raw '{"media.name":"It'\''s"}'

    Notes
    -----
    Sources of the quoting rules: POSIX, Shell Command Language, 2.2.2 (single quotes) and printf; Microsoft,
    about_Quoting_Rules, which counts the typographic single quotes as quotes.
    """
    writers = {"bash": _bash, "powershell": _powershell}
    if shell not in writers:
        raise UsageError(
            _("There is no way to write curl for the shell {value}. There are: {known}.").format(
                value=repr(shell), known=", ".join(get_args(Shell))
            )
        )
    what = sending(thing, url, masked=masked)
    remark = ("# " + _("Identifiers are hidden: put your own in the place of <hidden>.") + "\n") if masked else ""
    return remark + writers[shell](what)


# --- bash ------------------------------------------------------------------------------------------------------------


def _bash(what: PreparedRequest) -> str:
    proxy = "  --noproxy '*' \\\n" if what.loopback else ""
    head = f"curl -i {_bash_quoted(what.url)} \\\n{proxy}  -H {_bash_quoted(_HEADER)} \\\n  "
    text = _as_text(what.body)
    if text is not None and _can_be_typed(text) and len(what.body) <= _LONGEST_ARGUMENT:
        return f"{head}--data-raw {_bash_quoted(text)}"
    return f"printf '{_printf_format(what.body)}' | {head}--data-binary @-"


def _bash_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _can_be_typed(text: str) -> bool:
    """Tell whether a terminal takes the text as it is: no control characters, and no ``!`` in a text of many lines.

    Some versions of bash look for ``!`` in the second line of a quoted text, where they no longer see the quote.
    """
    lines = text.split("\n")
    return all(line.isprintable() for line in lines) and (len(lines) == 1 or "!" not in text)


def _printf_format(body: bytes) -> str:
    pieces = []
    for letter in body.decode("utf-8", "surrogateescape"):
        if letter == "%":
            pieces.append("%%")
        elif letter == "\\":
            pieces.append("\\\\")
        elif letter in "'!-" or not letter.isprintable():
            pieces += [f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape")]
        else:
            pieces.append(letter)
    return "".join(pieces)


# --- PowerShell ------------------------------------------------------------------------------------------------------

_POWERSHELL_QUOTES = re.compile("(['‘’‚‛])")


def _powershell(what: PreparedRequest) -> str:
    proxy = "--noproxy '*' " if what.loopback else ""
    return "\n".join(
        [
            "$file = [IO.Path]::GetTempFileName()",
            _powershell_write(what.body),
            f"curl.exe -i {_powershell_quoted(what.url)} {proxy}-H {_powershell_quoted(_HEADER)} "
            '--data-binary "@$file"',
            "Remove-Item $file",
        ]
    )


def _powershell_write(body: bytes) -> str:
    """Write the statement that puts the body into the file: UTF-8 without a mark, no line break at the end."""
    text = _as_text(body)
    lines = text.split("\n") if text is not None else []
    if text is None or not all(line.isprintable() for line in lines):
        packed = base64.b64encode(body).decode("ascii")
        return f"[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String('{packed}'))"
    if len(lines) == 1:
        return f"[IO.File]::WriteAllText($file, {_powershell_quoted(text)})"
    quoted = ",\n  ".join(_powershell_quoted(line) for line in lines)
    return f'[IO.File]::WriteAllText($file, (@(\n  {quoted}\n) -join "`n"))'


def _powershell_quoted(text: str) -> str:
    return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", text) + "'"


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
