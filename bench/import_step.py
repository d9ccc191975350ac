"""One check or apply in a process of its own: `python -m bench.import_step check|apply BATCH`; seconds and peak memory."""

from __future__ import annotations

import json
import sys

import django


def main(what: str, batch_id: int) -> None:
    django.setup()
    from bench.harness import peak_mib, seconds  # the settings come first
    from bench.town import AT
    from domivka.exchange import api as exchange
    from domivka.kernel import clock

    def work() -> None:
        if what == "check":
            exchange.check(batch_id=batch_id, at=AT)
        else:
            exchange.apply(batch_id=batch_id, user_id=None, at=clock.now())

    took = seconds(work)
    print(json.dumps({"seconds": took, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
