"""What every record keeps: frozen, and in UTC at the door."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest

from tests.factories import NOON, make_article, make_entry, make_feed, make_response
from transforms import habits, records
from transforms.records import Poll
from transforms.zones import require_utc


def make_poll(**overrides: Any) -> Poll:
    return Poll(**{"feed": make_feed(), "polled_at": NOON, "status": "ok", **overrides})


FACTORIES: dict[type, Callable[..., Any]] = {
    records.Feed: make_feed,
    records.Response: make_response,
    records.Entry: make_entry,
    records.Article: make_article,
    records.Poll: make_poll,
}
FACTORIES[habits.PollNote] = lambda **moments: habits.PollNote(**{"at": NOON, "outcome": "known", **moments})
FACTORIES[habits.Host] = lambda **moments: habits.Host(**{"origin": "https://wire.example", **moments})
FACTORIES[records.Visit] = lambda **moments: records.Visit(**{"entry": make_entry(), **moments})
MODULES = (records, habits)
ALL = [
    cls
    for module in MODULES
    for cls in vars(module).values()
    if dataclasses.is_dataclass(cls) and isinstance(cls, type) and cls.__module__ == module.__name__
]
MOMENTS = [
    (cls, name) for cls in ALL for name, hint in get_type_hints(cls).items() if hint in (datetime, datetime | None)
]


@pytest.mark.parametrize(("cls", "name"), MOMENTS, ids=lambda p: p if isinstance(p, str) else p.__name__)
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(datetime(2026, 11, 18, 12, 0), id="naive"),
        pytest.param(datetime(2026, 11, 18, 12, 0, tzinfo=timezone(timedelta(hours=2))), id="other zone"),
    ],
)
def test_every_moment_is_checked_at_the_door(cls: type, name: str, wrong: datetime) -> None:
    with pytest.raises(ValueError, match=f"{name} must be an aware UTC datetime"):
        FACTORIES[cls](**{name: wrong})


def test_there_are_moments_to_check() -> None:
    assert len(MOMENTS) == 19


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_records_are_frozen_slotted_and_take_keywords_only(cls: Any) -> None:
    assert cls.__dataclass_params__.frozen
    assert "__slots__" in vars(cls)
    assert all(f.kw_only for f in dataclasses.fields(cls))


def test_require_utc_names_the_field_and_accepts_none() -> None:
    require_utc(a=None, b=NOON)
    with pytest.raises(ValueError, match="seen_at must be"):
        require_utc(a=NOON, seen_at=datetime(2026, 1, 1))
