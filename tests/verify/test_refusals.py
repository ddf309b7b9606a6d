"""Why an API server gives no answer, in words."""

from __future__ import annotations

import json

from lintkit.verify.refusals import refused


def test_a_denial_without_a_reason_says_what_was_denied() -> None:
    body = json.dumps({"kind": "Status", "message": 'pods "scheduler" is forbidden: '})
    said = str(refused(403, body, "run `ls` in airflow/scheduler"))
    assert said == 'no access (403): pods "scheduler" is forbidden: cannot run `ls` in airflow/scheduler'
