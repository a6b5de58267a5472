"""What analysts open in Kibana: data views, saved searches and a dashboard, made from the store's own mappings.

The versions named are the oldest useful ones, since Kibana upgrades what it imports and never the other way (shared
SEARCH.md). Ids are derived from names: importing again replaces what was imported before.
"""

import json
from collections.abc import Sequence
from typing import Any

from connectors.elasticsearch import mappings, schema
from pipelines.kibana.lens import View, heatmap, metric, over_time, panel_id, ranking, reference, table
from transforms.topics import Topic

SavedObject = dict[str, Any]

_CORE_VERSION = "8.8.0"
_VERSIONS = {"index-pattern": "8.0.0", "search": "10.2.0", "dashboard": "10.2.0"}
_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
#: Who answers for a topic, and the words that carry it, beside the headline.
_EVIDENCE = ("topics.stance", "topics.evidence.text", "topics.evidence.rule", "topics.evidence.field")
#: How many, and who they are.
_CASUALTIES = ("killed", "injured", "casualties.who", "casualties.attribution")
_ALL = ""


def saved_objects(prefix: str, topics: Sequence[Topic]) -> list[SavedObject]:
    """The objects for a store's indices of this prefix, each before those that refer to it.

    Raises: TypeError, for a field that the mappings do not have, or that Kibana cannot group by.
    """
    articles = View.of(f"{prefix}-articles", schema.articles(prefix), "dated_at", mappings.article())
    ledger = View.of(f"{prefix}-ledger", schema.single(prefix, "ledger"), "updated_at", mappings.ledger())
    # No time field: a feed that nobody has polled for long must not drop out of sight for it.
    feeds = View.of(f"{prefix}-feeds", schema.single(prefix, "feeds"), "", mappings.feed())
    story = ["title", "source.name", "language", "status"]
    labels = {"topics.id": "Topic", "topics.stance": "Stance", "source.name": "Outlet", "dated_at": "Date"}
    labels |= {"killed": "Killed", "injured": "Injured", "casualties.who": "Casualties", "cluster_id": "Same text"}
    latest = _search(
        articles, "latest", "Latest articles", _ALL, [*story, "topics.id", "topics.stance"], breakdown="topics.id"
    )
    return [
        _data_view(articles, "articles", labels),
        _data_view(ledger, "ledger of URLs", {}),
        _data_view(feeds, "feeds", {}, hidden=("url", "headers", "polls", "days")),  # addresses may hold passwords
        latest,
        _search(
            articles,
            "casualties",
            "Casualties as reported",
            "killed : * or injured : *",
            [*story[:3], *_CASUALTIES],
            breakdown="casualties.who",
        ),
        *(
            _search(
                articles,
                f"topic-{topic.id}",
                f"Topic: {topic.label}, with evidence",
                f'topics.id : "{topic.id}"',
                [*story[:3], *_EVIDENCE],
                breakdown="source.name",
            )
            for topic in topics
        ),
        _search(
            articles,
            "changed",
            "Corrected, withdrawn and revised articles",
            "status : (corrected or withdrawn) or revision > 1",
            [*story, "revision", "edition_note"],
            breakdown="status",
        ),
        _search(
            ledger,
            "rejected",
            "Rejected: what did not get through",
            "state : rejected",
            ["url", "stage", "error", "reason", "attempts", "next_try_at", "appearances.feed_id"],
            breakdown="error",
        ),
        _search(
            feeds,
            "stale-feeds",
            "Stale feeds: failing, silent or gone",
            "not paused : true and"
            " (failures >= 5 or muted : true or last_polled_at < now-1d or not last_new_at > now-7d)",
            ["id", "name", "last_status", "last_error", "failures", "last_polled_at", "last_new_at", "next_poll_at"],
        ),
        _dashboard(prefix, articles, latest),
    ]


def as_ndjson(objects: Sequence[SavedObject]) -> str:
    """The objects as Kibana imports them: one a line."""
    return "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in objects)


def _data_view(view: View, what: str, labels: dict[str, str], hidden: Sequence[str] = ()) -> SavedObject:
    labelled = {name: {"customLabel": label} for name, label in labels.items() if view.kind(name)}
    addresses = {name: {"id": "url"} for name in ("url", "urls.canonical") if name in view.fields}
    attributes = {
        "name": f"newswire {what} ({view.title})",
        "title": view.title,
        "timeFieldName": view.time_field,
        "fieldAttrs": _packed(labelled),
        "fieldFormatMap": _packed(addresses),
        "sourceFilters": _packed([{"value": name} for name in hidden]),
    }
    return _object("index-pattern", view.id, {name: value for name, value in attributes.items() if value != ""}, [])


def _search(
    view: View, name: str, title: str, query: str, columns: Sequence[str], *, breakdown: str = ""
) -> SavedObject:
    """A saved search, newest first; `query` is KQL. `breakdown` colours the chart above it."""
    missing = [column for column in columns if column not in view.fields]
    if missing:
        raise TypeError(f"{view.title} has no {', '.join(missing)}")
    chart = {"breakdownField": breakdown} if breakdown and view.kind(breakdown) else {}
    order = view.time_field or "failures"
    view.kind(order)
    attributes = {
        "title": f"newswire: {title}",
        "description": "",
        "columns": list(columns),
        "sort": [[order, "desc"]],
        "grid": {},
        "hideChart": not view.time_field,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "rowHeight": 3,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _packed({"query": _kql(query), "filter": [], "indexRefName": _SOURCE})
        },
        **chart,
    }
    prefix = view.title.rpartition("-")[0]
    return _object("search", f"{prefix}-{name}", attributes, [reference(_SOURCE, "index-pattern", view.id)])


def _dashboard(prefix: str, view: View, latest: SavedObject) -> SavedObject:
    panels = [
        metric(view, "Articles", (0, 0, 8, 6)),
        metric(view, "Outlets", (0, 6, 8, 6), "source.name"),
        over_time(view, "Articles over time, by topic", (8, 0, 40, 12), "topics.id"),
        table(view, "Outlets: articles and the latest", (0, 12, 18, 14), "source.name"),
        ranking(view, "Languages", (18, 12, 10, 14), "language"),
        heatmap(view, "Topic heat", (28, 12, 20, 14), "topics.id"),
    ]
    references = [
        {**one, "name": f"{panel['panelIndex']}:{one['name']}"}
        for panel in panels
        for one in panel["embeddableConfig"]["attributes"]["references"]
    ]
    shown = panel_id(view, "Latest articles")
    panels.append(
        {
            "panelIndex": shown,
            "gridData": {"x": 0, "y": 26, "w": 48, "h": 20, "i": shown},
            "type": "search",
            "title": "Latest articles",
            # Kibana puts the panel's id before it, in the list of references only.
            "panelRefName": f"panel_{shown}",
            "embeddableConfig": {"enhancements": {}},
        }
    )
    references.append(reference(f"{shown}:panel_{shown}", "search", latest["id"]))
    controls = {
        panel_id(view, f"control {field}"): (field, title)
        for field, title in (
            ("topics.id", "Topic"),
            ("topics.stance", "Stance"),
            ("language", "Language"),
            ("source.name", "Outlet"),
        )
        if view.kind(field)
    }
    references += [
        reference(f"controlGroup_{control}:optionsListDataView", "index-pattern", view.id) for control in controls
    ]
    ours = {"useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": True, "hidePanelTitles": False}
    attributes = {
        "title": f"newswire: overview ({view.title})",
        "description": "Articles over time by topic, outlets, languages, topic heat, and the latest",
        "panelsJSON": _packed(panels),
        "optionsJSON": _packed(ours),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _packed({"query": _kql(_ALL), "filter": []})},
        "timeRestore": True,
        "timeFrom": "now-7d",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60_000},
        "version": 1,
        "controlGroupInput": _control_group(view, controls),
    }
    return _object("dashboard", f"{prefix}-overview", attributes, references)


def _control_group(view: View, controls: dict[str, tuple[str, str]]) -> dict[str, Any]:
    panels = {
        control: {
            "grow": True,
            "order": order,
            "width": "medium",
            "type": "optionsListControl",
            "explicitInput": {
                "id": control,
                "dataViewId": view.id,
                "fieldName": field,
                "title": title,
                "searchTechnique": "prefix",
                "selectedOptions": [],
                "sort": {"by": "_count", "direction": "desc"},
            },
        }
        for order, (control, (field, title)) in enumerate(controls.items())
    }
    ignored = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    return {
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": _packed(ignored),
        "panelsJSON": _packed(panels),
        "showApplySelections": False,
    }


def _object(kind: str, name: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> SavedObject:
    return {
        "id": name,
        "type": kind,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE_VERSION,
        "typeMigrationVersion": _VERSIONS[kind],
        "managed": False,
    }


def _kql(query: str) -> dict[str, str]:
    return {"query": query, "language": "kuery"}


def _packed(value: Any) -> str:
    """JSON within JSON, as Kibana keeps it; empty for nothing."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
