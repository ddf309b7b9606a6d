"""A DAG that needs nothing but the metadata database: one task writes to it, the next reads it back."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2025, 1, 1, tzinfo=UTC), catchup=False, tags=["test"])
def smoke_test() -> None:
    """Send a value from one task to another, which goes through the database."""

    @task
    def write() -> str:
        return "written"

    @task
    def read(value: str) -> None:
        if value != "written":
            msg = f"read {value!r} from the metadata database"
            raise ValueError(msg)

    read(write())


smoke_test()
