"""A process that handles callbacks and receipts in children it kills: run by test_crash, one JSON line in, one exit code out.

It forks before any thread exists, so a child is a whole process; starting Python anew for each would take minutes.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

KILLED = 9


def die_at(connection: Any, point: int) -> None:
    """Kill this process before its `point`-th step on the wire: each statement, each commit, and right after it."""
    left = itertools.count(point, -1)

    def step() -> None:
        if next(left) == 0:
            os._exit(KILLED)

    def statement(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
        step()
        return execute(sql, params, many, context)

    commit = connection._commit

    def committing() -> None:
        step()
        commit()
        step()

    connection.execute_wrappers.append(statement)
    connection._commit = committing


def main() -> None:
    django.setup()
    from django.conf import settings  # settings exist only now
    from django.db import connection  # as above
    from django.test import Client  # as above

    from domivka.statements.tasks import send_receipt  # as above

    settings.ALLOWED_HOSTS.append("testserver")
    connection.settings_dict["NAME"] = sys.argv[1]
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            if "after_s" in asked:  # whatever it is doing then, the wire and the commit included
                signal.setitimer(signal.ITIMER_REAL, asked["after_s"])
            else:
                die_at(connection, asked["point"])
            if "receipt" in asked:
                send_receipt(intent_id=asked["receipt"])
                os._exit(0)
            answer = Client().post(
                "/gateways/sandbox/callback/",
                data=asked["body"],
                content_type="application/json",
                headers=asked["headers"],
            )
            os._exit(0 if answer.status_code == 200 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer of this script


if __name__ == "__main__":
    main()
