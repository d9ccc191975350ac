"""A process that issues bills in children it kills: run by test_issuing, one point in, one exit code out."""

from __future__ import annotations

import os
import sys

import django

from tests.database.payments.killable import die_at


def main() -> None:
    django.setup()
    from django.db import connection  # settings exist only now

    from domivka.statements import api as statements  # as above
    from tests.database.billing.town import AT, OCT  # as above

    connection.settings_dict["NAME"] = sys.argv[1]
    for line in sys.stdin:
        point, town = (int(word) for word in line.split())
        child = os.fork()
        if child == 0:
            die_at(connection, point)
            statements.issue_bills(town_id=town, period=OCT, at=AT, range_size=1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer of this script


if __name__ == "__main__":
    main()
