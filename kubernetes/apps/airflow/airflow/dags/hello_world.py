"""The smallest DAG: one line of log, to be seen in Grafana."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from airflow.decorators import dag, task

log = logging.getLogger(__name__)


@dag(schedule="@daily", start_date=datetime(2025, 1, 1, tzinfo=UTC), catchup=False, tags=["example"])
def hello_world() -> None:
    """Say hello."""

    @task
    def hello() -> None:
        log.info("Hello, world!")

    hello()


hello_world()
