"""What each page shows: asked of the store with what the commands ask it with, and nothing written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from connectors.alert_ports import Delivery, Lane
from connectors.opening import Store
from pipelines.alerts.report import asks, failing_lanes, looked_up, state
from pipelines.commands import alike, typed_search
from pipelines.evidence import marked_fields
from pipelines.feeds.report import HEAD, LEGEND, inspected, row, sentences, urgency
from pipelines.report import by_story
from pipelines.tracing import Traced, details, kept_as, standing
from transforms.errors import ConfigError, QueryError
from transforms.health import STATES
from transforms.revisions import Change, changes
from transforms.subscriptions import Subscription, described

#: What was asked: values by name, as they stand in the address.
Asked = Mapping[str, Sequence[str]]

#: Articles a page, and the last page: servers look no further than 10,000 articles.
ARTICLES, LAST_PAGE = 20, 500
#: Revisions whose changes are shown, the last ones (two long texts take a second to compare), and changes of one.
REVISIONS, CHANGES = 5, 40
#: Sentences for and against a topic, each, and figures.
PROOFS = 30
#: Feeds and subscriptions a page, deliveries on it, and copies of one text.
FEEDS, SUBSCRIPTIONS, DELIVERIES, COPIES = 500, 100, 20, 50
_ADDRESS = re.compile(r"\S*/\S*")
_FILTERS = ("topic", "source", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template is to show."""

    template: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK


def missing(what: str) -> Page:
    """That there is no such thing, in words."""
    return Page(template="message.html.j2", title="Not found", data={"words": what}, status=HTTPStatus.NOT_FOUND)


def search(store: Store, asked: Asked, topics: Mapping[str, str]) -> Page:
    """The search form, and what was found; without a question the newest articles. `topics`: labels by id, to choose
    from."""
    form: dict[str, Any] = {name: _one(asked, name) for name in ("q", "since", "until")}
    form |= {name: [one.strip() for one in asked.get(name, ()) if one.strip()] for name in _FILTERS}
    form["sort"] = "relevance" if _one(asked, "sort") == "relevance" else "newest"
    data: dict[str, Any] = {"form": form, "topics": topics, "error": "", "stories": (), "found": None, "page": 1}
    try:
        data["page"] = page = _page(asked)
        typed = typed_search(
            form["q"],
            topics=form["topic"],
            sources=form["source"],
            languages=form["language"],
            since=form["since"],
            until=form["until"],
        )
        order = cast(Literal["newest", "relevance"], form["sort"])
        found = store.articles.search(replace(typed, order=order, limit=ARTICLES, offset=(page - 1) * ARTICLES))
    except (QueryError, ConfigError) as e:
        said = str(e).removeprefix("--")
        if not isinstance(e, QueryError) and not said.startswith(("language:", "since:", "until:", "page:")):
            raise  # of the store's own
        return Page(
            template="search.html.j2", title="Search", data=data | {"error": said}, status=HTTPStatus.BAD_REQUEST
        )
    last = min(LAST_PAGE, -(-found.total // ARTICLES))
    data |= {"found": found, "stories": by_story(found), "last": last, "first": (page - 1) * ARTICLES + 1}
    return Page(template="search.html.j2", title=form["q"] or "Search", data=data)


def like(store: Store, document: str) -> Page:
    """Articles like one."""
    found = alike(document, store, ARTICLES)
    if found is None:
        return missing(f"There is no article {document}.")
    data = {"stories": by_story(found), "article": store.articles.get([document]).get(document)}
    return Page(template="like.html.j2", title="Articles like this one", data=data)


def trace(store: Store, asked: str) -> Page:
    """Everything known of an address or document id; the form to ask for one, where none is given."""
    if not asked.strip():
        return Page(template="trace.html.j2", title="Trace", data={"traced": None})
    traced = Traced.of(asked.strip(), store)
    if traced is None:
        return missing(f"Nothing is known of {asked.strip()}: no feed has announced it to this store.")
    article = traced.article
    data: dict[str, Any] = {"traced": traced, "article": article, "standing": standing(traced.row)}
    if article is not None:
        data |= {
            "kept_as": kept_as(article),
            "details": details(article),
            "marked": marked_fields(article),
            "revisions": _revisions(traced),
            "copies": traced.reprints[:COPIES],
            "receiver": receiver,
            "proofs": PROOFS,
        }
    return Page(template="trace.html.j2", title=article.title if article else traced.row.url, data=data)


def _revisions(traced: Traced) -> list[tuple[Any, list[Change], int]]:
    """Revisions, the last first, each with what it changed, as far as is shown, and how many changes more there are."""
    pairs = list(zip((None, *traced.revisions), traced.revisions, strict=False))
    compared = {after.revision: changes(before, after) for before, after in pairs[-REVISIONS:] if before is not None}
    return [
        (after, (all_of_it := compared.get(after.revision, []))[:CHANGES], max(0, len(all_of_it) - CHANGES))
        for _, after in reversed(pairs)
    ]


def feeds(store: Store, now: datetime) -> Page:
    """How the feeds are doing, those in trouble first, with what to do about them."""
    listed = sorted(inspected(store, now), key=urgency)
    counts = {name: sum(health.state == name for *_, health in listed) for name in STATES}
    data = {
        "head": HEAD,
        "rows": [(row(one, now), one[2], sentences(one[2])) for one in listed[:FEEDS]],
        "counts": {name: count for name, count in counts.items() if count},
        "states": STATES,
        "legend": LEGEND,
        "more": max(0, len(listed) - FEEDS),
    }
    return Page(template="feeds.html.j2", title="Feeds", data=data)


def alerts(store: Store, asked: Asked, now: datetime) -> Page:
    """Subscriptions, those whose receivers fail first; what was given up, and what was told last."""
    try:
        page = _page(asked)
    except ConfigError as e:
        return missing(str(e))
    failing = failing_lanes(store)
    troubled = list(store.subscriptions.get(failing).values()) if page == 1 else []
    others = (one for one in store.subscriptions.all() if one.id not in failing)
    shown = list(islice(others, (page - 1) * SUBSCRIPTIONS, page * SUBSCRIPTIONS + 1))
    rows = [
        (one, asks(one), described(one), [receiver(each) for each in one.channels], _state(one, failing, now))
        for one in (*troubled, *shown[:SUBSCRIPTIONS])
    ]
    data = {
        "rows": rows,
        "page": page,
        "more": len(shown) > SUBSCRIPTIONS,
        "dead": [_delivery(one) for one in store.outbox.deliveries(state="dead", limit=DELIVERIES)],
        "last": [_delivery(one) for one in store.outbox.deliveries(limit=DELIVERIES)],
    }
    return Page(template="alerts.html.j2", title="Alerts", data=data)


def subscription(store: Store, name: str, now: datetime) -> Page:
    """One subscription, with what happens in its channels and what it was told last."""
    known = looked_up(store, name)
    if known is None:
        return missing(f"There is no subscription {name}.")
    one = known.subscription
    data = {
        "one": one,
        "asks": asks(one),
        "tells": described(one),
        "state": _state(one, {name: [lane for lane in known.lanes if lane.failing_since]}, now),
        "lanes": [
            (receiver(address), lane, _masked(lane.error, address) if lane else "")
            for address, lane in known.by_channel.items()
        ],
        "waiting": [_delivery(each) for each in known.waiting],
        "last": known.last,
    }
    return Page(template="subscription.html.j2", title=one.title, data=data)


def receiver(channel: str) -> str:
    """A channel's address, of a webhook its host alone: who knows the rest may post there."""
    parts = urlsplit(channel)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…" if parts.scheme in ("http", "https") else channel


def _state(one: Subscription, failing: Mapping[str, Sequence[Lane]], now: datetime) -> str:
    lanes = failing.get(one.id, ())
    return state(one, [replace(lane, error=_masked(lane.error, lane.channel)) for lane in lanes], now)


def _delivery(one: Delivery) -> tuple[Delivery, str, str]:
    """A delivery with its receiver and the last of its log, as they may be shown."""
    last = one.history[-1].what if one.history else ""
    return one, receiver(one.channel), _masked(last, one.channel)


def _masked(text: str, channel: str) -> str:
    """A receiver's words without addresses, whole or cut: it may say at which it was asked."""
    return text if receiver(channel) == channel else _ADDRESS.sub("…", text)


def _one(asked: Asked, name: str) -> str:
    values = asked.get(name, ())
    return values[0].strip() if values else ""


def _page(asked: Asked) -> int:
    text = _one(asked, "page") or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LAST_PAGE):
        raise ConfigError(f"page: a number up to {LAST_PAGE}, got {text[:20]!r}")
    return int(text)
