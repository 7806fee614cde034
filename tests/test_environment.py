"""environment.yml, for conda and Binder, and requirements.lock have what pyproject.toml declares."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
EXTRAS = ("lab", "test")
CONDA_NAMES = {
    "jupyter-server": "jupyter_server",
    "jupyterlab-server": "jupyterlab_server",
    "matplotlib": "matplotlib-base",  # matplotlib itself brings Qt, for windows that nothing here opens
    "playwright": "playwright-python",  # what conda-forge calls playwright is the one for Node.js
}
"""Packages that have another name on conda-forge than on PyPI; conda takes no other spelling."""

ONLY_ON_PYPI = {"axe-playwright-python", "schemathesis"}
"""Packages that conda-forge may not have; the last line of environment.yml brings them by pip."""

Bounds = dict[str, SpecifierSet]


def on_pypi() -> dict[str, Any]:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        project: dict[str, Any] = tomllib.load(file)["project"]
    return project


def on_conda() -> dict[str, Any]:
    environment: dict[str, Any] = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    return environment


def wanted(project: Mapping[str, Any]) -> Bounds:
    """Return what conda has to bring: all that is wanted on every system, by its name on conda-forge."""
    lines = [*project["dependencies"], *(line for extra in EXTRAS for line in project["optional-dependencies"][extra])]
    requirements = [Requirement(line) for line in lines]
    bounds = {
        CONDA_NAMES.get(name := canonicalize_name(each.name), name): each.specifier
        for each in requirements
        if each.marker is None and canonicalize_name(each.name) not in ONLY_ON_PYPI
    }
    return {"python": SpecifierSet(project["requires-python"]), "pip": SpecifierSet(), **bounds}


def brought(dependencies: Iterable[Any]) -> Bounds:
    """Return what conda brings; its names are kept as they are written."""
    lines = [Requirement(line) for line in dependencies if isinstance(line, str)]
    assert len({line.name for line in lines}) == len(lines), "a package is listed twice"
    return {line.name: line.specifier for line in lines}


def test_conda_brings_what_the_project_wants() -> None:
    assert brought(on_conda()["dependencies"]) == wanted(on_pypi())


def test_pip_brings_the_project_itself_and_what_only_some_systems_want() -> None:
    (pip,) = [entry["pip"] for entry in on_conda()["dependencies"] if isinstance(entry, dict)]
    assert pip == [f"--editable .[{','.join(EXTRAS)}]"]


def test_it_makes_the_environment_of_the_readme_from_conda_forge_alone() -> None:
    assert on_conda()["name"] == on_pypi()["name"]
    assert on_conda()["channels"] == ["conda-forge"]
    assert f"conda activate {on_conda()['name']}" in (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        {"dependencies": ["pandas>=2.2", "aiohttp>=3"]},
        {"dependencies": ["pandas>=2.3"]},
        {"dependencies": []},
        {"dependencies": ["pandas>=2.2; sys_platform == 'win32'"]},
        {"requires-python": ">=3.12"},
    ],
)
def test_the_comparison_sees_a_difference(change: dict[str, Any]) -> None:
    project = {
        "requires-python": ">=3.11",
        "dependencies": ["pandas>=2.2", "uvloop>=0.21; sys_platform != 'win32'"],
        "optional-dependencies": {"lab": ["Jupyterlab_Server>=2"], "test": []},
    }
    conda = brought(["python>=3.11", "pip", "pandas>=2.2", "jupyterlab_server>=2", {"pip": ["--editable ."]}])
    assert wanted(project) == conda
    assert wanted({**project, **change}) != conda


def locked() -> dict[str, list[Requirement]]:
    """Return what requirements.lock installs: for each name the versions, with the systems that they are for."""
    found: dict[str, list[Requirement]] = {}
    for line in (PROJECT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.removesuffix("\\"))
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def outdated(requirements: Iterable[str], lock: Mapping[str, list[Requirement]]) -> list[str]:
    """Return the requirements that the lock does not satisfy."""
    return [
        text
        for text, wanted in ((text, Requirement(text)) for text in requirements)
        for versions in [[pin.specifier for pin in lock.get(canonicalize_name(wanted.name), [])]]
        if not versions or not all(wanted.specifier.contains(next(iter(pin)).version) for pin in versions)
    ]


def test_the_lock_satisfies_what_the_project_declares() -> None:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    extras = project["project"]["optional-dependencies"]
    declared = [
        *project["project"]["dependencies"],
        *(line for extra in EXTRAS for line in extras[extra]),
        *project["dependency-groups"]["install"],
        *project["build-system"]["requires"],
    ]
    assert outdated(declared, locked()) == [], "run `make lock`"


def test_the_lock_has_hashes_and_no_address() -> None:
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]
    blocks = re.split(r"\n(?=\w)", text.partition("make lock\n")[2])
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("line", ["requests>=9", "aiohttp>=3", "numpy>=2.5"])
def test_an_outdated_lock_is_noticed(line: str) -> None:
    lock = {"requests": ["requests==2.34"], "numpy": ["numpy==2.4; python_version < '3.12'", "numpy==2.5"]}
    pins = {name: [Requirement(pin) for pin in lines] for name, lines in lock.items()}
    assert outdated([line], pins) == [line]
    assert outdated(["Requests>=2.32.2", "numpy>=2.4"], pins) == []
