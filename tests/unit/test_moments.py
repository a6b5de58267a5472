"""One moment out of a page's several claims. The cases named after outlets are from their real pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.moments import CLOCK_SKEW, Claim, Moment, settle

FETCHED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 20, 12, 0, tzinfo=UTC)


def settled(*claims: Claim, fetched_at: datetime = FETCHED, **more: Any) -> list[str]:
    """What is settled on, as "2026-11-18 10:00 jsonld"; a day alone has no time, an assumed zone a question mark."""
    return [
        f"{moment.at:%Y-%m-%d %H:%M}".removesuffix(" 00:00" if moment.precision == "day" else "x")
        + ("?" if moment.assumed else "")
        + f" {moment.source}"
        for moment in settle(claims, fetched_at=fetched_at, **more)
    ]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([("jsonld", "x"), ("meta", "")], [], id="nothing that is a date"),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00+01:00")],
            ["2026-11-18 09:00 jsonld"],
            id="one",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00+01:00"), ("meta", "2026-11-18T09:00:07Z")],
            ["2026-11-18 09:00 jsonld"],
            id="the same minute twice",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00Z"), ("meta", "2026-11-18T10:02:00Z")],
            ["2026-11-18 10:00 jsonld", "2026-11-18 10:02 meta"],
            id="the order of trust",
        ),
        pytest.param(
            [("jsonld", "2026-11-18"), ("meta", "2026-11-18T10:02:00Z")],
            ["2026-11-18 10:02 meta", "2026-11-18 jsonld"],
            id="to the minute before to the day",
        ),
        pytest.param(
            [("url", "2026-11-18"), ("visible", "18 November 2026")],
            ["2026-11-18 url"],
            id="the same day twice",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00"), ("meta", "2026-11-18T09:30:00Z")],
            ["2026-11-18 09:30 meta", "2026-11-18 10:00? jsonld"],
            id="a known zone before an assumed one",
        ),
    ],
)
def test_the_best_comes_first(claims: list[Claim], expected: list[str]) -> None:
    assert settled(*claims) == expected


@pytest.mark.parametrize(
    ("claims", "hints", "language", "domain", "expected"),
    [
        pytest.param(
            [("meta", "2026-11-18T10:00:59.403"), ("jsonld", "2026-11-18T10:00:59.403Z")],
            [],
            "en-US",
            "latimes.com",
            "2026-11-18 10:00 meta",
            id="the same clock face with a zone (latimes)",
        ),
        pytest.param(
            [("meta", "November 18, 2026 13:42"), ("jsonld", "2026-11-18 13:42:06+08:00")],
            [],
            "en",
            "autoindustriya.com",
            "2026-11-18 05:42 meta",
            id="the same clock face, one without seconds (autoindustriya)",
        ),
        pytest.param(
            [("meta", "2026-11-17 20:58:46"), ("jsonld", "2026-11-18T04:58:46Z")],
            [],
            "en-US",
            "techcrunch.com",
            "2026-11-18 04:58 meta",
            id="whole hours away from one in UTC (techcrunch)",
        ),
        pytest.param(
            [("visible", "Nov. 18, 2026 5:50 PM"), ("jsonld", "2026-11-19T01:50:59.403Z")],
            [],
            "en-US",
            "latimes.com",
            "2026-11-19 01:50 visible",
            id="whole hours away, the next day (latimes)",
        ),
        pytest.param(
            [("jsonld", "18.11.2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00+02:00")],
            "en",
            "wire.com",
            "2026-11-18 08:00 jsonld",
            id="another event shows the offset",
        ),
        pytest.param(
            [("visible", "18.11.2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00+03:00")],
            "el",
            "wire.gr",
            "2026-11-18 07:00 visible",
            id="the page before the country",
        ),
        pytest.param(
            [("visible", "20.10.2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00+01:00")],
            "de",
            "wire.de",
            "2026-10-20 08:00 visible",
            id="daylight saving has changed between",
        ),
        pytest.param(
            [("visible", "18.7.2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00+01:00")],
            "de",
            "wire.de",
            "2026-07-18 08:00? visible",
            id="an offset of another season",
        ),
        pytest.param(
            [("visible", "18 Jul 2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00+01:00")],
            "en",
            "wire.com",
            "2026-07-18 09:00? visible",
            id="an offset of another season is better than none",
        ),
        pytest.param(
            [("visible", "18.11.2026 10:00")],
            [("jsonld", "2026-11-18T11:31:00Z")],
            "de",
            "wire.de",
            "2026-11-18 09:00? visible",
            id="a program's UTC says nothing about the clock of the newsroom",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00")],
            [("jsonld", "2026-11-18T11:31:00Z")],
            "de",
            "wire.de",
            "2026-11-18 10:00 jsonld",
            id="but about the clock of the same program",
        ),
        pytest.param(
            [("visible", "18.11.2026 10:04")],
            [("jsonld", "2026-11-18T10:04:31Z")],
            "de",
            "wire.de",
            "2026-11-18 10:04 visible",
            id="the same minute in UTC",
        ),
        pytest.param(
            [("visible", "18.11.2026 10:00")], [], "de", "wire.de", "2026-11-18 09:00? visible", id="the country"
        ),
        pytest.param(
            [("visible", "18.7.2026 10:00")], [], "de", "wire.de", "2026-07-18 08:00? visible", id="its summer"
        ),
        pytest.param(
            [("visible", "18 Kasım 2026 10:00")], [], "tr", "wire.com", "2026-11-18 07:00? visible", id="the language"
        ),
        pytest.param(
            [("visible", "18 Nov 2026 10:00")], [], "en-IN", "wire.com", "2026-11-18 04:30? visible", id="the region"
        ),
        pytest.param(
            [("visible", "18 Nov 2026 10:00")], [], "en", "wire.com", "2026-11-18 10:00? visible", id="nobody: UTC"
        ),
        pytest.param(
            [("jsonld", "2026-11-18T10:00:00")], [], "en", "news.co.jp", "2026-11-18 01:00? jsonld", id="Japan"
        ),
        pytest.param(
            [("visible", "Nov 18, 2026, 10:28am EST")],
            [("time", "2026-11-18T15:40:18")],
            "en",
            "vox.com",
            "2026-11-18 15:28 visible",
            id="letters say it",
        ),
        pytest.param(
            [("time", "2026-11-18T15:28:18"), ("visible", "Nov 18, 2026, 10:28am EST")],
            [],
            "en",
            "vox.com",
            "2026-11-18 15:28 time",
            id="letters say it for the others, too (vox)",
        ),
    ],
)
def test_the_zone_of_a_clock_time(
    claims: list[Claim], hints: list[Claim], language: str, domain: str, expected: str
) -> None:
    assert settled(*claims, hints=hints, language=language, domain=domain)[0] == expected


@pytest.mark.parametrize(
    ("claims", "domain", "expected"),
    [
        pytest.param(
            [("jsonld", "2026-11-18T00:00:00+00:00"), ("visible", "18.11.2026, 10:00")],
            "wire.de",
            ["2026-11-18 09:00? visible", "2026-11-18 jsonld"],
            id="a midnight in UTC is a day",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T00:00:00Z"), ("meta", "2026-11-18T10:00:00Z")],
            "",
            ["2026-11-18 10:00 meta", "2026-11-18 jsonld"],
            id="the same, where the country is unknown",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T00:00:00Z"), ("meta", "2026-11-19T03:00:00Z")],
            "",
            ["2026-11-19 03:00 meta", "2026-11-18 jsonld"],
            id="still that day in America",
        ),
        pytest.param(
            [("jsonld", "2026-11-18"), ("meta", "2026-11-17T20:00:00Z")],
            "wire.jp",
            ["2026-11-17 20:00 meta", "2026-11-18 jsonld"],
            id="that day already in Japan",
        ),
        pytest.param(
            [("jsonld", "2026-11-18"), ("meta", "2026-11-19T20:00:00Z")],
            "wire.jp",
            ["2026-11-18 jsonld", "2026-11-19 20:00 meta"],
            id="another day in Japan",
        ),
        pytest.param(
            [("jsonld", "2026-11-18"), ("time", "2026-11-05T10:00:00Z")],
            "",
            ["2026-11-18 jsonld", "2026-11-05 10:00 time"],
            id="a moment of another story",
        ),
        pytest.param(
            [("jsonld", "2026-11-18 10:00"), ("time", "2026-11-05T10:07:00Z")],
            "wire.de",
            ["2026-11-18 09:00? jsonld", "2026-11-05 10:07 time"],
            id="a moment of another story, and a clock without a zone",
        ),
        pytest.param([("jsonld", "2026-11-18T00:00:00Z")], "", ["2026-11-18 jsonld"], id="a midnight in UTC alone"),
        pytest.param([("jsonld", "2026-11-18 00:00")], "wire.de", ["2026-11-18 jsonld"], id="a midnight without zone"),
        pytest.param(
            [("jsonld", "2026-11-18T00:00:00+01:00")],
            "wire.de",
            ["2026-11-17 23:00 jsonld"],
            id="a midnight alone that names its zone is a moment",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T00:00:00+01:00"), ("meta", "2026-11-18T10:00:00+01:00")],
            "wire.de",
            ["2026-11-18 09:00 meta", "2026-11-17 23:00 jsonld"],
            id="but a clock time is better",
        ),
        pytest.param(
            [("jsonld", "2026-11-17T23:00:00.000Z"), ("visible", "18.11.2026 10:00")],
            "wire.de",
            ["2026-11-18 09:00? visible", "2026-11-17 23:00 jsonld"],
            id="the outlet's midnight, told in UTC",
        ),
        pytest.param(
            [("jsonld", "2026-11-17T23:00:00.000Z")],
            "wire.de",
            ["2026-11-17 23:00 jsonld"],
            id="the outlet's midnight alone",
        ),
        pytest.param(
            [("jsonld", "2026-11-18T00:01:00+00:00"), ("visible", "18.11.2026 10:00")],
            "wire.co.uk",
            ["2026-11-18 00:01 jsonld", "2026-11-18 10:00? visible"],
            id="a minute past midnight is a time (express.co.uk)",
        ),
    ],
)
def test_midnight_is_mostly_a_day(claims: list[Claim], domain: str, expected: list[str]) -> None:
    assert settled(*claims, domain=domain) == expected


@pytest.mark.parametrize(
    ("claims", "domain", "expected"),
    [
        pytest.param(
            [("jsonld", "2026-11-20T12:05:00Z")], "", ["2026-11-20 12:05 jsonld"], id="clocks differ a little"
        ),
        pytest.param([("jsonld", "2026-11-20T12:06:00Z")], "", [], id="the future"),
        pytest.param([("jsonld", "2026-11-20T12:06:00-05:00")], "wire.de", [], id="the future, with an offset"),
        pytest.param([("jsonld", "2026-11-21")], "", [], id="tomorrow"),
        pytest.param([("jsonld", "2026-12-18T10:00:00")], "wire.de", [], id="next month, without a zone"),
        pytest.param(
            [("jsonld", "2026-11-20T12:45:00Z")], "wire.de", ["2026-11-20 11:45? jsonld"], id="local time with a Z"
        ),
        pytest.param(
            [("jsonld", "2026-11-20T12:45:00+00:00"), ("meta", "2026-11-20T12:45:00+01:00")],
            "wire.com",
            ["2026-11-20 11:45 jsonld"],
            id="local time with +00:00, and another claim knows better",
        ),
        pytest.param(
            [("jsonld", "2026-11-20T12:45:00Z"), ("meta", "2026-11-19T10:00:00Z")],
            "wire.com",
            ["2026-11-19 10:00 meta"],
            id="the next one counts",
        ),
        pytest.param(
            [("visible", "20.11.2026 11:45")], "wire.com.ar", ["2026-11-20 11:45? visible"], id="it must be UTC"
        ),
    ],
)
def test_nothing_is_later_than_the_fetch(claims: list[Claim], domain: str, expected: list[str]) -> None:
    assert settled(*claims, domain=domain) == expected


def test_a_zone_that_the_page_contradicts() -> None:
    """slashgear.com: its local time is behind the JSON-LD's offset, but the JSON-LD's clock face is in UTC."""
    claims: list[Claim] = [
        ("jsonld", "2026-11-18T04:31:13-06:00"),
        ("meta", "2026-11-18T04:31:13+00:00"),
        ("visible", "Nov 17, 2026, 10:31 pm CST"),
    ]
    assert settled(*claims, language="en-US", domain="slashgear.com") == [
        "2026-11-18 04:31 meta",
        "2026-11-18 10:31 jsonld",
    ]
    assert settled(*claims[:2])[0] == "2026-11-18 10:31 jsonld"


def test_local_time_that_says_it_is_utc() -> None:
    claims: list[Claim] = [("meta", "2026-11-18T11:00:04+00:00"), ("jsonld", "2026-11-18T10:00:04+00:00")]
    assert settled(*claims, domain="wire.pl") == ["2026-11-18 10:00 jsonld", "2026-11-18 11:00 meta"]
    assert settled(*claims, domain="wire.com") == ["2026-11-18 11:00 meta", "2026-11-18 10:00 jsonld"]
    assert settled(*claims, domain="wire.tr") == ["2026-11-18 11:00 meta", "2026-11-18 10:00 jsonld"]


def test_summer_by_the_letters() -> None:
    assert settled(("visible", "July 18, 2026 10:00 AM ET"), fetched_at=SUMMER) == ["2026-07-18 14:00 visible"]


def test_a_moment_is_in_utc() -> None:
    with pytest.raises(ValueError, match="at"):
        Moment(at=datetime(2026, 11, 18), precision="minute", source="meta")


CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["jsonld", "meta", "visible", "time"]),
        st.text(max_size=30)
        | st.datetimes(min_value=datetime(1994, 1, 1), max_value=datetime(2027, 12, 31)).flatmap(
            lambda at: st.sampled_from(
                [
                    f"{at:%Y-%m-%d}",
                    f"{at:%Y-%m-%dT%H:%M:%S}",
                    f"{at:%Y-%m-%dT%H:%M:%S}Z",
                    f"{at:%Y-%m-%dT00:00:00}Z",
                    f"{at:%Y-%m-%dT00:00}+05:30",
                    f"{at:%Y-%m-%dT%H:%M:%S}-08:00",
                    f"{at:%d.%m.%Y %H:%M}",
                    f"{at:%B %d, %Y %I:%M %p} ET",
                ]
            )
        ),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(CLAIMS, CLAIMS, st.sampled_from(["", "en-US", "de", "fa"]), st.sampled_from(["", "wire.com", "wire.jp"]))
def test_whatever_is_claimed(claims: list[Claim], hints: list[Claim], language: str, domain: str) -> None:
    moments = settle(claims, hints=hints, language=language, domain=domain, fetched_at=FETCHED)
    assert len(moments) <= len(claims)
    assert len({(m.at.replace(second=0), m.precision) for m in moments}) == len(moments)
    for moment in moments:
        assert moment.at.utcoffset() == timedelta(0)
        assert datetime(1994, 12, 31, tzinfo=UTC) <= moment.at <= FETCHED + CLOCK_SKEW
        assert moment.precision == "minute" or not moment.assumed
        assert moment.source in {source for source, _ in claims}
