"""The Kubernetes files start what the other set-ups start. `make manifests` checks their form."""

from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.ops.test_deploy import COMPOSE, SERVICES

FOLDER = ROOT / "deploy" / "kubernetes"
DOCUMENTS: list[dict[str, Any]] = [
    document
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in yaml.safe_load_all(path.read_text())
]


def named(kind: str, name: str) -> Any:
    [document] = [
        row for row in DOCUMENTS if row["kind"] == kind and row["metadata"]["name"] == name
    ]
    return document


@pytest.mark.parametrize("name", ["web", "worker", "beat", "cache", "queue"])
def test_a_deployment_runs_the_command_of_the_compose_file(name: str) -> None:
    [container] = named("Deployment", name)["spec"]["template"]["spec"]["containers"]
    assert container["command"] == SERVICES[name]["command"]
    test = SERVICES[name]["healthcheck"]["test"]
    assert container["livenessProbe"]["exec"]["command"] == test[1:]


def test_migrations_run_on_the_primary_and_not_through_the_pooler() -> None:
    pod = named("Job", "migrate")["spec"]["template"]["spec"]
    [migrate], [defaults] = pod["initContainers"], pod["containers"]
    assert migrate["command"] == SERVICES["migrate"]["command"]
    assert defaults["command"] == ["python", "manage.py", "set_role_defaults"]
    for container in (migrate, defaults):
        environment = {row["name"]: row["value"] for row in container["env"]}
        assert "@database-rw:" in environment["DATABASE_URL"]
        assert environment["DATABASE_POOLED"] == "false"


def test_every_secret_of_the_compose_file_is_a_file_here() -> None:
    settings = named("ConfigMap", "settings")["data"]
    for name in COMPOSE["secrets"]:
        assert settings[f"{name.upper()}_FILE"] == f"/run/secrets/{name}"
        assert name.upper() not in settings


def test_the_proxy_has_the_file_of_the_other_set_ups() -> None:
    generated = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    assert generated["configMapGenerator"] == [
        {"name": "proxy", "files": ["nginx.conf=../nginx.conf"]}
    ]
    assert "server web:8000" in (ROOT / "deploy" / "nginx.conf").read_text()
    assert named("Service", "web")["spec"]["ports"][0]["port"] == 8000


def test_poolers_share_connections_by_transaction_and_settings_say_so() -> None:
    for name in ("database-pooler-rw", "database-pooler-ro"):
        assert named("Pooler", name)["spec"]["pgbouncer"]["poolMode"] == "transaction"
    settings = named("ConfigMap", "settings")["data"]
    assert settings["DATABASE_POOLED"] == "true"
    assert "@database-pooler-rw:" in settings["DATABASE_URL"]
    assert "@database-pooler-ro:" in settings["REPLICA_URL"]
