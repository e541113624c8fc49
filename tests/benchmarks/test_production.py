"""The proxy of `make bench` uses the caching rules of production."""

from typing import Any

import pytest

from benchmarks.production import ROOT, nginx_config
from benchmarks.stores import BenchError

SOURCE = (ROOT / "deploy" / "nginx.conf").read_text()
MOST_LINES = 1_500


def config(text: Any, folder: Any) -> Any:
    return nginx_config(text, port=1, web_port=2, folder=folder)


def test_caching_rules_are_copied_and_addresses_are_replaced(tmp_path: Any) -> None:
    made = config(SOURCE, tmp_path)
    rules = [line for line in SOURCE.splitlines() if "proxy_cache" in line and "_path" not in line]
    assert rules
    assert [line for line in rules if line not in made] == []
    assert "listen 127.0.0.1:1 default_server" in made
    assert "server 127.0.0.1:2 " in made
    assert "ssl" not in made


def test_a_changed_source_is_reported(tmp_path: Any) -> None:
    with pytest.raises(BenchError, match="server web:8000"):
        config(SOURCE.replace("server web:8000", "server web:9000"), tmp_path)


def test_all_benchmarks_together_are_small() -> None:
    files = (ROOT / "benchmarks").rglob("*.py")
    assert sum(len(file.read_text().splitlines()) for file in files) < MOST_LINES
