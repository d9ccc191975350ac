"""Entries of the audit trail written before `person_ids` and `premises_ids`: whose data they were about, as far as the
tables can tell. Lists of accounts kept no ids then and stay untraced."""

from django.db import migrations

PERSONS = """
UPDATE kernel_auditentry e SET person_ids = ARRAY[found.user_id]
FROM ({rows}) AS found(kind, id, user_id)
WHERE e.object_kind = found.kind AND e.object_id = found.id AND found.user_id IS NOT NULL AND e.person_ids = '{{}}'
"""
OWNERS = """
SELECT 'user', id::text, id FROM identity_user UNION ALL
SELECT 'application', id::text, user_id FROM cnap_application UNION ALL
SELECT 'consultation', id::text, user_id FROM cnap_consultation UNION ALL
SELECT 'document', id::text, user_id FROM cnap_document UNION ALL
SELECT 'case', id::text, user_id FROM cnap_case UNION ALL
SELECT 'visit', id::text, user_id FROM appointments_visit UNION ALL
SELECT 'home', id::text, user_id FROM homes_home UNION ALL
SELECT 'intent', id::text, user_id FROM payments_intent
"""
BOARDS = """
UPDATE kernel_auditentry e SET person_ids = coalesce((
    SELECT array_agg(DISTINCT v.user_id) FROM appointments_visit v
    WHERE v.user_id IS NOT NULL AND v.id IN (SELECT jsonb_array_elements_text(e.detail->'visits')::bigint)), '{}')
WHERE e.action = 'appointments.board_read' AND e.person_ids = '{}'
"""
PREMISES = """
UPDATE kernel_auditentry e SET premises_ids = ARRAY[found.premises_id]
FROM (
    SELECT 'account', a.id::text, a.premises_id FROM registry_personalaccount a UNION ALL
    SELECT 'meter', m.id::text, a.premises_id FROM metering_meter m
    JOIN registry_accountservice s ON s.id = m.account_service_id JOIN registry_personalaccount a ON a.id = s.account_id
    UNION ALL SELECT 'premises', p.id::text, p.id FROM registry_premises p
) AS found(kind, id, premises_id)
WHERE e.object_kind = found.kind AND e.object_id = found.id AND e.premises_ids = '{}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0003_trace_people"),
        ("identity", "0005_cnap_role"),
        ("registry", "0006_checks_in_order"),
        ("homes", "0003_compared"),
        ("metering", "0006_checks_by_statement"),
        ("payments", "0007_allocations_by_statement"),
        ("cnap", "0004_cases"),
        ("appointments", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(PERSONS.format(rows=OWNERS), migrations.RunSQL.noop),
        migrations.RunSQL(BOARDS, migrations.RunSQL.noop),
        migrations.RunSQL(PREMISES, migrations.RunSQL.noop),
    ]
