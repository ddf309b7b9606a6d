"""Loki and PostgreSQL, real, on loopback."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import urllib3
import yaml

from tests.e2e import needs
from tests.e2e.processes import Processes, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.build import Components

_PORT = 5432
_ADDRESSES = 50


class Loki:
    """A Loki with its data on disk.

    Args:
        components: What was built.
        processes: Where it runs.
        name: Of its folder and log.
        has_tenants: Whether it refuses who names no tenant.
    """

    def __init__(self, components: Components, processes: Processes, name: str, *, has_tenants: bool = False) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._tenant = {"X-Scope-OrgID": "home"} if has_tenants else {}
        folder = processes.folder / name
        folder.mkdir()
        config = folder / "loki.yaml"
        config.write_text(yaml.safe_dump(_loki(folder, self.port, has_tenants=has_tenants)), "utf-8")
        self._process = processes.start(name, components.programs["loki"], f"-config.file={config}", "-log.level=warn")

    def ready(self) -> None:
        """Wait until it takes logs."""
        self._process.ready(lambda: urllib3.request("GET", f"{self.url}/ready", retries=False).status == 200)

    def push(self, labels: Mapping[str, str], *lines: str) -> None:
        """Send lines, as of now."""
        now = time.time_ns()
        values = [[str(now + number), line] for number, line in enumerate(lines)]
        answer = urllib3.request(
            "POST", f"{self.url}/loki/api/v1/push", retries=False,
            body=json.dumps({"streams": [{"stream": dict(labels), "values": values}]}),
            headers={"Content-Type": "application/json", **self._tenant},
        )  # fmt: skip
        assert answer.status == 204, answer.data


def _loki(folder: Path, port: int, *, has_tenants: bool) -> dict[str, object]:
    ring = {"kvstore": {"store": "inmemory"}, "instance_addr": "127.0.0.1"}
    return {
        "auth_enabled": has_tenants,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_address": "127.0.0.1",
            "http_listen_port": port,
            "grpc_listen_address": "127.0.0.1",
            "grpc_listen_port": free_port(),
        },
        "common": {
            "instance_addr": "127.0.0.1",
            "path_prefix": str(folder),
            "replication_factor": 1,
            "ring": ring,
            "storage": {"filesystem": {"chunks_directory": f"{folder}/chunks", "rules_directory": f"{folder}/rules"}},
        },
        "memberlist": {"bind_addr": ["127.0.0.1"], "bind_port": free_port()},
        "ingester": {"lifecycler": {"min_ready_duration": "0s"}},
        "schema_config": {
            "configs": [
                {
                    "from": "2025-01-01",
                    "index": {"period": "24h", "prefix": "index_"},
                    "object_store": "filesystem",
                    "schema": "v13",
                    "store": "tsdb",
                }
            ]
        },
    }


class PostgreSQL:
    """A PostgreSQL at the port that the example names, 5432, on a loopback address of its own.

    Attributes:
        address: Where it listens; in `PGHOSTADDR` it stands in for the name of the Service.
        password: Of the role `airflow`.
    """

    def __init__(self, processes: Processes) -> None:
        self.address = _free_address()
        self.password = secrets.token_hex(20)
        programs, user = needs.postgresql(), needs.account()
        assert programs
        # not in pytest's folder: every pytest on the machine closes that to other accounts again
        folder = self.folder = Path(tempfile.mkdtemp(prefix="lintkit-e2e-"))
        data = folder / "data"
        if user:
            shutil.chown(folder, user)
        account = {"user": user, "group": user, "extra_groups": []} if user else {}
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **account,
        )  # fmt: skip
        processes.start(
            "postgres", programs / "postgres", "-D", data, "-p", str(_PORT), "-c", f"listen_addresses={self.address}",
            "-c", f"unix_socket_directories={folder}", "-c", "fsync=off", user=user, cwd=folder,
        ).ready(lambda: socket.create_connection((self.address, _PORT), 1).close() is None)  # fmt: skip
        psql = [
            programs / "psql",
            "-h",
            self.address,
            "-p",
            str(_PORT),
            "-U",
            "postgres",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        for statement in (
            f"CREATE ROLE airflow LOGIN PASSWORD '{self.password}'",
            "CREATE DATABASE airflow OWNER airflow",
        ):
            subprocess.run([*psql, "-c", statement], check=True, capture_output=True)

    def remove(self) -> None:
        """Remove its data."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """As the Secret of the example has it."""
        host = "airflow-postgresql.airflow"
        return f"postgresql://airflow:{quote(self.password)}@{host}:{_PORT}/airflow?sslmode=disable"


def _free_address() -> str:
    for number in range(1, _ADDRESSES):
        address = f"127.77.{os.getpid() % 250 + 1}.{number}"
        with socket.socket() as asked:
            try:
                asked.bind((address, _PORT))
            except OSError:
                continue
            return address
    message = f"port {_PORT} is taken on every loopback address"
    raise AssertionError(message)
