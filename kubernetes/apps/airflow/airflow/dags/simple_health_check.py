"""Every quarter of an hour: has a worker what it needs?"""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowFailException
from airflow.models import DagModel
from airflow.utils.session import create_session
from failure_webhook import notify

FREE_BYTES = 100 * 1024**2

log = logging.getLogger(__name__)


@dag(
    schedule=timedelta(minutes=15),
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"on_failure_callback": notify},
    tags=["health"],
)
def simple_health_check() -> None:
    """Look at the metadata database and at the disk from within a worker."""

    @task
    def metadata_database() -> None:
        """A worker without its connection falls back to SQLite, which is empty."""
        with create_session() as session:
            dialect = session.get_bind().dialect.name
            dags = session.query(DagModel).count()
        if dialect == "sqlite":
            msg = "the worker has no connection to the metadata database"
            raise AirflowFailException(msg)
        log.info("%s knows %d DAGs", dialect, dags)

    @task
    def disk_space() -> None:
        """The volume of the logs, which the Vector sidecar reads."""
        free = shutil.disk_usage("/opt/airflow/logs").free
        if free < FREE_BYTES:
            msg = f"only {free} bytes are free for logs"
            raise AirflowFailException(msg)
        log.info("%d bytes are free for logs", free)

    metadata_database()
    disk_space()


simple_health_check()
