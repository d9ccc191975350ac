"""A town of N personal accounts with a year of readings, made by set-based SQL in a database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from domivka.config import environment, postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

SERVICES_A_HOME: Final = 5
"""Cold water by meter, wastewater that repeats it, electricity by two zones, waste per person, management by area."""

_TOWN: Final = """
INSERT INTO registry_town (name, genitive, katottg, dispatcher_phone) VALUES ('Вимірне', 'Вимірненська', 'UA00000000000000001', '');
INSERT INTO registry_street (town_id, kind, name) SELECT id, 'вул.', 'Соборна' FROM registry_town;
INSERT INTO registry_service (code, name, name_en, unit, volume_decimals, position, icon) VALUES
    ('water', 'Холодна вода', 'Cold water', 'm3', 3, 1, 'water'), ('sewage', 'Водовідведення', 'Wastewater', 'm3', 3, 2, 'water'),
    ('electricity', 'Електроенергія', 'Electricity', 'kwh', 0, 3, 'electricity'), ('waste', 'Відходи', 'Waste', 'person', 0, 4, 'waste'),
    ('building', 'Утримання будинку', 'Building management', 'm2', 2, 5, 'building');
INSERT INTO registry_provider (town_id, code, name, short_name, edrpou, phone, email, website, address, working_hours, colour)
    SELECT t.id, s.code, s.name, s.name, '03327090', '', '', '', '', '', '#1E4F91' FROM registry_town t, registry_service s;
INSERT INTO registry_providerservice (provider_id, service_id, mode, due_day, volume_of)
    SELECT p.id, s.id, 'calculated', 20, CASE s.code WHEN 'sewage' THEN 'water' ELSE '' END
    FROM registry_provider p JOIN registry_service s ON s.code = p.code;
INSERT INTO tariffs_tariffplan (provider_service_id, code, name, structure)
    SELECT ps.id, '', 'Населення', CASE s.code WHEN 'electricity' THEN 'zones' WHEN 'waste' THEN 'person'
        WHEN 'building' THEN 'area' ELSE 'single' END
    FROM registry_providerservice ps JOIN registry_service s ON s.id = ps.service_id;
INSERT INTO tariffs_tariffversion (plan_id, valid_from, authority, decision_number, decision_on, decision_url)
    SELECT id, '2024-06-01', 'НКРЕКП', '1', '2024-05-01', '' FROM tariffs_tariffplan;
INSERT INTO tariffs_tariffrate (version_id, component, from_volume, price, coefficient)
    SELECT v.id, 'single', 0, 30.4, 1 FROM tariffs_tariffversion v JOIN tariffs_tariffplan p ON p.id = v.plan_id WHERE p.structure <> 'zones'
    UNION ALL SELECT v.id, 'day', 0, 4.32, 1 FROM tariffs_tariffversion v JOIN tariffs_tariffplan p ON p.id = v.plan_id WHERE p.structure = 'zones'
    UNION ALL SELECT v.id, 'night', 0, 4.32, 0.5 FROM tariffs_tariffversion v JOIN tariffs_tariffplan p ON p.id = v.plan_id WHERE p.structure = 'zones';
"""
_HOMES: Final = """
INSERT INTO registry_building (town_id, street_id, number, number_key, number_sort, postal_index)
    SELECT s.town_id, s.id, n, n, lpad(n::text, 6, '0'), '' FROM registry_street s, generate_series(1, ceil(%(homes)s / 60.0)::int) n;
INSERT INTO registry_premises (town_id, building_id, flat, flat_key, flat_sort, area_m2, heated_area_m2, paper_bill)
    SELECT b.town_id, b.id, f, f, lpad(f::text, 6, '0'), 40 + f %% 30 + 0.5, 38 + f %% 30 + 0.2, true
    FROM registry_building b, generate_series(1, 60) f ORDER BY b.id, f LIMIT %(homes)s;
INSERT INTO registry_occupancy (premises_id, valid_from, registered, living) SELECT id, '2024-01-01', 1 + id %% 4, 1 + id %% 4 FROM registry_premises;
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
    SELECT p.town_id, o.id, p.id, o.id || '-' || p.id, '', '2024-01-01' FROM registry_premises p, registry_provider o ORDER BY p.id, o.id;
INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, opened_on)
    SELECT a.id, ps.id, '', '', '2024-01-01' FROM registry_personalaccount a JOIN registry_providerservice ps ON ps.provider_id = a.provider_id
    ORDER BY a.id;
INSERT INTO metering_meter (account_service_id, number, model, zones, digits, decimals, installed_on, added_by_resident)
    SELECT a.id, 'M' || a.id, 'НІК', CASE s.code WHEN 'water' THEN '["single"]' ELSE '["day", "night"]' END::jsonb, 6, 3, '2024-01-01', false
    FROM registry_accountservice a JOIN registry_providerservice ps ON ps.id = a.provider_service_id
    JOIN registry_service s ON s.id = ps.service_id WHERE s.code IN ('water', 'electricity') ORDER BY a.id;
INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at)
    SELECT p, m.id, z, 100 + n * (3 + m.id %% 7), (to_date(p::text, 'YYYYMM') + interval '1 month - 1 day')::date, 'web', now()
    FROM metering_meter m, jsonb_array_elements_text(m.zones) z, unnest(%(periods)s::int[]) WITH ORDINALITY u (p, n)
    -- one home in twenty gives no reading in the last month
    WHERE p < %(last)s OR m.id %% 20 <> 0;
ANALYZE;
"""


@contextmanager
def rated_town(accounts: int) -> Iterator[int]:
    """The town's id; the database is removed afterwards."""
    if not os.environ.get("DATABASE_URL"):
        postgres.start(environment.home())
    import django  # settings need the server's address first

    django.setup()
    from django.db import connection  # after django.setup
    from django.test.utils import (
        setup_databases,  # after django.setup
        teardown_databases,
    )

    from domivka.kernel.partitions import ensure_partitions
    from domivka.kernel.period import Period

    last = Period(202610)
    periods = [last.shift(-n) for n in range(13, -1, -1)]
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        ensure_partitions(table="metering_reading", periods=periods)
        with connection.cursor() as cursor:
            cursor.execute(_TOWN)
            for statement in _HOMES.split(";\n"):
                cursor.execute(
                    statement,
                    {"homes": accounts // SERVICES_A_HOME, "periods": [int(p) for p in periods], "last": int(last)},
                )
            cursor.execute("SELECT id FROM registry_town")
            yield int(cursor.fetchone()[0])
    finally:
        teardown_databases(databases, verbosity=0)
