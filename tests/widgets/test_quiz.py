"""Quiz questions: right and wrong choices."""

from __future__ import annotations

import pytest

from mctoolkit import UsageError
from mctoolkit.spec import loader
from mctoolkit.widgets import QuizQuestion

NAMES = sorted(loader.read("questions"))


@pytest.mark.parametrize("name", NAMES)
def test_each_question_has_one_right_choice(name: str) -> None:
    question = QuizQuestion(name)
    right = [choice for choice in question.choices if QuizQuestion(name).choose(choice).startswith("Right.")]
    assert len(right) == 1
    wrong = next(choice for choice in question.choices if choice not in right)
    first, second = question.choose(wrong), question.choose(wrong)
    assert first.startswith("Not this")
    assert right[0].lower() in second.lower()


def test_widget_shows_feedback() -> None:
    question = QuizQuestion("where-is-the-id")
    question._radio.value = "Location"
    assert "Right." in question._feedback.value
    assert repr(question).splitlines()[0] == "Which header has the session id?"


def test_unknown_question_suggests_nearest() -> None:
    with pytest.raises(UsageError, match="no question 'zork'"):
        QuizQuestion("zork")
    with pytest.raises(UsageError, match="Did you mean 'where-is-the-id'"):
        QuizQuestion("where-is-id")
