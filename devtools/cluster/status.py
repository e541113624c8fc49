"""Who leads: read from Patroni, Sentinel and the lease of beat."""

import html
import json
import urllib.request
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import redis
from redis.exceptions import RedisError
from redis.sentinel import Sentinel

from devtools.cluster.parts import HOST, MASTER, NODES, THREE, Ports

# ops.broker.LEASE_KEY; its module needs Django's settings.
LEASE_KEY: Final = "passport_office:beat"
SECONDS: Final = 1.0
Row = tuple[str, str, str]


def postgres_members(ports: Ports) -> list[dict[str, Any]]:
    """Return Patroni's members, as the first agent that answers knows them."""
    for node in NODES:
        try:
            url = f"http://{HOST}:{ports.patroni(node)}/cluster"
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                return list(json.load(answer)["members"])
        except (OSError, ValueError, KeyError):
            continue
    return []


def leader(ports: Ports) -> int | None:
    """Return the number of the node whose PostgreSQL leads and runs."""
    for member in postgres_members(ports):
        if member["role"] == "leader" and member["state"] == "running":
            return int(member["name"].rpartition("-")[2])
    return None


def redis_master(ports: Ports) -> tuple[str, int] | None:
    """Return the address of the master that Sentinel names."""
    addresses = [(HOST, ports.sentinel(number)) for number in THREE]
    sentinels: Any = Sentinel(addresses, socket_timeout=SECONDS)  # type: ignore[no-untyped-call]
    try:
        host, port = sentinels.discover_master(MASTER)
    except RedisError:
        return None
    return str(host), int(port)


def beat_owner(ports: Ports) -> str:
    """Return host and process of the beat that holds the lease, or nothing."""
    master = redis_master(ports)
    if master is None:
        return ""
    client = redis.Redis(*master, socket_timeout=SECONDS)
    try:
        value = client.get(LEASE_KEY)
    except RedisError:
        return ""
    finally:
        client.close()
    return value.decode().rpartition(":")[0] if isinstance(value, bytes) else ""


def rows(ports: Ports, pids: Mapping[str, int | None]) -> Iterator[Row]:
    """Yield each part, its state and what it is. `pids` has None for a part that does not run."""
    members = {member["name"]: member for member in postgres_members(ports)}
    master, beat = redis_master(ports), beat_owner(ports)
    for name, pid in pids.items():
        kind, _dash, number = name.partition("-")
        text = ""
        if name in members:
            member = members[name]
            lag = f", {member['lag']} bytes behind" if "lag" in member else ""
            text = f"{member['role']}, {member['state']}{lag}"
        elif kind == "valkey" and master:
            text = "master" if master[1] == ports.valkey(int(number)) else "replica"
        elif kind == "beat":
            text = "holds the lease" if pid and beat.endswith(f":{pid}") else "waits"
        elif kind == "web":
            text = f"http://{HOST}:{ports.web(int(number))}/readyz"
        yield name, f"runs ({pid})" if pid else "DOWN", text


def as_text(table: list[Row]) -> str:
    """Return the table for a terminal."""
    return "\n".join(f"{name:<12} {state:<16} {text}" for name, state, text in table)


def as_page(table: list[Row]) -> str:
    """Return the table as a page that loads itself again."""
    lines = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in table
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        f"<title>Cluster</title><h1>Cluster</h1><table>{lines}</table></html>"
    )


def serve(port: int, table: Any) -> ThreadingHTTPServer:
    """Serve the page on this machine in a thread; the caller shuts it down."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_text = self.path.startswith("/text")
            body = (as_text if is_text else as_page)(table()).encode()
            self.send_response(200)
            kind = "plain" if is_text else "html"
            self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer((HOST, port), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
