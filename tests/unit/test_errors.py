"""The two families of errors: whole families are tested, so that a new error is tested the day it is written."""

import pickle
import re
from datetime import timedelta

import pytest

from transforms import errors


def family(cls: type[Exception]) -> list[type[Exception]]:
    return [cls, *(member for sub in cls.__subclasses__() for member in family(sub))]


@pytest.mark.parametrize("cls", family(errors.NewswireError))
def test_errors_survive_the_trip_between_workers(cls: type[errors.NewswireError]) -> None:
    sent = cls("https://a.example/s", "why")
    got = pickle.loads(pickle.dumps(sent))
    assert (type(got), str(got), vars(got)) == (type(sent), str(sent), vars(sent))
    assert str(got) == "https://a.example/s: why"


@pytest.mark.parametrize("cls", family(errors.Transient))
def test_a_servers_wish_survives_the_trip(cls: type[errors.Transient]) -> None:
    got = pickle.loads(pickle.dumps(cls("u", "429", timedelta(seconds=7))))
    assert (got.subject, got.reason, got.retry_after) == ("u", "429", timedelta(seconds=7))
    assert str(got) == "u: 429"
    assert got.args == ("u", "429", timedelta(seconds=7))


def test_query_and_config_errors_survive_the_trip() -> None:
    query = pickle.loads(pickle.dumps(errors.QueryError("a AND", "the query ends too early", 5)))
    assert (query.query, query.reason, query.position) == ("a AND", "the query ends too early", 5)
    assert str(pickle.loads(pickle.dumps(errors.ConfigError("line 1: wrong")))) == "line 1: wrong"


def test_every_error_is_drawn_in_the_family_tree() -> None:
    drawn = set(re.findall(r"── (\w+)", errors.__doc__ or ""))
    assert drawn == {cls.__name__ for cls in family(errors.NewswireError)[1:]}


def test_every_error_belongs_to_one_family() -> None:
    for cls in family(errors.NewswireError)[1:]:
        assert issubclass(cls, errors.Transient) != issubclass(cls, errors.Permanent), cls


@pytest.mark.parametrize("cls", [errors.ConfigError, errors.QueryError])
def test_errors_for_the_person_at_the_keyboard_are_not_caught_by_pipelines(cls: type[Exception]) -> None:
    assert not issubclass(cls, errors.NewswireError)


def test_a_query_error_points_at_its_place() -> None:
    assert str(errors.QueryError("idlib titel:x", "there is no field 'titel'", 6)) == (
        "there is no field 'titel' (at character 7)\n  idlib titel:x\n        ^"
    )
    assert str(errors.QueryError("", "the query is empty")) == "the query is empty: "
