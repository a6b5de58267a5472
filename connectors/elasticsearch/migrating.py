"""From the mappings of an earlier newswire to ours: a new index, everything copied, and the old name for it."""

import re
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from connectors.elasticsearch import schema
from connectors.elasticsearch.failures import told
from connectors.elasticsearch.mappings import MAPPING_VERSION
from transforms.errors import StoreFailed

#: How long a copy may take, as a task of the server's own.
_COPY_TIMEOUT_S = 3_600
#: What is deleted from one of these while it is copied would come back: closed at once, they are small.
DELETED_FROM = ("-feeds", "-hosts")
_VERSION = re.compile(r"\.v\d+$")
#: What version 2 has beside an article, made of what version 1 had: it knew one stance, and no casualties. Its articles
#: get their bands with their next revision: until then no reprint joins them, and five days later none would.
_MARKS = {
    "lang": "painless",
    "source": """
        def marks = new TreeSet();
        if (ctx._source.topics != null) {
            for (def topic : ctx._source.topics) {
                marks.add(topic.id);
                marks.add(topic.id + ':' + (topic.stance == null ? params.stance : topic.stance));
                for (def one : topic.evidence) { marks.add(topic.id + '/' + one.rule); }
            }
        }
        ctx._source.marks = new ArrayList(marks);
    """,
    "params": {"stance": "stated"},
}


def migrate(client: Elasticsearch, prefix: str) -> list[str]:
    """Bring every index of the store to the mappings of this newswire; what was done, in words.

    Each index is copied while it is written to, then closed to writing for the moment that the last changes and the
    change of names take. A run that wants to write at that moment stops with a word, as for any block on writing, and
    the next one goes on: nothing is lost. Whatever ends a migration, a second call goes on with it. Runs of the
    earlier newswire are to be ended before: what they write later is written as they know it. Needs the privileges of
    an administrator.

    Raises:
        ConfigError: a later newswire has been here.
        StoreFailed: documents do not fit the new mappings; the old index is as it was.
        Transient: the server does not answer.
    """
    done = schema.init(client, prefix)
    for index, version in schema.versions(client, prefix).items():
        if version < MAPPING_VERSION:
            script = _MARKS if index.startswith(f"{schema.articles(prefix)}-") and version < 2 else None
            done.append(_migrate(client, index, script))
    return done


def _migrate(client: Elasticsearch, old: str, script: dict[str, Any] | None) -> str:
    name = _VERSION.sub("", old)
    new = f"{name}.v{MAPPING_VERSION}"
    aliases = client.indices.get_alias(index=old)[old]["aliases"]
    if not client.indices.exists(index=new):
        client.indices.create(index=new)
    try:
        if not name.endswith(DELETED_FROM):
            _copy(client, old, new, script)
        client.indices.put_settings(index=old, settings={"index.blocks.write": True})
        _copy(client, old, new, script)
    except (ApiError, StoreFailed):
        client.indices.put_settings(index=old, settings={"index.blocks.write": None})
        client.indices.delete(index=new)
        raise
    client.indices.refresh(index=new)
    kept = [alias for alias in aliases if alias != name]
    actions: list[dict[str, Any]] = [{"add": {"index": new, "alias": alias}} for alias in (name, *kept)]
    client.indices.update_aliases(actions=[{"remove_index": {"index": old}}, *actions])  # all at once, or nothing
    return f"index {new}, in place of {old}"


def _copy(client: Elasticsearch, old: str, new: str, script: dict[str, Any] | None) -> None:
    """Copy what the new index does not have in the same version. Raises: StoreFailed."""
    client.indices.refresh(index=old)
    # An answer with failures has the status of the first of them.
    answer: Any = client.options(request_timeout=_COPY_TIMEOUT_S, ignore_status=400).reindex(
        source={"index": old},
        dest={"index": new, "version_type": "external"},
        script=script,
        conflicts="proceed",
        refresh=True,
    )
    if "failures" not in answer:
        raise StoreFailed(f"{old} cannot be copied: {told(answer.get('error'))[1]}")
    if failures := answer["failures"]:
        first = failures[0]
        raise StoreFailed(
            f"{len(failures)} documents of {old} do not fit the new mappings; {first['id']}: {first['cause']['reason']}"
        )
