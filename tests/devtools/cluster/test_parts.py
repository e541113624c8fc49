"""The files of the cluster, without its engines."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.cluster import follow_leader, parts, status
from devtools.cluster.parts import NODES, THREE, Ports
from devtools.stack.errors import StackError
from ops import broker
from tests.architecture.sources import ROOT

NGINX = (ROOT / "deploy" / "nginx.conf").read_text()


def test_every_part_has_a_port_of_its_own() -> None:
    ports = Ports(8300)
    used = [ports.site, ports.status, ports.pooler, ports.etcd, ports.etcd_peer, ports.mail]
    used += [port(node) for port in (ports.web, ports.postgres, ports.patroni) for node in NODES]
    used += [port(number) for port in (ports.valkey, ports.sentinel) for number in THREE]
    assert sorted(used) == list(ports.all)


def test_the_cluster_keeps_the_caching_rules_of_the_proxy(tmp_path: Path) -> None:
    text = parts.nginx(NGINX, tmp_path, Ports(8300))
    assert text.count("max_fails=1") == len(NODES)
    assert "web:8000" not in text
    for name in ("proxy_cache_key", "proxy_cache_lock", "limit_req zone", "proxy_no_cache"):
        assert text.count(name) == NGINX.count(name)
    assert "listen 443" not in text


def test_a_changed_proxy_file_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="web:8000"):
        parts.nginx(NGINX.replace("server web:8000", "server other:8000"), tmp_path, Ports(8300))


def test_the_status_reads_the_lease_of_beat() -> None:
    assert status.LEASE_KEY == broker.LEASE_KEY


def test_the_pooler_follows_a_promoted_node(tmp_path: Path) -> None:
    """Patroni calls it with the role; a standby changes nothing, a primary is reported to the pooler."""
    file, pid_file = tmp_path / "databases.ini", tmp_path / "pgbouncer.pid"
    wait = "import signal; signal.sigwait({signal.SIGHUP}); print('read again')"
    block = {signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, block)
    try:
        pooler = subprocess.Popen([sys.executable, "-c", wait], stdout=subprocess.PIPE, text=True)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, block)
    pid_file.write_text(str(pooler.pid))
    where = (str(file), str(pid_file), "8309", "8308")
    follow_leader.main(*where, "replica")
    assert not file.exists()
    follow_leader.main(*where, "primary")
    answer, _error = pooler.communicate(timeout=20)
    assert answer == "read again\n"
    primary, replica = file.read_text().splitlines()[1:]
    assert "port=8309" in primary
    assert "port=8308 dbname=passport_office" in replica


def test_missing_packages_are_named_with_their_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(StackError, match="apt-get install etcd-server pgbouncer nginx-light"):
        parts.check_programs()
