"""`make e2e`: look at the machine, build what is not in the cache, run the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.e2e import needs
from tests.e2e.build import BuildError, build, missing

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    """Exit code of pytest; 0 with a line `e2e: skipped: ...` where the machine cannot run it; 1 when nothing builds."""
    needs.install()
    lacking = needs.lacks(is_built=not missing())
    if lacking:
        print(f"e2e: skipped: this machine lacks {'; '.join(lacking)}")
        return 0
    try:
        build()
    except BuildError as error:
        is_offline = any(
            said in str(error)
            for said in (
                "no such host",
                "network is unreachable",
                "connection refused",
                "i/o timeout",
                "Name or service not known",
                "name resolution",
            )
        )
        print(f"e2e: {'skipped: no network' if is_offline else 'failed'}: {error}")
        return 0 if is_offline else 1
    if arguments == ["--build"]:
        return 0
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(  # noqa: S606 - no shell
        sys.executable,
        [sys.executable, "-m", "pytest", "-q", "-s", "--durations=20", "-m", "e2e", *(arguments or ["tests/e2e"])],
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
