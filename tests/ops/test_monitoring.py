"""Rules, dashboards and runbooks name what exists, and each alert has its page."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.test import Client
from django.urls import get_resolver
from prometheus_client.parser import text_string_to_metric_families

from ops import metrics
from tests.architecture.sources import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
BOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))
GROUPS: dict[str, list[dict[str, Any]]] = {
    group["name"]: group["rules"]
    for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
}
ALERTS = {rule["alert"]: rule for rule in GROUPS["alerts"]}
RECORDED = {rule["record"] for rule in GROUPS["service-levels"]}
# A screen: more is not read at night.
LONGEST_PAGE = 45
# Metrics of Prometheus itself.
OTHERS = {"up"}


def expressions() -> list[str]:
    panels = [panel for board in BOARDS for panel in json.loads(board.read_text())["panels"]]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rules in GROUPS.values() for rule in rules)]


@pytest.mark.django_db
def test_rules_and_dashboards_use_metrics_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "KEEP_SECONDS", 0)
    text = Client().get("/metrics").content.decode()
    families = {family.name for family in text_string_to_metric_families(text)}
    used = {name for one in expressions() for name in re.findall(r"passport_office_\w+", one)}
    kinds = re.compile(r"_(total|count|sum|bucket)$")
    # Without Redis' heartbeat or a refusal so far, these two have no line yet.
    families |= {"passport_office_heartbeat_age_seconds", "passport_office_refusals"}
    assert {kinds.sub("", name) for name in used} <= families
    recorded = {name for one in expressions() for name in re.findall(r"slo:[\w:]+", one)}
    assert recorded <= RECORDED


def test_rules_name_pages_that_exist() -> None:
    names: set[str] = set()

    def walk(resolver: Any, prefix: str) -> None:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            elif pattern.name:
                names.add(prefix + pattern.name)

    walk(get_resolver(), "")
    wanted = {name for one in expressions() for name in re.findall(r'view=~"([\w:|]+)"', one)}
    assert wanted
    assert {name for group in wanted for name in group.split("|")} <= names


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    pages = {rule["annotations"]["runbook"] for rule in ALERTS.values()}
    files = {f"docs/runbooks/{path.name}" for path in RUNBOOKS.glob("*.md")}
    assert pages == files - {"docs/runbooks/README.md"}
    assert len(pages) == len(ALERTS)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_a_runbook_is_one_screen_and_names_commands_that_exist(name: str) -> None:
    text = (ROOT / ALERTS[name]["annotations"]["runbook"]).read_text()
    assert len(text.splitlines()) <= LONGEST_PAGE
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        *("What it means", "Check", "Do", "Afterwards")
    ]
    assert f"`{name}` ({ALERTS[name]['labels']['severity']})" in text
    assert set(re.findall(r"manage\.py (\w+)", text)) <= set(get_commands())
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (RUNBOOKS / link).exists()
    assert (
        f"({ALERTS[name]['annotations']['runbook'].rpartition('/')[2]})"
        in (RUNBOOKS / "README.md").read_text()
    )


def test_every_alert_is_raised_in_the_tests_of_the_rules() -> None:
    text = (PROMETHEUS / "tests.yml").read_text()
    patterns = re.findall(r'alertname=~"([^"]+)"', text)
    tried = {name for name in ALERTS for one in patterns if re.fullmatch(one, name)}
    tried |= {name for name in ALERTS if f"alertname: {name}\n        exp_alerts" in text}
    assert set(ALERTS) == tried


@pytest.fixture
def promtool() -> str:
    """Prometheus' tool (Debian: prometheus); without it this test is not collected."""
    return str(shutil.which("promtool"))


def test_promtool_accepts_rules_and_their_tests(promtool: str) -> None:
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "tests.yml"]):
        done = subprocess.run(
            [promtool, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
