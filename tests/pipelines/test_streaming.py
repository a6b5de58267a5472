"""What a stream says of a store that it cannot work with."""

import logging

import pytest

from pipelines.stream import _told


def test_what_is_wrong_is_said_once_and_that_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    was = ""
    with caplog.at_level(logging.INFO, "newswire.stream"):
        for wrong in ("", "it is full", "it is full", "it is away", "", ""):
            was = _told(was, wrong)
            assert was == wrong
    assert [one.getMessage() for one in caplog.records] == [
        "it is full",
        "it is away",
        "it goes on: the store is there",
    ]
