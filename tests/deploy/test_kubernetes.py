"""The manifests, as Kustomize puts them together and as Kubernetes' own schemas have them."""

import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft7Validator

from pipelines.settings import load
from tests.deploy.common import DEPLOY, inside, tool

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl")
HERE = DEPLOY / "kubernetes"
VARIANTS = ("cronjob", "stream", "flink")
#: The oldest that is to do, and the newest that there are schemas for.
VERSIONS = ("1.29", kubernetes_validate.latest_version())
each_variant = pytest.mark.parametrize("variant", VARIANTS)


@functools.cache
def built(folder: Path) -> list[dict[str, Any]]:
    """What `kubectl apply -k` would send."""
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of_kind(variant: str, *kinds: str) -> list[dict[str, Any]]:
    return [one for one in built(HERE / variant) if one["kind"] in kinds]


def pods(variant: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the specification of every pod."""
    for one in built(HERE / variant):
        for found in inside(one):
            if "containers" in found:
                yield one["metadata"]["name"], found


def flink_errors(deployment: dict[str, Any]) -> list[str]:
    """What the operator's definition does not have: Kubernetes would drop it without a word."""

    def closed(schema: Any) -> Any:
        if isinstance(schema, list):
            return [closed(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if schema.get("x-kubernetes-int-or-string") is True:
            return {"type": ["integer", "string"]}
        return {key: closed(value) for key, value in schema.items()} | (
            {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
        )

    definition = yaml.load(tool("flinkdeployments-1.10.0.yml").read_bytes(), yaml.CSafeLoader)
    [version] = [one for one in definition["spec"]["versions"] if one["name"] == "v1beta1"]
    schema = closed(version["schema"]["openAPIV3Schema"]["properties"]["spec"])
    return [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(deployment["spec"])]


@each_variant
@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_of_kubernetes_own_schema(variant: str, version: str) -> None:
    objects = [one for one in built(HERE / variant) if one["kind"] != "FlinkDeployment"]
    assert len(objects) >= 6
    for one in objects:
        kubernetes_validate.validate(one, version, strict=True)


def test_the_templates_of_secrets_are_secrets() -> None:
    for one in yaml.safe_load_all((HERE / "secrets.example.yaml").read_text("utf-8")):
        kubernetes_validate.validate(one, VERSIONS[-1], strict=True)


def test_the_flink_deployment_is_of_the_operators_definition() -> None:
    [deployment] = of_kind("flink", "FlinkDeployment")
    assert deployment["apiVersion"] == "flink.apache.org/v1beta1"
    assert flink_errors(deployment) == []
    [container, _] = deployment["spec"]["taskManager"]["podTemplate"]["spec"]["containers"]
    container["volumeMount"] = []
    assert len(flink_errors(deployment)) == 1
    del container["volumeMount"]


@each_variant
def test_everything_is_in_one_namespace_and_every_name_leads_somewhere(variant: str) -> None:
    objects = built(HERE / variant)
    assert {one["metadata"].get("namespace") for one in objects if one["kind"] != "Namespace"} == {"newswire"}
    there = {(one["kind"], one["metadata"]["name"]) for one in objects}
    secrets = {
        one["metadata"]["name"]: one["stringData"].keys()
        for one in yaml.safe_load_all((HERE / "secrets.example.yaml").read_text("utf-8"))
    }
    for name, pod in pods(variant):
        for volume in pod["volumes"]:
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in there, name
            if "persistentVolumeClaim" in volume:
                assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in there, name
            if "secret" in volume:
                assert secrets[volume["secret"]["secretName"]] == {"api_key", "ca.crt"}
        mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}, name
        if "serviceAccountName" in pod:
            assert ("ServiceAccount", pod["serviceAccountName"]) in there, name


@each_variant
def test_pods_are_nobody_special_and_ask_for_what_they_need(variant: str) -> None:
    found = list(pods(variant))
    assert len(found) >= 2
    for name, pod in found:
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            security = container["securityContext"]
            assert (security["allowPrivilegeEscalation"], security["capabilities"]) == (False, {"drop": ["ALL"]}), name
            if container.get("image") == "newswire":
                assert security["readOnlyRootFilesystem"] is True, name
                assert {"requests", "limits"} <= container["resources"].keys(), name
                places = {mount["mountPath"] for mount in container["volumeMounts"]}
                assert {"/etc/newswire", "/run/secrets/newswire", "/var/lib/newswire", "/tmp"} <= places, name


@each_variant
def test_what_selects_pods_finds_them(variant: str) -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind(variant, "Deployment")]
    for one in of_kind(variant, "Deployment", "Service", "PodDisruptionBudget"):
        selector = one["spec"]["selector"]
        wanted = selector.get("matchLabels", selector)
        assert [found for found in labels if wanted.items() <= found.items()], one["metadata"]["name"]


@each_variant
def test_what_stays_is_asked_how_it_is_on_the_port_it_listens_on(variant: str) -> None:
    port = int(load(str(HERE / "base" / "newswire.toml")).metrics.listen.rpartition(":")[2])
    asked = []
    for name, pod in pods(variant):
        for container in pod["containers"]:
            ports = {one["name"]: one["containerPort"] for one in container.get("ports", [])}
            for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
                http = container.get(probe, {}).get("httpGet")
                if http:
                    asked.append((name, probe, http["path"]))
                    assert ports[http["port"]] == port
            assert ports.get("metrics", port) == port
    stays = {"cronjob": "newswire-deliver", "stream": "newswire-stream", "flink": "newswire-deliver"}[variant]
    paths = {"readinessProbe": "/healthz", "startupProbe": "/livez", "livenessProbe": "/livez"}
    assert sorted(asked) == sorted((stays, probe, path) for probe, path in paths.items())


def test_settings_that_change_are_another_config_map_everywhere(tmp_path: Path) -> None:
    """So that pods are replaced, those of the FlinkDeployment too; and an image is replaced everywhere."""
    shutil.copytree(HERE, tmp_path / "kubernetes")
    settings = tmp_path / "kubernetes" / "base" / "newswire.toml"
    settings.write_text(settings.read_text("utf-8") + "# changed\n", "utf-8")
    with (tmp_path / "kubernetes" / "flink" / "kustomization.yaml").open("a") as kustomization:
        kustomization.write("images: [{ name: newswire, newName: news.example/newswire, newTag: '1' }]\n")
    before, after = built(HERE / "flink"), built(tmp_path / "kubernetes" / "flink")

    def named(objects: list[dict[str, Any]]) -> set[str]:
        return {one["configMap"]["name"] for one in inside(objects) if "configMap" in one}

    assert (len(named(before)), len(named(after)), named(before) & named(after)) == (1, 1, set())
    images = [one["image"] for one in inside(after) if isinstance(one.get("image"), str)]
    assert "newswire" not in images
    assert images.count("news.example/newswire:1") == 4


def test_flink_and_beam_are_of_versions_that_belong_together() -> None:
    [deployment] = of_kind("flink", "FlinkDeployment")
    assert (deployment["spec"]["image"], deployment["spec"]["flinkVersion"]) == ("flink:1.19", "v1_19")
    settings = load(str(HERE / "base" / "newswire.toml"))
    host, port = settings.runner.job_endpoint.split(":")
    [service] = of_kind("flink", "Service")
    assert (service["metadata"]["name"], int(port)) == (host, service["spec"]["ports"][0]["port"])
    [server] = [one for one in of_kind("flink", "Deployment") if one["metadata"]["name"] == host]
    [container] = server["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("apache/beam_flink1.19_job_server:")
    assert f"--job-host={host}" in container["args"]
    assert f"--flink-master={deployment['metadata']['name']}-rest:8081" in container["args"]
    [submit] = [one for one in of_kind("flink", "Job") if one["metadata"]["name"] == "newswire-submit"]
    [container] = submit["spec"]["template"]["spec"]["containers"]
    assert container["command"][:2] == ["newswire-submit", f"{deployment['metadata']['name']}-rest:8081"]
    [policy] = [one for one in of_kind("flink", "NetworkPolicy") if one["metadata"]["name"] != "newswire"]
    assert policy["spec"]["podSelector"]["matchLabels"]["app"] == deployment["metadata"]["name"]


def test_no_run_begins_while_one_is_on() -> None:
    [job] = of_kind("cronjob", "CronJob")
    assert (job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("*/5 * * * *", "Forbid")
    limit = load(str(HERE / "base" / "newswire.toml")).run.time_limit
    assert job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] > limit.total_seconds() + 120


def test_a_stream_is_one() -> None:
    [deployment] = of_kind("stream", "Deployment")
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
