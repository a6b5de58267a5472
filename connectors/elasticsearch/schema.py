"""The store's indices: their names, their templates, and making them.

Articles are in an index a language and month of first appearance, all behind one alias: a language has its own analysis
and equal field names, and a revision always finds the index of the one before. No rollover and no data stream: the same
id would be there twice. Everything else is one index a kind. After a migration an index's name here is an alias of its
successor, so that writers need not know (DESIGN.md; docs/decisions.md).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch

from connectors.elasticsearch import mappings
from connectors.elasticsearch.analyzers import analysis
from connectors.elasticsearch.mappings import MAPPING_VERSION
from transforms.analysis import BIGRAMS, SNOWBALL
from transforms.errors import ConfigError
from transforms.records import Article

#: What a language without an analysis of its own is analysed as.
OTHER = "und"
#: Over the templates that come with a server, and over those for any language.
PRIORITY, LANGUAGE_PRIORITY = 300, 301
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
#: The indices beside the articles, by the end of their names.
_SINGLE = {
    "places": mappings.place,
    "revisions": mappings.revision,
    "ledger": mappings.ledger,
    "items": mappings.item,
    "feeds": mappings.feed,
    "hosts": mappings.host,
    "subscriptions": mappings.subscription,
    "outbox": mappings.alert,
    "lanes": mappings.lane,
}
#: Those that are read by id, a thousand documents at a time: with the faster codec it takes a quarter of the time.
_READ_BY_ID = frozenset(_SINGLE) - {"revisions", "outbox"}
_BY_ID = {"codec": "default"}
#: Old months are merged into one segment, and recovered after new ones. Nothing is made read-only or deleted: an
#: article may be corrected after years.
_LIFECYCLE = {
    "phases": {
        "hot": {"actions": {"set_priority": {"priority": 100}}},
        "warm": {
            "min_age": "40d",
            "actions": {"forcemerge": {"max_num_segments": 1}, "set_priority": {"priority": 50}},
        },
    }
}


def articles(prefix: str) -> str:
    """The alias of all article indices."""
    return f"{prefix}-articles"


def article_index(prefix: str, article: Article) -> str:
    """The index an article belongs to, such as `newswire-articles-en-2026.11`."""
    language = article.language if _LANGUAGE.fullmatch(article.language) else OTHER
    return f"{articles(prefix)}-{language}-{article.first_seen_at:%Y.%m}"


def single(prefix: str, kind: str) -> str:
    """The index of a kind: places, revisions, ledger, items, feeds, hosts, subscriptions, outbox, lanes.

    Raises: KeyError for any other.
    """
    _SINGLE[kind]
    return f"{prefix}-{kind}"


def settings_template(prefix: str) -> dict[str, Any]:
    """The component template `<prefix>-settings`: what an operator may want otherwise for all indices."""
    # One copy, where there is a second node for it; searches may be five seconds behind, for the sake of bulk writing.
    index = {"codec": "best_compression", "auto_expand_replicas": "0-1", "refresh_interval": "5s"}
    return _versioned({"template": {"settings": {"index": index}}})


def index_templates(prefix: str, *, lifecycle: bool) -> dict[str, dict[str, Any]]:
    """Index templates by name: one a language, one for all other languages, one for each other index."""
    found: dict[str, dict[str, Any]] = {}
    managed = {"lifecycle": {"name": _policy(prefix)}} if lifecycle else {}
    for language in (OTHER, *sorted(SNOWBALL | dict.fromkeys(BIGRAMS))):
        anything = language == OTHER
        found[f"{articles(prefix)}-{language}"] = {
            "index_patterns": [f"{articles(prefix)}-*" if anything else f"{articles(prefix)}-{language}-*"],
            "priority": PRIORITY if anything else LANGUAGE_PRIORITY,
            "template": {
                "settings": {"index": {"analysis": analysis(language), **managed}},
                "mappings": _mapping(mappings.article()),
                "aliases": {articles(prefix): {}},
            },
        }
    for kind, fields in _SINGLE.items():
        name = single(prefix, kind)
        found[name] = {
            "index_patterns": [name, f"{name}.v*"],
            "priority": PRIORITY,
            "template": {"settings": {"index": _BY_ID if kind in _READ_BY_ID else {}}, "mappings": _mapping(fields())},
        }
    return {name: _versioned({**template, "composed_of": [f"{prefix}-settings"]}) for name, template in found.items()}


def init(client: Elasticsearch, prefix: str) -> list[str]:
    """Make or renew what the store needs on a server; what was done, in words. Existing indices keep their mappings.

    A second call does nothing. Needs the privileges of an administrator (docs/operator.md).

    Raises:
        ConfigError: the prefix cannot be one, or a later newswire has been here.
        Transient, StoreFailed: the server cannot do it now.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ConfigError(f"{prefix!r} cannot begin the names of indices: small letters, digits, - and _ only")
    _refuse_later(versions(client, prefix))
    lifecycle = _has_lifecycles(client)
    if lifecycle:
        client.ilm.put_lifecycle(name=_policy(prefix), policy=_LIFECYCLE)
    done: list[str] = []
    maybe_none = client.options(ignore_status=404)
    component = settings_template(prefix)
    there = maybe_none.cluster.get_component_template(name=f"{prefix}-settings").body.get("component_templates", [])
    if not any(one["component_template"].get("_meta") == component["meta"] for one in there):
        client.cluster.put_component_template(name=f"{prefix}-settings", **component)
        done.append(f"component template {prefix}-settings")
    there = maybe_none.indices.get_index_template(name=f"{prefix}-*").body.get("index_templates", [])
    digests = {one["name"]: one["index_template"].get("_meta") for one in there}
    for name, template in index_templates(prefix, lifecycle=lifecycle).items():
        if digests.get(name) != template["meta"]:
            client.indices.put_index_template(name=name, **template)
            done.append(f"index template {name}")
    return done + [f"index {name}" for name in (single(prefix, kind) for kind in _SINGLE) if _created(client, name)]


def versions(client: Elasticsearch, prefix: str) -> dict[str, int]:
    """The mapping version of each index, by the index's own name; 0 of one without. Empty before `init`."""
    names = [f"{articles(prefix)}-*", *(f"{single(prefix, kind)}{end}" for kind in _SINGLE for end in ("", ".v*"))]
    found = client.indices.get_mapping(index=names, ignore_unavailable=True, allow_no_indices=True).body
    return {
        name: int(index["mappings"].get("_meta", {}).get("mapping_version", 0)) for name, index in sorted(found.items())
    }


def require_ready(client: Elasticsearch, prefix: str) -> None:
    """That everything is as this newswire writes it: without its templates, a server would guess mappings.

    Raises: ConfigError, with the command that mends it.
    """
    found = versions(client, prefix)
    _refuse_later(found)
    missing = [name for name in (single(prefix, kind) for kind in _SINGLE) if not _there(name, found)]
    if missing:
        raise ConfigError(f"the store has no {', '.join(missing)}: run `newswire store init`")
    earlier = [name for name, version in found.items() if version < MAPPING_VERSION]
    if earlier:
        raise ConfigError(
            f"the store has mappings of an earlier newswire ({', '.join(earlier[:3])}): run `newswire store migrate`"
        )


def _there(name: str, found: Mapping[str, int]) -> bool:
    return any(one == name or one.startswith(f"{name}.v") for one in found)


def _refuse_later(found: Mapping[str, int]) -> None:
    later = [name for name, version in found.items() if version > MAPPING_VERSION]
    if later:
        raise ConfigError(f"a later newswire has made {', '.join(later[:3])}; update newswire, or use another prefix")


def _policy(prefix: str) -> str:
    return f"{prefix}-archive"


def _mapping(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"dynamic": "strict", "_meta": {"mapping_version": MAPPING_VERSION}, "properties": properties}


def _versioned(template: Mapping[str, Any]) -> dict[str, Any]:
    """With the version it is of, and a digest by which `init` sees whether it is there as it should be."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:16]
    return {**template, "version": MAPPING_VERSION, "meta": {"newswire": digest}}


def _has_lifecycles(client: Elasticsearch) -> bool:
    """Whether the server manages lifecycles: not every build of Elasticsearch does, and OpenSearch in another way."""
    try:
        client.ilm.get_status()
    except ApiError:
        return False
    return True


def _created(client: Elasticsearch, name: str) -> bool:
    """Whether the index was made now; False where it, or its successor's alias, was there."""
    if client.indices.exists(index=name):
        return False
    try:
        client.indices.create(index=name)
    except BadRequestError as e:  # somebody else was faster
        if e.error != "resource_already_exists_exception":
            raise
        return False
    return True
