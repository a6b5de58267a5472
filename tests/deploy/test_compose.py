"""The compose file: what Docker's own compose makes of it, and what it promises; the schedule and the roles in it."""

import functools
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.elasticsearch.client import ElasticsearchSpec
from pipelines.settings import load
from tests.deploy.common import COMPOSE, DEPLOY, ROOT, SERVICES, tool

#: What is started by each profile, beside what always is.
ALWAYS = {"elasticsearch", "roles", "store", "kibana", "dashboards"}
PROFILES = {
    "schedule": {"newswire"},
    "stream": {"stream", "deliver"},
    "flink": {"flink-files", "jobmanager", "taskmanager", "jobserver", "workers", "submit", "deliver"},
    "metrics": {"prometheus", "grafana"},
}
each_service = pytest.mark.parametrize("name", SERVICES)


@functools.cache
def composed(*options: str) -> Any:
    """What `docker compose config` makes of it: the engine's view, or an error."""
    done = subprocess.run(
        [tool("docker-compose-2.40.3"), "-f", DEPLOY / "compose.yaml", *options],
        capture_output=True, text=True, check=False, timeout=60, env={"PATH": os.environ["PATH"], "HOME": "/nowhere"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "level=warning" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def secrets_of(service: dict[str, Any]) -> dict[str, str]:
    """The name of each file in /run/secrets, with the secret it is."""
    listed = [one if isinstance(one, dict) else {"source": one, "target": one} for one in service.get("secrets", [])]
    return {one["target"]: one["source"] for one in listed}


# the compose file


@pytest.mark.parametrize("profile", PROFILES)
def test_docker_compose_takes_it_and_starts_what_the_profile_says(profile: str) -> None:
    assert composed("--profile", profile, "config", "--format=json")["services"].keys() == ALWAYS | PROFILES[profile]


def test_without_a_profile_it_is_the_schedule() -> None:
    """By deploy/.env, which also says what else can be chosen, with the defaults of the compose file."""
    assert composed("config", "--format=json")["services"].keys() == ALWAYS | PROFILES["schedule"]
    told = dict(
        line.split("=") for line in (DEPLOY / ".env").read_text("utf-8").splitlines() if not line.startswith("#")
    )
    defaults = re.findall(r"\$\{([A-Z_]+):-([^}]+)\}", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert told == {**dict(defaults), "COMPOSE_PROFILES": "schedule"}


@each_service
def test_a_service_is_waited_for_rightly(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] in ("unless-stopped", "on-failure")
    profiles = set(service.get("profiles", PROFILES))
    for other, how in service.get("depends_on", {}).items():
        assert profiles <= set(SERVICES[other].get("profiles", PROFILES)), other
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
        if how["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "on-failure"


@each_service
def test_what_a_service_names_is_declared_and_every_mounted_file_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(secrets_of(service).values()) <= COMPOSE["secrets"].keys()
    assert {one["source"] for one in service.get("configs", [])} <= COMPOSE["configs"].keys()
    if name == "workers":
        assert service["network_mode"] == "service:taskmanager"
    else:
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
    for volume in service.get("volumes", []):
        source, target, *mode = volume.split(":")
        assert target.startswith("/")
        if source.startswith("."):
            assert (DEPLOY / source).exists(), source
            assert (DEPLOY / source).is_file() or source == "./elasticsearch"
            assert mode == ["ro"]
        else:
            assert source in COMPOSE["volumes"]


def test_nothing_is_declared_in_vain() -> None:
    used = {one for service in SERVICES.values() for one in secrets_of(service).values()}
    assert used == COMPOSE["secrets"].keys()
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert COMPOSE["volumes"].keys() <= mounted
    assert {one for service in SERVICES.values() for one in service.get("networks", [])} == COMPOSE["networks"].keys()


def test_only_what_people_look_at_is_reached_from_outside_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {
        "kibana": ["127.0.0.1:5601:5601"],
        "jobmanager": ["127.0.0.1:8081:8081"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["elasticsearch"]["networks"] == ["inside"]
    assert SERVICES["elasticsearch"]["environment"]["xpack.security.enabled"] == "true"


def test_images_are_named_without_a_registry() -> None:
    named = [service["image"] for service in SERVICES.values()]
    assert not [image for image in named if "." in image.split("/")[0].split(":")[0]]
    assert {image for image in named if ":" not in image} == {"newswire"}


def test_dollars_are_defaults_or_escaped() -> None:
    """Compose replaces every single one, silently by nothing where there is no such variable."""
    text = re.sub(r"(?m)^\s*#.*$", "", (DEPLOY / "compose.yaml").read_text("utf-8"))
    left = re.sub(r"\$\$|\$\{[A-Z_]+:-[^}]+\}", "", text)
    assert "$" not in left


def test_every_secret_is_made_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run(["sh", str(DEPLOY / "secrets.sh"), str(folder)], check=True)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert {f"./secrets/{name}" for name in made} == {one["file"] for one in COMPOSE["secrets"].values()}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o400}
    assert len(set(made.values())) == len(made)
    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in made.values())
    subprocess.run(["sh", str(DEPLOY / "secrets.sh"), str(folder)], check=True)
    assert {file.name: file.read_text() for file in folder.iterdir()} == made
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_kibana_is_given_every_variable_of_its_settings() -> None:
    settings = (DEPLOY / "kibana" / "kibana.yml").read_text("utf-8")
    assert isinstance(yaml.safe_load(settings), dict)
    wanted = set(re.findall(r'"\$\{(\w+)\}"', settings))
    [script] = SERVICES["kibana"]["command"]
    assert set(re.findall(r"export (\w+)=", script)) == wanted
    assert set(re.findall(r"/run/secrets/(\w+)", script)) == secrets_of(SERVICES["kibana"]).keys()


def test_the_roles_are_given_the_secrets_that_their_script_reads() -> None:
    script = (DEPLOY / "elasticsearch" / "install.sh").read_text("utf-8")
    read = set(re.findall(r"\$secrets/(\w+)\"", script)) | {f"{one}_password" for one in ("writer", "administrator")}
    assert read == secrets_of(SERVICES["roles"]).keys()
    assert "for what in writer administrator; do" in script


# newswire in it


def test_the_settings_are_of_a_store_on_the_server() -> None:
    settings = load(str(DEPLOY / "newswire.compose.toml"))
    spec = settings.store_spec
    assert isinstance(spec, ElasticsearchSpec)
    assert (spec.urls, spec.prefix) == (("http://elasticsearch:9200",), "newswire")
    assert (spec.user, spec.password) == ("${NEWSWIRE_STORE_USER}", "${file:/run/secrets/store_password}")
    assert Path(settings.store.path).parent == Path("/var/lib/newswire")
    writers = [(name, "newswire-writer") for name in ("newswire", "stream", "submit", "workers", "deliver")]
    for name, user in (("store", "newswire-administrator"), *writers):
        assert SERVICES[name]["environment"]["NEWSWIRE_STORE_USER"] == user
        assert secrets_of(SERVICES[name]) == {"store_password": f"{user.removeprefix('newswire-')}_password"}
        assert (DEPLOY / "elasticsearch" / f"{user}.json").exists()


def test_what_stays_is_asked_how_it_is_and_scraped_where_it_listens() -> None:
    settings = load(str(DEPLOY / "newswire.compose.toml"))
    assert settings.metrics.listen == "0.0.0.0:9464"
    for name in ("stream", "deliver", "submit"):
        assert "http://127.0.0.1:9464/healthz" in SERVICES[name]["healthcheck"]["test"][-1]
    scraped = yaml.safe_load(COMPOSE["configs"]["prometheus"]["content"])
    [job] = scraped["scrape_configs"]
    assert job["static_configs"] == [
        {"targets": [f"{name}:9464" for name in ("stream", "deliver", "submit", "taskmanager")]}
    ]
    mounted = {volume.split(":")[1] for volume in SERVICES["prometheus"]["volumes"]}
    assert set(scraped["rule_files"]) <= mounted
    [provider] = yaml.safe_load(COMPOSE["configs"]["grafana-dashboards"]["content"])["providers"]
    [board] = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert board.startswith(provider["options"]["path"] + "/")
    assert SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == board


def test_the_graph_finds_flink_and_flink_its_workers() -> None:
    runner = load(str(DEPLOY / "newswire.compose.toml")).runner
    assert runner.job_endpoint == "jobserver:8099"
    assert "--job-host=jobserver" in SERVICES["jobserver"]["command"]
    assert runner.environment == "localhost:50000"
    assert SERVICES["workers"]["command"] == ["--worker_pool"]
    assert "entrypoint" not in SERVICES["workers"]
    assert SERVICES["submit"]["entrypoint"][:2] == ["newswire-submit", "jobmanager:8081"]
    assert SERVICES["jobmanager"]["ports"][0].endswith(":8081")
    flink = yaml.safe_load(COMPOSE["x-flink"]["environment"]["FLINK_PROPERTIES"])
    assert flink["taskmanager.numberOfTaskSlots"] == runner.parallelism
    # What the job server stages, and the checkpoints, are where all of Flink sees them.
    for name in ("jobmanager", "taskmanager", "jobserver"):
        assert "flink:/files" in SERVICES[name]["volumes"]
    places = [flink["state.checkpoints.dir"], flink["state.savepoints.dir"]]
    places += [f"file://{one.partition('=')[2]}" for one in SERVICES["jobserver"]["command"] if "artifacts-dir" in one]
    assert [place for place in places if place.startswith("file:///files/")] == places
    assert len(places) == 3


# the schedule


@pytest.fixture
def scheduled(tmp_path: Path) -> Any:
    """Start the schedule with a stand-in for newswire, which notes its arguments and does as it is told."""

    def start(does: str, every: str = "0.05") -> subprocess.Popen[str]:
        program = tmp_path / "newswire"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n{does}\n')
        program.chmod(0o755)
        environment = os.environ | {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "NEWSWIRE_EVERY": every,
            "NEWSWIRE_RAN": str(tmp_path / "ran"),
        }
        return subprocess.Popen(
            ["sh", str(DEPLOY / "schedule.sh"), "/etc/newswire/newswire.toml"],
            env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def until(said: Path, lines: int) -> list[str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if said.exists() and len(found := said.read_text().splitlines()) >= lines:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{said.name} has no {lines} lines")


def test_runs_follow_each_other_and_good_ones_are_noted(scheduled: Any, tmp_path: Path) -> None:
    process = scheduled("exit 0")
    assert until(tmp_path / "asked", 3)[0] == "run --json /etc/newswire/newswire.toml"
    assert (tmp_path / "ran").exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_failed_run_is_said_and_not_noted_and_the_next_one_comes(scheduled: Any, tmp_path: Path) -> None:
    process = scheduled("exit 3")
    until(tmp_path / "asked", 2)
    process.send_signal(signal.SIGTERM)
    assert "exit code 3" in process.communicate(timeout=10)[1]
    assert not (tmp_path / "ran").exists()


def test_settings_that_cannot_be_used_end_it(scheduled: Any) -> None:
    assert scheduled("exit 2").wait(10) == 2


def test_an_end_is_told_to_the_run_and_waits_for_it(scheduled: Any, tmp_path: Path) -> None:
    process = scheduled(f"trap 'echo ended > {tmp_path}/ended; exit 143' TERM\nwhile :; do sleep 0.05; done", "60")
    until(tmp_path / "asked", 1)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert (tmp_path / "ended").exists()


# roles


@pytest.mark.parametrize("file", sorted((DEPLOY / "elasticsearch").glob("*.json")), ids=lambda file: file.stem)
def test_a_role_reaches_our_own_indices_only_and_is_no_administrator_of_anything_else(file: Path) -> None:
    role = json.loads(file.read_text("utf-8"))
    assert role.keys() == {"metadata", "cluster", "indices"}
    assert all(name.startswith("newswire-") for one in role["indices"] for name in one["names"])
    assert "all" not in {*role["cluster"], *(name for one in role["indices"] for name in one["privileges"])}
    if file.stem != "newswire-administrator":
        assert role["cluster"] == ["cluster:monitor/main"]


def test_roles_for_kibana_read_and_change_nothing() -> None:
    for name, version in (("newswire-kibana", "_v2"), ("newswire-kibana-8.18", "")):
        role = json.loads((DEPLOY / "kibana" / f"{name}.json").read_text("utf-8"))
        assert role["elasticsearch"] == {"cluster": [], "indices": []}
        [space] = role["kibana"]
        assert space["feature"] == {f"{one}{version}": ["read"] for one in ("discover", "dashboard", "visualize")}
        assert (space["base"], space["spaces"]) == ([], ["default"])
