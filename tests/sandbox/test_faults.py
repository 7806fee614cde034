"""A fault on request: once, for the next request, and then never again."""

from __future__ import annotations

import pytest

from mctoolkit import Client, MisuseError, Sandbox
from tests.validation.test_validate import GOOD


def test_the_next_request_gets_500_and_the_one_after_it_is_served() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        sandbox.answer_next(500)
        failed, served = client.start_session(GOOD), client.start_session(GOOD)
    assert (failed.status, failed.outcome, failed.session_id) == (500, "failed", None)
    assert served.status == 201


@pytest.mark.parametrize("status", [200, 201, 400, 503, 0])
def test_only_documented_faults_can_be_asked_for(status: int) -> None:
    with Sandbox() as sandbox, pytest.raises(MisuseError, match="It plays: 500"):
        sandbox.answer_next(status)
