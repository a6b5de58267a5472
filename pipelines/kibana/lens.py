"""Panels of a dashboard as Kibana's Lens keeps them, each on fields that the store's mapping has."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Panel = dict[str, Any]
Place = tuple[int, int, int, int]

#: What Kibana calls the types that it can group and sort by.
_KINDS = {
    "keyword": "string",
    "date": "date",
    "date_nanos": "date",
    "long": "number",
    "integer": "number",
    "double": "number",
    "boolean": "boolean",
}
#: Ids within Kibana are made from names, so that the same export is the same bytes.
_NAMESPACE = uuid.UUID("8c0f3e0a-6d6b-5d57-9a0e-3f0b7f4f5f11")
_RECORDS = "___records___"
_NO_QUERY = {"query": "", "language": "kuery"}


@dataclass(frozen=True, slots=True)
class View:
    """A data view: an index or an alias, and the fields of its mapping by dotted name."""

    id: str
    title: str
    #: Empty: what is in it has no place in time.
    time_field: str
    fields: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, name: str, title: str, time_field: str, properties: Mapping[str, Any]) -> "View":
        """Raises: TypeError, where the mapping has no such time field."""
        view = cls(name, title, time_field, dict(_flat(properties)))
        if time_field and view.kind(time_field) != "date":
            raise TypeError(f"{title}: {time_field} is no date")
        return view

    def kind(self, field: str) -> str:
        """What Kibana calls a field's type.

        Raises: TypeError, where there is no such field, or it cannot be grouped by.
        """
        mapped = self.fields.get(field)
        kind = _KINDS.get(str(mapped.get("type"))) if mapped is not None else None
        if mapped is None or kind is None or mapped.get("doc_values") is False:
            raise TypeError(f"{self.title} has no field {field} that Kibana can group by")
        return kind


def metric(view: View, title: str, place: Place, distinct: str = "") -> Panel:
    """A number: of documents, or of distinct values of a field."""
    column = _distinct(view, title, distinct) if distinct else _count(title)
    visualization = {
        "layerId": _layer(view, title),
        "layerType": "data",
        "metricAccessor": "value",
        "secondaryTrend": {"type": "none"},
    }
    return _lens(view, title, place, "lnsMetric", {"value": column}, visualization)


def over_time(view: View, title: str, place: Place, split: str) -> Panel:
    """Bars along time, stacked by the most frequent values of a field."""
    # The split comes first: within the time axis, each bar would have its own most frequent values.
    columns = {"split": _terms(view, split, 10), "time": _time(view), "count": _count("Articles")}
    return _lens(view, title, place, "lnsXY", columns, _xy(view, title, "bar_stacked", "time", "split"))


def ranking(view: View, title: str, place: Place, field: str) -> Panel:
    """Bars of the most frequent values of a field."""
    columns = {"value": _terms(view, field, 12), "count": _count("Articles")}
    return _lens(view, title, place, "lnsXY", columns, _xy(view, title, "bar_horizontal", "value", ""))


def heatmap(view: View, title: str, place: Place, field: str) -> Panel:
    """The most frequent values of a field against time: the warmer, the more documents."""
    columns = {"value": _terms(view, field, 20), "time": _time(view), "count": _count("Articles")}
    visualization = {
        "shape": "heatmap",
        "layerId": _layer(view, title),
        "layerType": "data",
        "xAccessor": "time",
        "yAccessor": "value",
        "valueAccessor": "count",
        "legend": {"isVisible": True, "position": "right", "type": "heatmap_legend"},
        "gridConfig": {
            "type": "heatmap_grid",
            "isCellLabelVisible": False,
            "isYAxisLabelVisible": True,
            "isXAxisLabelVisible": True,
            "isYAxisTitleVisible": False,
            "isXAxisTitleVisible": False,
        },
    }
    return _lens(view, title, place, "lnsHeatmap", columns, visualization)


def table(view: View, title: str, place: Place, field: str) -> Panel:
    """The most frequent values of a field, with how often and when last."""
    columns = {"value": _terms(view, field, 100), "count": _count("Articles"), "last": _latest(view)}
    visualization = {
        "layerId": _layer(view, title),
        "layerType": "data",
        "columns": [
            {"columnId": name, "isTransposed": False, "isMetric": not column["isBucketed"]}
            for name, column in columns.items()
        ],
    }
    return _lens(view, title, place, "lnsDatatable", columns, visualization)


def panel_id(view: View, name: str) -> str:
    """The id of something on a dashboard, the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, f"{view.id} {name}"))


def reference(name: str, kind: str, target: str) -> dict[str, str]:
    """A reference from one saved object to another."""
    return {"name": name, "type": kind, "id": target}


def _lens(
    view: View,
    title: str,
    place: Place,
    kind: str,
    columns: dict[str, dict[str, Any]],
    visualization: Mapping[str, Any],
) -> Panel:
    layer, index = _layer(view, title), panel_id(view, title)
    x, y, width, height = place
    attributes = {
        "title": title,
        "visualizationType": kind,
        "type": "lens",
        "references": [reference(f"indexpattern-datasource-layer-{layer}", "index-pattern", view.id)],
        "state": {
            "visualization": visualization,
            "query": _NO_QUERY,
            "filters": [],
            "datasourceStates": {
                "formBased": {
                    "layers": {
                        layer: {
                            "columns": columns,
                            "columnOrder": list(columns),
                            "incompleteColumns": {},
                            "sampling": 1,
                        }
                    }
                }
            },
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }
    return {
        "panelIndex": index,
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": index},
        "type": "lens",
        "title": title,
        "embeddableConfig": {"enhancements": {}, "attributes": attributes},
    }


def _xy(view: View, title: str, series: str, x: str, split: str) -> dict[str, Any]:
    layer = {
        "layerId": _layer(view, title),
        "layerType": "data",
        "seriesType": series,
        "xAccessor": x,
        "accessors": ["count"],
        "position": "top",
        "showGridlines": False,
    }
    return {
        "layers": [{**layer, "splitAccessor": split} if split else layer],
        "preferredSeriesType": series,
        "legend": {"isVisible": bool(split), "position": "right"},  # Lens needs the word even where there is none
        "valueLabels": "hide",
    }


def _layer(view: View, title: str) -> str:
    return panel_id(view, f"layer {title}")


def _count(label: str) -> dict[str, Any]:
    return {**_value(label, "count", "number"), "sourceField": _RECORDS}


def _distinct(view: View, label: str, field: str) -> dict[str, Any]:
    view.kind(field)
    return {**_value(label, "unique_count", "number"), "sourceField": field}


def _latest(view: View) -> dict[str, Any]:
    return {**_value("Latest", "max", view.kind(view.time_field)), "sourceField": view.time_field}


def _value(label: str, operation: str, kind: str) -> dict[str, Any]:
    return {
        "label": label,
        "customLabel": True,
        "dataType": kind,
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "params": {"emptyAsNull": False},
    }


def _time(view: View) -> dict[str, Any]:
    return {
        "label": view.time_field,
        "dataType": view.kind(view.time_field),
        "operationType": "date_histogram",
        "isBucketed": True,
        "scale": "interval",
        "sourceField": view.time_field,
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


def _terms(view: View, field: str, size: int) -> dict[str, Any]:
    """The values of a field, by the column `count`."""
    return {
        "label": f"Top {size} values of {field}",
        "dataType": view.kind(field),
        "operationType": "terms",
        "isBucketed": True,
        "scale": "ordinal",
        "sourceField": field,
        "params": {
            "size": size,
            "orderBy": {"type": "column", "columnId": "count"},
            "orderDirection": "desc",
            "otherBucket": True,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _flat(properties: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Fields and fields of fields by dotted name, but no objects."""
    for name, mapped in properties.items():
        if "properties" in mapped:
            yield from _flat(mapped["properties"], f"{path}{name}.")
        else:
            yield f"{path}{name}", mapped
            yield from ((f"{path}{name}.{inner}", field) for inner, field in mapped.get("fields", {}).items())
