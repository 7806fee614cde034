"""Profiles: a real host with the report suites that may be filled with tests, and what to fill a form with.

They lie in a file outside the project, which this module reads and never writes, and one can come from the environment:

======================================  ===============================================================================
``MCTOOLKIT_PROFILES``                  the path of the file; without it, ``profiles.toml`` in the user's configuration
                                        folder of mctoolkit (:func:`default_path` tells where that is)
``MCTOOLKIT_HOST``, else ``MC_URI``     the host of one more profile, called "environment"
``MCTOOLKIT_TEST_REPORT_SUITES``        its test report suites, with commas between
======================================  ===============================================================================

Under ``MCTOOLKIT_SEED`` there is none, so that tests and notebooks that are stored never depend on a person's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import platformdirs

from mctoolkit import clocks, texts
from mctoolkit.errors import MisuseError, TargetError, UnreadableInput
from mctoolkit.facts import catalog
from mctoolkit.markup import shorten
from mctoolkit.profiles import reading
from mctoolkit.profiles.confirming import Confirmation, confirmation
from mctoolkit.profiles.entry import Profile, report_suites
from mctoolkit.targets import read_target

__all__ = ["Confirmation", "Profile", "confirmation", "default_path", "example_text", "profile", "profiles"]

FILE_VARIABLE = "MCTOOLKIT_PROFILES"
HOST_VARIABLES = ("MCTOOLKIT_HOST", "MC_URI")
SUITES_VARIABLE = "MCTOOLKIT_TEST_REPORT_SUITES"


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the file in which the profiles lie, or would lie.

    Parameters
    ----------
    environ : Mapping, optional
        The environment variables; those of this process by default.
    """
    named = (os.environ if environ is None else environ).get(FILE_VARIABLE, "").strip()
    return (
        Path(named).expanduser()
        if named
        else platformdirs.user_config_path("mctoolkit", appauthor=False) / "profiles.toml"
    )


def profiles(environ: Mapping[str, str] | None = None) -> Mapping[str, Profile]:
    """Return all profiles by name: those of the file in its order, then that of the environment.

    Nothing is sent, looked up or written. Without a file and variables there are none.

    Parameters
    ----------
    environ : Mapping, optional
        The environment variables; those of this process by default.

    Returns
    -------
    Mapping of str to Profile
        Read anew at each call; it cannot be changed.

    Raises
    ------
    UnreadableInput
        Something is wrong with the file or a variable: the message has every problem, with file and line.

    Examples
    --------
    >>> list(profiles({"MC_URI": "company.hb-api.omtrdc.net", "MCTOOLKIT_TEST_REPORT_SUITES": "company-test"}))
    ['environment']
    """
    environ = os.environ if environ is None else environ
    if environ.get(clocks.SEED_VARIABLE):
        return MappingProxyType({})
    problems: list[str] = []
    found = _of_file(environ, problems)
    own = _of_environment(environ, problems)
    if own is not None and own.name in found:
        problems.append(
            texts.say("profiles.at.file", path=default_path(environ), what=texts.say("profiles.wrong.taken"))
        )
    if problems:
        head = texts.count("profiles.head", len(problems))
        raise UnreadableInput("\n".join([head, *(f"- {problem}" for problem in problems)]))
    return MappingProxyType(found if own is None else found | {own.name: own})


def profile(name: str, environ: Mapping[str, str] | None = None) -> Profile:
    """Return one profile.

    Raises
    ------
    UnreadableInput
        Something is wrong with the file or a variable.
    MisuseError
        There is no such profile; the message has the nearest name.
    """
    found = profiles(environ)
    if name in found:
        return found[name]
    close = catalog.nearest(name, found)
    if close is not None:
        known = texts.say("profiles.did_you_mean", nearest=close)
    elif found:
        known = texts.say("profiles.known", names=", ".join(found))
    else:
        known = texts.say("profiles.none_known", path=default_path(environ))
    raise MisuseError(texts.say("profiles.unknown", name=repr(shorten(name, 80)), known=known))


def example_text() -> str:
    """Return a file of profiles with comments, to begin from.

    Examples
    --------
    >>> example_text().splitlines()[0]
    '# Profiles of mctoolkit. A profile is a host with what belongs to it.'
    """
    return texts.say("profiles.example.text") + "\n"


def _of_environment(environ: Mapping[str, str], problems: list[str]) -> Profile | None:
    variable = next((name for name in HOST_VARIABLES if environ.get(name, "").strip()), None)
    suites = report_suites(environ.get(SUITES_VARIABLE, ""))
    if variable is None:
        if suites:
            what = texts.say("profiles.wrong.suites_alone")
            problems.append(texts.say("profiles.at.variable", variable=SUITES_VARIABLE, what=what))
        return None
    host = environ[variable].strip()
    try:
        read_target(host)
    except TargetError as error:
        problems.append(texts.say("profiles.at.variable", variable=variable, what=error))
        return None
    return Profile(texts.say("profiles.environment"), host, suites)


def _of_file(environ: Mapping[str, str], problems: list[str]) -> dict[str, Profile]:
    path = default_path(environ)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if environ.get(FILE_VARIABLE, "").strip():
            problems.append(texts.say("profiles.at.file", path=path, what=texts.say("profiles.wrong.no_file")))
        return {}
    except OSError as error:
        why = texts.say("profiles.wrong.unreadable", reason=error.strerror or type(error).__name__)
        problems.append(texts.say("profiles.at.file", path=path, what=why))
        return {}
    found, slips = reading.read(data)
    for line, what in slips:
        at = "profiles.at.file" if line is None else "profiles.at.line"
        problems.append(texts.say(at, path=path, line=line, what=what))
    return found
