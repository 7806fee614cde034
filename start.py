"""Set up ``.venv`` from ``requirements.lock``, then start a command: ``python3 start.py help`` lists them.

It needs Python 3.11 or newer, and nothing else. Python 3.6 can still parse this file, to look for a newer Python.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 11)


def newer_python() -> "list[str]":  # This needs Python 3.11 or newer. (Python 2 shows this line in its error message.)
    """Return a command that runs Python 3.11 or newer; empty if there is none."""
    versions = ("3.14", "3.13", "3.12", "3.11")
    candidates = [["py", f"-{version}"] for version in versions] if os.name == "nt" else []
    candidates += [[f"python{version}"] for version in versions] + [["python3"], ["python"]]
    for command in candidates:
        with contextlib.suppress(OSError):
            check = command + ["-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"]  # noqa: RUF005
            if subprocess.run(check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return command
    return []


def exec_command(command: "list[str]") -> int:
    """Replace this program with a command, which gets its terminal, signals and exit status."""
    if os.name == "posix":
        os.execvp(command[0], command)  # noqa: S606 - without a shell
    process = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the command receives Ctrl+C as well
            return process.wait()


if sys.version_info < OLDEST:
    os.environ["PYTHON_MANAGER_AUTOMATIC_INSTALL"] = "false"  # `py` only reports what is installed
    newer = newer_python()
    if newer:
        sys.exit(exec_command(newer + sys.argv))
    sys.exit(
        f"This needs Python 3.11 or newer; this is Python {sys.version.split()[0]}. Install a newer one (Windows: "
        "Microsoft Store, macOS: python.org, Linux: the package manager), then run this again."
    )

ROOT = Path(__file__).resolve().parent
PROJECT, LOCK = ROOT / "pyproject.toml", ROOT / "requirements.lock"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / ("python.exe" if os.name == "nt" else "python"))
STAMP = VENV / "installed-from.txt"

COMMANDS = {
    "lab": "run JupyterLab with the first notebook (the default); arguments: those of `mctoolkit lab`",
    "app": "serve the form as a web page; arguments: those of `mctoolkit app`",
    "test": "run the tests, then the notebooks as tests; arguments: those of pytest, which skip the notebooks",
    "lint": "check style and types",
    "notebooks": "run the notebooks and store their outputs; arguments: names of notebooks",
    "screenshots": "take the screenshots of the manual; arguments: names of screenshots",
    "bench": "run the benchmarks; arguments: names of benchmarks",
    "lock": "update requirements.lock from pyproject.toml with uv; --upgrade updates all versions",
    "help": "show this text",
}
TOOLS = {"notebooks": "tools.run_notebooks", "screenshots": "tools.screenshots", "bench": "benchmarks"}

# Programs in .venv with their arguments
TESTS = ("pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
NOTEBOOKS = ("pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "notebooks")
LINT = ("ruff check", "ruff format --check", "mypy", "lint-imports", "codespell", "python .ci/check_words.py")

MORE = "\ndocs/troubleshooting.md describes more cases."
FAILURES = (
    (
        r"ensurepip is not available|No module named '?(ensurepip|venv)\b",
        "This Python cannot create virtual environments: its module venv or ensurepip is missing.\n"
        "On Debian and Ubuntu run `sudo apt install python3-venv`, then run this again.",
    ),
    (
        r"No space left|Disk quota exceeded|WinError 112|os error (28|112|122)\b",
        "The disk is full. {folder} needs about 1 GB: free some space, then run this again.",
    ),
    (
        r"Permission denied|not permitted|Read-only|WinError (5|32)\b|os error (1|5|13|30|32)\b",
        "No permission to write in {folder}. Close the programs that use it (JupyterLab, editors, terminals) or move "
        "the project to a folder that you own, then run this again." + MORE,
    ),
    (
        r"Failed to fetch|certificate.verify.failed|Connect\w*Error|ProxyError|NameResolutionError|ReadTimeoutError",
        "Cannot download packages: the package index cannot be reached, or a proxy or its certificate prevents it.\n"
        "Check the network; in a company, ask the IT department for the value of HTTPS_PROXY. Then run this again."
        + MORE,
    ),
)


def explain(output: str) -> str:
    """Return the reason and the next step for the output of an installer or a system error."""
    for pattern, message in FAILURES:
        if re.search(pattern, output, re.IGNORECASE):
            return message.format(folder=VENV)
    lines = [line for line in output.splitlines() if line.strip()]
    return "The setup failed. The last lines of its output:\n    " + "\n    ".join(lines[-10:]) + MORE


def run_quietly(*command: str) -> None:
    """Run an installer, show its current line on a terminal, and raise CalledProcessError if it fails."""
    width = shutil.get_terminal_size().columns - 1 if sys.stdout.isatty() else 0
    output = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    ) as process:
        for line in process.stdout or ():
            output.append(line)
            print("\r" + line.strip()[:width].ljust(width) if width else "", end="", flush=True)
    print("\r" + " " * width + "\r" if width else "", end="", flush=True)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, "".join(output))


def output_of(*command: str) -> str:
    """Return the output of a program; empty if it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def create(with_uv: bool) -> None:
    """Create an empty .venv with the Python that runs this file, or with the base Python of its .venv."""
    base = getattr(sys, "_base_executable", sys.executable)
    print(f"Creating {VENV} with Python {sys.version_info[0]}.{sys.version_info[1]}", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    run_quietly(*(["uv", "venv", "--python", base] if with_uv else [base, "-m", "venv"]), str(VENV))


def set_up() -> None:
    """Install requirements.lock in .venv, unless it is already installed.

    A stamp in .venv records the folder, the Python version and the hash of the two installed files. It does not exist
    during an installation, so that the next run after an interruption starts over.
    """
    digest = hashlib.sha256(PROJECT.read_bytes() + LOCK.read_bytes()).hexdigest()
    probe = (PYTHON, "-I", "-c", f"import sys; assert sys.version_info >= {OLDEST}; print(sys.version)")
    found = f"{ROOT} {output_of(*probe)}"
    stamp = STAMP.read_text("utf-8") if STAMP.is_file() else ""
    if stamp == f"{found} {digest}":
        return
    with_uv = bool(output_of("uv", "--version"))
    if stamp.rpartition(" ")[0] != found:  # missing, interrupted, moved, or its Python is missing or another one
        create(with_uv)
    STAMP.unlink(missing_ok=True)
    print("Installing the packages of requirements.lock; the first time takes a few minutes", flush=True)
    pip = ["uv", "pip", "install", "--python", PYTHON] if with_uv else [PYTHON, "-m", "pip", "install"]
    run_quietly(*pip, "--no-deps", "--require-hashes", "-r", LOCK.name)
    run_quietly(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
    STAMP.write_text(f"{ROOT} {output_of(*probe)} {digest}", "utf-8")


@contextlib.contextmanager
def setup_lock() -> Iterator[None]:
    """Wait until no other process prepares this folder; the system releases the lock when a process ends."""
    path = ROOT / ".mctoolkit" / "start.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("ab") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with contextlib.suppress(PermissionError):  # raised after ten seconds
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            with contextlib.suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(*checks: "tuple[str, ...]") -> int:
    """Run programs in .venv one after the other; return 0 if all succeed, otherwise 1."""
    failed = []
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # the processes of pytest-xdist must collect the same tests
    for name, *arguments in checks:
        command = [shutil.which(name, path=str(BIN)) or name, *arguments]
        if subprocess.call(command, cwd=ROOT, env=environment) != 0:
            failed.append(" ".join([name, *arguments]))
    print("\n".join(f"FAILED: {check}" for check in failed) or "Passed", flush=True)
    return 1 if failed else 0


def lock(*arguments: str) -> int:
    """Update requirements.lock for every system and Python 3.11 or newer; keep versions where possible."""
    if not output_of("uv", "--version"):
        print("uv is not on PATH. Install it (https://docs.astral.sh/uv), then run this again.", file=sys.stderr)
        return 2
    command = "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate"
    contents = "--extra lab --extra test --group install --output-file requirements.lock pyproject.toml"
    header = ["--custom-compile-command", "make lock"]
    return subprocess.call([*command.split(), *header, *contents.split(), *arguments], cwd=ROOT)


def start(command: str, *arguments: str) -> int:
    """Run a command in the prepared .venv."""
    if command == "lint":
        return run(*(tuple(check.split()) for check in LINT))
    if command == "test" and arguments:
        print("Skipped: the notebooks, because of the arguments for pytest", flush=True)
        return run((*TESTS, *arguments))
    if command == "test":
        return run(TESTS, NOTEBOOKS)
    if command in TOOLS:
        return run(("python", "-m", TOOLS[command], *arguments))
    os.chdir(ROOT)
    return exec_command([PYTHON, "-m", "mctoolkit", command, *arguments])


def main(command: str = "lab", *arguments: str) -> int:
    """Run a command; return its exit status, or 2 if the environment cannot be set up."""
    if command in ("help", "-h", "--help"):
        print(*(f"{name:12} {text}" for name, text in COMMANDS.items()), sep="\n")
        return 0
    if command not in COMMANDS:
        print(f"Unknown command {command!r}. Use one of: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)  # set for another Python
    try:
        if command == "lock":
            return lock(*arguments)
        with setup_lock():
            set_up()
        return start(command, *arguments)
    except KeyboardInterrupt:
        print("\nStopped. Run it again to continue.", file=sys.stderr)
        return 130
    except (OSError, subprocess.CalledProcessError) as error:
        print(explain(getattr(error, "output", str(error))), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
