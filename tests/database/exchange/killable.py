"""A process that checks or applies an import in children it kills: run by test_kill, one line in, one exit code out.

A line is `check|apply`, the batch, and how it dies: before its n-th step on the wire, or after so many seconds («0.2s»),
whatever it is doing then.
"""

from __future__ import annotations

import os
import signal
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
        what, batch, death = line.split()
        child = os.fork()
        if child == 0:
            if death.endswith("s"):
                signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
                signal.setitimer(signal.ITIMER_REAL, float(death[:-1]))
            else:
                die_at(connection, int(death))
            if what == "check":
                exchange.check(batch_id=int(batch), at=clock.now())
            else:
                exchange.apply(batch_id=int(batch), user_id=None, at=clock.now())
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer of this script


if __name__ == "__main__":
    main()
