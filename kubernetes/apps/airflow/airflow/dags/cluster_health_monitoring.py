"""Every half hour: do the services that this stack is made of answer?"""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from airflow.decorators import dag, task
from airflow.operators.python import get_current_context
from failure_webhook import notify

SERVICES = {
    "alloy": "http://alloy.observability.svc.cluster.local:12345/-/ready",
    "failure-webhook": "http://airflow-failure-webhook.airflow.svc.cluster.local/healthz",
    "kubernetes": "https://kubernetes.default.svc/readyz",
    "loki": "http://loki.observability.svc.cluster.local:3100/ready",
}
CLUSTER_CA = Path("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")

log = logging.getLogger(__name__)


@dag(
    schedule=timedelta(minutes=30),
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"on_failure_callback": notify, "retries": 2, "retry_delay": timedelta(minutes=1)},
    tags=["health"],
)
def cluster_health_monitoring() -> None:
    """Ask every service, each in a task of its own."""

    @task(map_index_template="{{ name }}")
    def ask(name: str, url: str) -> None:
        get_current_context()["name"] = name
        context = ssl.create_default_context(cafile=CLUSTER_CA if CLUSTER_CA.exists() else None)
        with urlopen(url, timeout=10, context=context) as response:  # noqa: S310 - from the table above
            log.info("%s answers with %d", name, response.status)

    ask.expand_kwargs([{"name": name, "url": url} for name, url in SERVICES.items()])


cluster_health_monitoring()
