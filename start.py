"""Make mctoolkit ready on this computer, and open it.

It needs Python 3.11 or newer and nothing else: no admin rights, no git, no make. `python3 start.py help` says
what it can do. There are three steps: a private Python in the folder .venv, the packages in it, and then
JupyterLab, or the tests. A second start finds the first two done. All that is said to people stands in TEXTS.

Every Python down to 2.7 has to be able to read this file, so that an old one can look for a newer one, or say
that one is needed. So types stand in comments, and nothing is used that Python 2 cannot read: no f-strings,
no `raise ... from`. What stands above `from pathlib import Path` has to run on them, too.
"""
# ruff: noqa: B904, RUF005, UP010, UP030, UP032
# The codes above ask for what an old Python cannot read.

from __future__ import print_function

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time

OLDEST = (3, 11)
NAMED = ("3.14", "3.13", "3.12", "3.11")  # versions that may have a command of their own

TEXTS = {
    "title": "mctoolkit: practice tool for Adobe's Media Collection API",
    # The three steps
    "making": "1/3  Making a private Python in {folder}",
    "made": "1/3  Private Python in {folder}",
    "installing": "2/3  Installing packages",
    "counting": "2/3  Installing packages: {count} so far",
    "installed": "2/3  Installing {count} packages",
    "packages": "2/3  Packages",
    "not_with_uv": "2/3  uv could not do it; once more with pip",
    "lab": "3/3  Opening JupyterLab in your browser",
    "app": "3/3  Opening the form in your browser",
    "test": "3/3  Running the tests, then the notebooks as tests",
    "lint": "3/3  Checking style and types",
    "notebooks": "3/3  Running the notebooks and storing what they show",
    "screenshots": "3/3  Taking the pictures of the manual",
    "bench": "3/3  Measuring what is claimed about speed, beside its peers",
    "running": "{line}  {seconds} s",
    "done": "{line}  done, {seconds} s",
    "ready": "{line}  ready",
    "waiting": "     Another start in this folder is at work; waiting for it.",
    "passed": "     {name}: passed",
    "failed": "     {name}: FAILED (exit status {status})",
    "stopped": "\nStopped. Run it again to go on.",
    # What can go wrong
    "needs_python": "This needs Python 3.11 or newer; found {found}. {get}",
    "get_windows": (
        "Get it from the Microsoft Store (no admin rights needed) or your software centre, then run this again."
    ),
    "get_macos": "Get it from python.org or your software centre, then run this again.",
    "get_linux": (
        "Install it from your system's packages (on Debian and Ubuntu: python3.11 and python3.11-venv), "
        "or ask whoever looks after this computer, then run this again."
    ),
    "no_venv": (
        "Python {found} is new enough, but what makes a private Python of it (venv, ensurepip) is missing.\n"
        "Debian and Ubuntu keep that in a package of its own. Install it (sudo apt install "
        "python{found}-venv), or ask whoever looks after this computer, then run this again."
    ),
    "certificate": (
        "The download was refused: the certificate {origin}, not from the package index.\n"
        "Your company inspects traffic. Run: {start} --system-certificates"
    ),
    "certificate_unknown": (
        "The download was refused: the certificate {origin}, and this computer does not trust that either.\n"
        "Ask your IT department how Python gets packages here. "
        "Or, with a folder of wheels: {start} --wheels {example}"
    ),
    "from_issuer": 'comes from "{issuer}"',
    "from_somebody": "comes from somebody else",
    "no_network": ("No connection to the package index{host}. With a folder of wheels: {start} --wheels {example}"),
    "proxy_login": (
        "The download was refused: your company's proxy wants a name and a password (407).\n"
        "Set HTTPS_PROXY as your IT department says. Or, with a folder of wheels: {start} --wheels {example}"
    ),
    "no_wheel": (
        "The folder {wheels} has no wheel of {about} for Python {python} on this kind of computer.\n"
        "Fill it on a computer like this one, with the same Python: {fill}"
    ),
    "no_build": (
        "There is no ready-made {about} for Python {python} on this kind of computer; building it failed.\n"
        "Install Python 3.13 next to this one, remove the folder {folder}, then run this again with it."
    ),
    "disk_full": (
        "The disk is full: {folder} could not be finished. It takes about {size} MB. Make room, then run this again."
    ),
    "no_permission": (
        "No permission to write {folder}. Put the project in a folder of your own, such as your documents, "
        "or remove what somebody else made there, then run this again."
    ),
    "long_path": (
        "The folder is too deep for Windows, which allows 260 characters: {folder}\n"
        "Move the project to a short path such as C:\\mctoolkit, then run this again."
    ),
    "in_use": (
        "Could not replace {folder}: another program uses a file in it ({about}).\n"
        "Close JupyterLab, editors and terminals that use it, then run this again."
    ),
    "unknown": "It did not work, for a reason that this program does not know. What was said last:\n{lines}",
    "system": "It did not work: {about}. Put that right, then run this again.",
    "log": "All that was said is in {log}",
    # What can be asked
    "no_verb": "{start} has no {verb!r}.{nearest} It knows: {verbs}.",
    "nearest": " Did you mean {verb!r}?",
    "no_option": "{start} has no option {option!r}. It knows: --system-certificates and --wheels FOLDER.",
    "no_folder": (
        "--wheels wants a folder with files that end in .whl, and {wheels!r} is none. Give the path of one, "
        "such as {example}. To fill it: {fill}"
    ),
    "fill": '{command} -m pip download --dest {example} ".[lab]" hatchling editables',
    "help": (
        "{start}                     open JupyterLab on the first notebook\n"
        "{start} lab [ARGUMENTS]     the same; the arguments go to `mctoolkit lab`\n"
        "{start} app [ARGUMENTS]     open the form as a page by itself; the arguments go to `mctoolkit app`\n"
        "{start} test [ARGUMENTS]    run the tests, then the notebooks as tests; the arguments go to pytest\n"
        "{start} lint                check style and types\n"
        "{start} notebooks [NAMES]   run the notebooks afresh and store what they show\n"
        "{start} screenshots [NAMES] take the pictures of the manual through a browser\n"
        "{start} bench [NAMES]       measure what is claimed about speed, beside its peers\n"
        "{start} help                this text\n"
        "\n"
        "Before those arguments:\n"
        "  --system-certificates    trust what this computer trusts, such as your company's proxy\n"
        "  --wheels FOLDER          install from a folder of wheels, without a network. To fill it, on a\n"
        "                           computer like this one, with the same Python:\n"
        "                           {fill}"
    ),
}


# The door: find a Python that is new enough. This part runs on every Python ---------------------------------

PROBE = """\
import sys
try:
    import ensurepip, venv
    able = 1
except ImportError:
    able = 0
print("python %d %d %d %d" % (sys.version_info[:3] + (able,)))
"""


def commands_to_try(windows):
    # type: (bool) -> list[list[str]]
    """List the commands that may be a Python that is new enough, best first."""
    launcher = [["py", "-3"]] + [["py", "-" + version] for version in NAMED] if windows else []
    return launcher + [["python" + version] for version in NAMED] + [["python3"], ["python"]]


def ask(command):
    # type: (list[str]) -> tuple[tuple[int, ...], bool] | None
    """Run a command as a Python, and learn its version and whether it can make environments.

    A name on the PATH promises nothing: it may be a shop window (Windows), or a shim with no Python behind it
    (pyenv). Then the answer is None.
    """
    try:
        child = subprocess.Popen(command + ["-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        words = child.communicate()[0].decode("ascii", "replace").split()
    except OSError:
        return None
    if child.returncode != 0 or words[:1] != ["python"] or len(words) != 5:
        return None
    return tuple(int(word) for word in words[1:4]), words[4] == "1"


def choose(commands, seen):
    # type: (list[list[str]], list[tuple[tuple[int, ...], bool]]) -> list[str] | None
    """Take the first command that will do, and note in `seen` what those before it are."""
    for command in commands:
        answer = ask(command)
        if answer is not None:
            if answer[0] >= OLDEST and answer[1]:
                return command
            seen.append(answer)
    return None


def no_python(seen, platform):
    # type: (list[tuple[tuple[int, ...], bool]], str) -> str
    """Say what is missing when no Python will do."""
    newest = max(seen)[0]
    found = "{0}.{1}".format(*newest)
    if newest >= OLDEST:
        return TEXTS["no_venv"].format(found=found)
    system = {"win32": "windows", "darwin": "macos"}.get(platform, "linux")
    return TEXTS["needs_python"].format(found=found, get=TEXTS["get_" + system])


def hand_over(command):
    # type: (list[str]) -> int
    """Let another program take the place of this one: its keyboard, its signals, its exit status."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # Windows tells both; what it means is for the other one to say
            continue


def find_another(commands, itself):
    # type: (list[list[str]], tuple[tuple[int, ...], bool]) -> int
    """Run this file with another Python that will do, or say that there is none."""
    os.environ["PYTHON_MANAGER_AUTOMATIC_INSTALL"] = "false"  # `py` says what is there; it downloads nothing
    seen = [itself]
    command = choose(commands, seen)
    if command is None:
        print(no_python(seen, sys.platform), file=sys.stderr)
        return 2
    return hand_over(command + [os.path.abspath(__file__)] + sys.argv[1:])  # noqa: PTH100 - Python 2


def forget_other_pythons():
    # type: () -> None
    """Drop the variables that are meant for another Python than the one that is started."""
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV"):
        os.environ.pop(name, None)


if sys.version_info < OLDEST:
    forget_other_pythons()
    sys.exit(find_another(commands_to_try(os.name == "nt"), (tuple(sys.version_info[:3]), False)))

# From here on it is Python 3.11 or newer --------------------------------------------------------------------

from difflib import get_close_matches  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import IO, TYPE_CHECKING, Any, NamedTuple  # noqa: E402, F401 - types stand in comments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator  # noqa: F401 - types stand in comments

    Check = tuple[str, tuple[str, ...], dict[str, str]]
    """A name, a module of the environment with its arguments, and environment variables."""

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOG = VENV / "install.log"
STAMP = VENV / "start.json"

COLUMN = 56  # where "done" stands, when what is before it leaves room
SIZE = 800  # megabytes that .venv takes, about

VERBS = ("lab", "app", "test", "lint", "notebooks", "screenshots", "bench", "help")
EXTRAS = dict.fromkeys(VERBS, ("lab", "test"))  # type: dict[str, tuple[str, ...]]
EXTRAS["lab"] = EXTRAS["app"] = ("lab",)
TOOLS = {"notebooks": "tools.run_notebooks", "screenshots": "tools.screenshots", "bench": "benchmarks"}

# How the project is tested, its notebooks included. Whoever else tests it, runs `start.py test`.
STEADY = {"PYTHONHASHSEED": "0", "MCTOOLKIT_LANGUAGE": "en"}
SUITE = ("tests", ("pytest",), STEADY)  # type: Check
NOTEBOOKS = (
    "notebooks",
    ("pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "notebooks"),
    dict(STEADY, MCTOOLKIT_SEED="2026"),  # makes the sandbox's clock and ids repeat themselves
)  # type: Check
CHECKS = [
    ("style", ("ruff", "check"), {}),
    ("layout", ("ruff", "format", "--check"), {}),
    ("types", ("mypy",), {}),
]  # type: list[Check]


class Stop(Exception):
    """What a person has to put right first; its text says what, and how."""


class Request(NamedTuple("Request", [("verb", str), ("rest", "list[str]"), ("wheels", str), ("system", bool)])):
    """What is asked: a verb, its arguments, a folder of wheels, whether to trust what the system trusts."""


def say(key, **values):
    # type: (str, Any) -> str
    """Fill in a text; what any text may use is known here."""
    command = "py" if WINDOWS else "python3"
    common = {
        "command": command,
        "start": command + " start.py",
        "example": "D:\\mctoolkit-wheels" if WINDOWS else "~/mctoolkit-wheels",
        "folder": VENV,
        "python": "{0}.{1}".format(*sys.version_info),
        "size": SIZE,
    }  # type: dict[str, Any]
    common["fill"] = TEXTS["fill"].format(**common)
    return TEXTS[key].format(**dict(common, **values))


def parse(arguments):
    # type: (list[str]) -> Request
    """Read the command line: first what is meant for this program, then the verb's own arguments."""
    verb, wheels, system = "", "", False
    rest = list(arguments)
    while rest:
        word, _, value = rest[0].partition("=")
        if word == "--wheels":
            rest = rest if value else rest[1:]
            value = value or "".join(rest[:1])
            folder = Path(value).expanduser().absolute()
            if not value or not any(folder.glob("*.whl")):
                raise Stop(say("no_folder", wheels=value))
            wheels = str(folder)
        elif rest[0] == "--system-certificates":
            system = True
        elif verb:
            break
        elif rest[0] in ("-h", "--help"):
            verb = "help"
        elif word.startswith("-"):
            raise Stop(say("no_option", option=rest[0]))
        elif rest[0] not in VERBS:
            nearest = "".join(say("nearest", verb=name) for name in get_close_matches(word, VERBS, 1))
            raise Stop(say("no_verb", verb=rest[0], nearest=nearest, verbs=", ".join(VERBS)))
        else:
            verb = rest[0]
        rest = rest[1:]
    return Request(verb or "lab", rest, wheels, system)


# What there is, and what has to be done ---------------------------------------------------------------------


def python_of(venv, windows=WINDOWS):
    # type: (Path, bool) -> Path
    """Give the path of an environment's Python."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def inspect(python):
    # type: (Path) -> dict[str, Any]
    """Run an environment's Python and ask what it has; empty when it does not run."""
    code = (
        "import json, sys; from importlib.util import find_spec; "
        "print(json.dumps({'python': sys.version_info[:3], "
        "'has': [name for name in ('pip', 'mctoolkit', 'jupyterlab') if find_spec(name)]}))"
    )
    try:
        answer = subprocess.run([str(python), "-I", "-c", code], capture_output=True, check=True)
        found = json.loads(answer.stdout)  # type: dict[str, Any]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return {}
    return found


def read_stamp(path):
    # type: (Path) -> dict[str, Any]
    """Read what an earlier start noted in the environment; empty when there is no such note."""
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def make_stamp(root, python, extras):
    # type: (Path, list[int], tuple[str, ...]) -> dict[str, Any]
    """Say what an environment is made from."""
    project = hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()
    return {"root": str(root), "python": list(python), "project": project, "extras": sorted(extras)}


def decide(found, stamp, wanted):
    # type: (dict[str, Any], dict[str, Any], dict[str, Any]) -> str
    """Choose between ``"make"`` (from nothing), ``"install"`` (into what there is) and ``"ready"``.

    Parameters
    ----------
    found
        What `inspect` saw.
    stamp
        What is noted in the environment: what it was made from, or ``{"unfinished": True}``, or nothing when
        it was made by hand, which is fine as long as it works.
    wanted
        What should be noted.
    """
    if not found or tuple(found["python"]) < OLDEST or "unfinished" in stamp:
        return "make"
    if stamp.get("root", wanted["root"]) != wanted["root"]:
        return "make"  # it was copied or moved here, and its programs point at where it was
    if stamp and not {"mctoolkit", "jupyterlab"}.issubset(found["has"]):
        return "make"  # it was finished once, and has lost something since
    same = all(stamp.get(key) == wanted[key] for key in ("python", "project"))
    if same and set(stamp.get("extras", [])).issuperset(wanted["extras"]):
        return "ready"
    return "install" if "pip" in found["has"] else "make"


# What an installer says, in words ---------------------------------------------------------------------------

FAILURES = (
    ("certificate", r"certificate.verify.failed|SSLCertVerification|invalid peer certificate"),
    (
        "disk_full",
        r"No space left|Disk quota exceeded|not enough space on the disk|os error (?:28|112|122)\b",
    ),
    ("long_path", r"Windows Long Path support|\[WinError 206\]|os error 206\b"),
    ("in_use", r"(\[WinError 32\].*|os error 32\b.*)"),
    ("no_permission", r"\[Errno 13\] Permission denied|\[WinError 5\]|Access is denied|os error (?:5|13)\b"),
    ("no_venv", r"ensurepip is not available|No module named '?ensurepip"),
    ("proxy_login", r"407 Proxy Authentication"),
    (
        "no_wheel",
        r"No matching distribution found for ([\w.-]+)|Because ([\w.-]+) was not found in the provided",
    ),
    (
        "no_build",
        r"Failed building wheel for ([\w.-]+)|Failed to build installable wheels .*\(([\w.-]+)"
        r"|Failed to build:? [`']?([\w.-]+)(?!.*(?:build dependencies|installable))"
        r"|metadata-generation-failed",
    ),
    (
        "no_network",
        r"NewConnectionError|ConnectTimeoutError|NameResolutionError|ReadTimeoutError|ConnectionResetError"
        r"|ProtocolError|ProxyError|dns error|tcp connect error|client error \(Connect\)|operation timed out",
    ),
)  # type: tuple[tuple[str, str], ...]


def explain(log, offline):
    # type: (str, bool) -> tuple[str, str]
    """Find the reason in what an installer said: of those it spoke of, the last.

    Parameters
    ----------
    log
        What it said.
    offline
        Whether all it had was a folder of wheels. Otherwise "no matching distribution" is what came of the
        real reason, which was said before.

    Returns
    -------
    tuple of str
        The key of its text, ``"unknown"`` when it is none of these, and what it is about, if that was said.
    """
    last = ("unknown", "", -1)
    for key, pattern in FAILURES:
        for match in re.finditer(pattern, log, re.IGNORECASE):
            if match.start() > last[2] and (offline or key != "no_wheel"):
                last = (key, next((group for group in match.groups() if group), ""), match.start())
    return last[:2]


def telling_lines(log):
    # type: (str) -> str
    """Pick the lines that say most: the last errors, or else the last lines."""
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\s*(error|fatal)\b", line, re.IGNORECASE)]
    return "\n".join("    " + line for line in (errors or lines)[-3:])


def host_in(log):
    # type: (str) -> tuple[str, int] | None
    """Find the host that the installer wanted to reach, and the port."""
    match = re.search(r"host='([^']+)', port=(\d+)|https://([^/\s:`']+)(?::(\d+))?", log)
    return (match[1] or match[3], int(match[2] or match[4] or 443)) if match else None


def issuer_seen(host, port):
    # type: (str, int) -> str
    """Learn who signed the certificate that a host shows, or a proxy in its name; empty when that fails.

    It shakes hands twice and sends nothing: first to be shown the certificate, and then with trust in that
    one alone, because Python reads out the names of a certificate only when it trusts it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.verify_mode = ssl.CERT_NONE
        with shaken_hands(context, host, port) as shown:
            context.load_verify_locations(cadata=shown.getpeercert(binary_form=True))
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with shaken_hands(context, host, port) as trusted:
            names = dict(pair for part in trusted.getpeercert()["issuer"] for pair in part)
    except (OSError, ValueError, TypeError):
        return ""
    return str(names.get("commonName") or names.get("organizationName") or "")


@contextlib.contextmanager
def shaken_hands(context, host, port):
    # type: (ssl.SSLContext, str, int) -> Iterator[Any]
    """Connect to a host over TLS, through the proxy that this computer is told to use."""
    from http.client import HTTPSConnection
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    proxy = "" if proxy_bypass(host) else getproxies().get("https", "")
    address = urlsplit(proxy if "//" in proxy else "//" + proxy)
    connection = HTTPSConnection(address.hostname or host, address.port or port, timeout=5, context=context)
    if address.hostname:
        connection.set_tunnel(host, port)
    with contextlib.closing(connection):
        connection.connect()
        yield connection.sock


def in_words(said, request):
    # type: (str, Request) -> str
    """Turn what an installer said into what happened and what to do."""
    key, about = explain(said, bool(request.wheels))
    host = host_in(said)
    origin = ""
    if key == "certificate":
        issuer = issuer_seen(*host) if host else ""
        origin = say("from_issuer", issuer=issuer) if issuer else say("from_somebody")
        if request.system or pip_version() >= (24, 2):
            key = "certificate_unknown"  # it did look at what this computer trusts
    return say(
        key,
        about=about or "package",
        found="{0}.{1}".format(*sys.version_info),
        host=" ({0})".format(host[0]) if host else "",
        lines=telling_lines(said),
        origin=origin,
        wheels=request.wheels,
    )


# Making and installing --------------------------------------------------------------------------------------


def working_uv():
    # type: () -> str
    """Give the path of uv when there is one that runs; empty otherwise."""
    path = shutil.which("uv") or ""
    with contextlib.suppress(OSError):
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return ""


def make_command(uv):
    # type: (str) -> list[str]
    """Say how the environment is made from the Python that runs this, with uv or (empty) without."""
    if uv:
        return [uv, "venv", "--allow-existing", "--python", sys.executable, str(VENV)]
    return [sys.executable, "-m", "venv", str(VENV)]


def install_command(uv, extras, wheels):
    # type: (str, tuple[str, ...], str) -> list[str]
    """Say how the project is installed; with uv, pip comes along for who adds a package from a notebook."""
    project = ["--editable", ".[{0}]".format(",".join(extras))]
    offline = ["--no-index", "--find-links", wheels] if wheels else []
    if uv:
        return [uv, "pip", "install", "--python", str(python_of(VENV))] + project + (offline or ["pip"])
    quiet = ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
    return [str(python_of(VENV)), "-m", "pip", "install"] + quiet + project + offline


def pip_version():
    # type: () -> tuple[int, int]
    """Ask the environment's pip for its version; 0.0 when there is none."""
    said = subprocess.run([str(python_of(VENV)), "-m", "pip", "--version"], capture_output=True, text=True)
    match = re.match(r"pip (\d+)\.(\d+)", said.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def certificate_settings(pip, bundle):
    # type: (tuple[int, int], Callable[[], str]) -> dict[str, str]
    """Say what makes pip trust what this computer trusts: nothing (24.2), a feature (23.3), or a file."""
    if pip >= (24, 2):
        return {}
    return {"PIP_USE_FEATURE": "truststore"} if pip >= (23, 3) else {"PIP_CERT": bundle()}


def system_bundle():
    # type: () -> str
    """Write the certificates that this computer trusts to a file, unless there is one; give its path."""
    texts = []  # type: list[str]
    if sys.platform == "win32":
        for store in ("ROOT", "CA"):
            found = ssl.enum_certificates(store)
            texts += [ssl.DER_cert_to_PEM_cert(der) for der, kind, _ in found if kind == "x509_asn"]
    elif sys.platform == "darwin":
        for name in ("/Library/Keychains/System", "/System/Library/Keychains/SystemRootCertificates"):
            command = ["/usr/bin/security", "find-certificate", "-a", "-p", name + ".keychain"]
            texts.append(subprocess.run(command, capture_output=True, text=True).stdout)
    else:
        usual = [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/cert.pem",
        ]
        files = [ssl.get_default_verify_paths().cafile or ""] + usual
        return next((name for name in files if Path(name).is_file()), "")
    path = VENV / "system-certificates.pem"
    path.write_text("\n".join(texts), encoding="ascii")
    return str(path)


class Line:
    """A line on the screen that counts the seconds while something runs."""

    def __init__(self, text):
        # type: (str) -> None
        self.began = time.monotonic()
        self.width = shutil.get_terminal_size().columns - 1 if sys.stdout.isatty() else 0
        self.show(text)

    def show(self, text):
        # type: (str) -> None
        """Write the line over itself, where somebody can see that."""
        if self.width:
            line = say("running", line=text, seconds=int(time.monotonic() - self.began))
            print("\r" + line[: self.width].ljust(self.width), end="", flush=True)

    def end(self, text):
        # type: (str) -> None
        """Write the line as it stays."""
        seconds = max(1, round(time.monotonic() - self.began))
        line = say("done", line=text.ljust(COLUMN), seconds=seconds)
        print(("\r" if self.width else "") + line.ljust(self.width), flush=True)

    def drop(self):
        # type: () -> None
        """Leave the line for what comes after it."""
        if self.width:
            print(flush=True)


def run_logged(command, settings, on_wait):
    # type: (list[str], dict[str, str], Callable[[str], None]) -> tuple[bool, str]
    """Run an installer with what it says going to the log; give whether it succeeded, and what it said."""
    environment = dict(os.environ, PIP_USER="0", UV_PYTHON_DOWNLOADS="never", **settings)
    with LOG.open("ab") as log:
        log.write("\n$ {0}\n".format(" ".join(command)).encode("utf-8", "replace"))
        log.flush()
        begin = log.tell()
        child = subprocess.Popen(
            command,
            cwd=str(ROOT),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while child.poll() is None:
                on_wait(log_from(begin))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=0.5)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
    return child.returncode == 0, log_from(begin)


def log_from(begin):
    # type: (int) -> str
    """Read the log from a byte on."""
    with LOG.open("rb") as log:
        log.seek(begin)
        return log.read().decode("utf-8", "replace")


def note(stamp):
    # type: (dict[str, Any]) -> None
    """Note in the environment what it is made from."""
    STAMP.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def make(uv, earlier):
    # type: (str, str) -> str
    """Make the environment from nothing; give what was said when that failed, else nothing.

    The note that it is unfinished goes in first, so that a start after an interrupted one knows; then what was
    said in an earlier attempt, so that the log has all of it.
    """
    line = Line(say("making"))
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(str(VENV))
    except OSError as error:
        line.drop()
        if not WINDOWS:
            raise
        raise Stop(say("in_use", about=error))
    VENV.mkdir()
    note({"unfinished": True})
    LOG.write_text(earlier, encoding="utf-8")
    works, said = run_logged(make_command(uv), {}, lambda log: line.show(say("making")))
    if not works:
        line.drop()
        return said
    line.end(say("making"))
    return ""


def install(uv, request):
    # type: (str, Request) -> str
    """Install the project into the environment; give what was said when that failed, else nothing."""
    line = Line(say("installing"))
    note({"unfinished": True})
    settings = {}  # type: dict[str, str]
    if request.system and uv:
        settings = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true"}  # its name since 2026, and before
    elif request.system:
        settings = certificate_settings(pip_version(), system_bundle)
    command = install_command(uv, EXTRAS[request.verb], request.wheels)
    works, said = run_logged(command, settings, lambda log: line.show(counted(log)))
    if not works:
        line.drop()
        return said
    line.end(counted(said))
    note(make_stamp(ROOT, inspect(python_of(VENV))["python"], EXTRAS[request.verb]))
    return ""


def counted(log):
    # type: (str) -> str
    """Say how many packages pip or uv is at, or has installed."""
    uv = re.search(r"^Installed (\d+) packages", log, re.MULTILINE)
    pip = re.search(r"^Successfully installed (.+)$", log, re.MULTILINE)
    if uv or pip:
        count = int(uv[1]) if uv else len(pip[1].split()) if pip else 0
        return say("installed", count=count) if count > 1 else say("installing")
    count = len(re.findall(r"^Collecting ", log, re.MULTILINE))
    return say("counting", count=count) if count else say("installing")


def prepare(request):
    # type: (Request) -> int | None
    """Make the environment what it should be, with as little work as that takes.

    Returns
    -------
    int or None
        None when the environment is ready; the exit status when another Python had to do all of it, and did.

    Raises
    ------
    Stop
        When it cannot be done, with words for a person.
    """
    found, stamp = inspect(python_of(VENV)), read_stamp(STAMP)
    plan = decide(found, stamp, make_stamp(ROOT, found.get("python", []), EXTRAS[request.verb]))
    uv, able = "", True
    if plan == "make":
        uv, able = working_uv(), bool(find_spec("ensurepip") and find_spec("venv"))
        if Path(sys.prefix).resolve() == VENV.resolve() or not (uv or able):
            folders = os.environ.get("PATH", "").split(os.pathsep)
            os.environ["PATH"] = os.pathsep.join(folder for folder in folders if Path(folder) != python_of(VENV).parent)
            base = [getattr(sys, "_base_executable", sys.executable)]
            return find_another([base] + commands_to_try(WINDOWS), (tuple(sys.version_info[:3]), able))
    print(say("title"), flush=True)
    if plan != "make":
        print(say("ready", line=say("made").ljust(COLUMN)))
    if plan == "ready":
        print(say("ready", line=say("packages").ljust(COLUMN)))
        return None
    said = ""
    for tool in ([uv] if uv else []) + ([""] if able else []):
        if said:
            print(say("not_with_uv"))
        said = (make(tool, said) if plan == "make" else "") or install(tool, request)
        if not said:
            return None
    if plan == "install":
        note(stamp)  # pip changes nothing when it fails, so the environment is what it was
    raise Stop(in_words(said, request) + "\n" + say("log", log=LOG))


@contextlib.contextmanager
def only_one(path):
    # type: (Path) -> Iterator[None]
    """Wait until no other start is at work in this folder, and keep others waiting meanwhile."""
    path.parent.mkdir(exist_ok=True)
    with path.open("ab") as held:
        if not lock(held):
            print(say("waiting"), flush=True)
            while not lock(held):
                time.sleep(0.5)
        yield


def lock(held):
    # type: (IO[bytes]) -> bool
    """Lock a file until it is closed, or tell that another program has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a disk that knows no locks
    return True


# What can be asked ------------------------------------------------------------------------------------------


def run_all(checks):
    # type: (list[Check]) -> int
    """Run modules of the environment one after the other; give the first exit status that is not 0."""
    statuses = {}  # type: dict[str, int]
    for name, arguments, settings in checks:
        command = [str(python_of(VENV)), "-m"] + list(arguments)
        statuses[name] = subprocess.call(command, cwd=str(ROOT), env=dict(os.environ, **settings))
    for name, status in statuses.items():
        print(say("failed", name=name, status=status) if status else say("passed", name=name))
    return next((status for status in statuses.values() if status), 0)


def do(request):
    # type: (Request) -> int
    """Do what was asked, in the environment that is ready for it."""
    print(say(request.verb), flush=True)
    if request.verb == "lint":
        return run_all(CHECKS)
    if request.verb in TOOLS:
        return run_all([(request.verb, (TOOLS[request.verb],) + tuple(request.rest), {})])
    if request.verb == "test":
        name, arguments, settings = SUITE
        notebooks = [NOTEBOOKS] if any(ROOT.glob("notebooks/**/*.ipynb")) else []
        return run_all([(name, arguments + tuple(request.rest), settings)] + notebooks)
    os.chdir(str(ROOT))
    return hand_over([str(python_of(VENV)), "-m", "mctoolkit", request.verb] + request.rest)


def main(arguments):
    # type: (list[str]) -> int
    """Do all of it.

    Returns
    -------
    int
        The exit status: that of the tests or of what was opened; 2 when a person has to put something right first;
        130 when it was stopped.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a path may have letters that the terminal has not
    forget_other_pythons()
    try:
        request = parse(arguments)
        if request.verb == "help":
            print(say("help"))
            return 0
        with only_one(ROOT / ".mctoolkit" / "start.lock"):
            status = prepare(request)
        return do(request) if status is None else status
    except KeyboardInterrupt:
        print(say("stopped"), file=sys.stderr)
        return 130
    except Stop as stop:
        print(stop, file=sys.stderr)
    except OSError as error:
        keys = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "no_permission")
        keys.update(dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "disk_full"))
        where = error.filename or VENV
        print(say(keys.get(error.errno or 0, "system"), about=error, folder=where), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
