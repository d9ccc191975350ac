"""A process that applies an import in children it kills: run by test_kill, one point in, one exit code out."""

from __future__ import annotations

import os
import sys

import django

from tests.database.payments.killable import die_at


def main() -> None:
    django.setup()
    from django.db import connection  # settings exist only now

    from domivka.exchange import api as exchange  # as above
    from domivka.kernel import clock  # as above

    connection.settings_dict["NAME"] = sys.argv[1]
    for line in sys.stdin:
        point, batch = (int(word) for word in line.split())
        child = os.fork()
        if child == 0:
            die_at(connection, point)
            exchange.apply(batch_id=batch, user_id=None, at=clock.now())
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer of this script


if __name__ == "__main__":
    main()
