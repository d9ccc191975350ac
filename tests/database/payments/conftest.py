from __future__ import annotations

import pytest

from tests.database.payments.town import House, build, charge


@pytest.fixture
def house(db: None) -> House:
    """Debts of seed S1: 1 264,70 + 869,27 + 0 + 1 021,00."""
    made = build()
    charge(made, "water", 1264_70)
    charge(made, "wastewater", 869_27)
    charge(made, "housing", 1021_00)
    return made
