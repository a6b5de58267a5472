"""Who reaches the pods: Beam's worker pool and Flink run whatever they are sent, and ask nobody who he is."""

from typing import Any

import yaml

from tests.deploy.common import DEPLOY

#: For Prometheus, wherever it is; it tells nothing that is secret.
METRICS = 9464


def policies() -> list[dict[str, Any]]:
    """Every network policy of the manifests."""
    files = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
    objects = [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8")) if isinstance(one, dict)]
    return [one for one in objects if one.get("kind") == "NetworkPolicy"]


def test_every_pod_is_under_a_policy() -> None:
    assert any(one["spec"]["podSelector"] == {} and "Ingress" in one["spec"]["policyTypes"] for one in policies())


def test_pods_are_reached_from_their_own_namespace_alone() -> None:
    """But for what counts, and for Flink's operator, which is known by its label."""
    for policy in policies():
        for rule in policy["spec"]["ingress"]:
            ports = [port["port"] for port in rule.get("ports", ())]
            if not rule.get("from"):
                assert ports == [METRICS]
            for peer in rule.get("from", ()):
                if "namespaceSelector" in peer:
                    assert peer["podSelector"]["matchLabels"], "one pod of the cluster, not all of them"
                    assert ports == [8081]
                else:
                    assert set(peer) == {"podSelector"}
