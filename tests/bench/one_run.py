"""Runs one command and prints what it took: seconds of CPU and of wall time, peak memory in KB, exit code.

A process of its own, because a child starts with the memory of the process that makes it as its peak.
"""

import os
import sys
from time import perf_counter


def main() -> None:
    started = perf_counter()
    silence = os.open(os.devnull, os.O_RDWR)
    child = os.fork()
    if not child:
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the program that is timed
    _, status, usage = os.wait4(child, 0)
    wall = perf_counter() - started
    print(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss, os.waitstatus_to_exitcode(status))  # noqa: T201


main()
