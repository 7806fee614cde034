"""The public face: what is promised is there, and importing it costs nothing that is not used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mctoolkit

HEAVY = ("pandas", "ipywidgets", "requests", "starlette", "uvicorn", "jsonschema_rs", "typer", "numpy")


@pytest.mark.parametrize("name", mctoolkit.__all__)
def test_each_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(mctoolkit, name)
    assert found.__name__.rpartition(".")[2] == name
    assert found.__doc__


def test_the_list_of_names_is_sorted_and_whole() -> None:
    assert sorted(mctoolkit.__all__, key=lambda name: (name[0].islower(), name)) == mctoolkit.__all__
    assert set(mctoolkit.__all__) == {*mctoolkit._MODULE_OF, *mctoolkit._SUBPACKAGES}


def test_a_second_use_finds_the_function_and_not_a_module() -> None:
    first = mctoolkit.validate
    assert mctoolkit.validate is first
    assert callable(first)


def test_an_unknown_name_says_so() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mctoolkit.nothing


def test_importing_the_package_imports_no_heavy_library() -> None:
    code = f"import sys, mctoolkit; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert mctoolkit.__version__ == version("mctoolkit")


def test_a_form_on_the_screen_does_not_wait_for_pandas() -> None:
    code = (
        "import sys; from mctoolkit import Sandbox, SessionForm\n"
        "with Sandbox() as sandbox: SessionForm(sandbox).send()\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
