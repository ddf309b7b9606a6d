"""What the DAGs of this folder do when a task has failed; no DAG itself."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from airflow.utils.context import Context

URL = "http://airflow-failure-webhook.airflow.svc.cluster.local/failures"

log = logging.getLogger(__name__)


def notify(context: Context) -> None:
    """Tell the failure webhook which task has failed, and why. For `on_failure_callback`."""
    instance = context["task_instance"]
    failure = {
        "dag_id": instance.dag_id,
        "task_id": instance.task_id,
        "run_id": instance.run_id,
        "try_number": instance.try_number,
        "log_url": instance.log_url,
        "error": str(context.get("exception")),
    }
    request = Request(URL, data=json.dumps(failure).encode(), headers={"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=10):  # noqa: S310 - the constant above
            log.info("told %s of the failure", URL)
    except OSError as error:
        # The task has failed already; a webhook that is down must not hide why.
        log.warning("could not tell %s of the failure: %s", URL, error)
