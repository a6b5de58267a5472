"""Hosts on Elasticsearch and OpenSearch."""

from collections.abc import Iterable, Mapping, Sequence

from elasticsearch import Elasticsearch

from connectors.codec import from_data, to_json
from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.reading import by_id
from connectors.elasticsearch.schema import single
from connectors.feed_ports import Hosts
from transforms.habits import Host


class ElasticHosts(Hosts):
    """See `connectors.feed_ports.Hosts`. The last writer wins: a host's requests all come from one worker."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client, self._index = client, single(prefix, "hosts")

    def get(self, origins: Iterable[str]) -> Mapping[str, Host]:
        found = by_id(self._client, self._index, dict.fromkeys(origins))
        return {origin: from_data(Host, row["_source"]) for origin, row in found.items()}

    def put(self, hosts: Sequence[Host]) -> None:
        latest = {host.origin: host for host in hosts}
        write(self._client, [Operation("index", self._index, one.origin, to_json(one)) for one in latest.values()])
