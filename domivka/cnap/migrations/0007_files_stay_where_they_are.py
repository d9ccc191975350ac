"""No file is moved into what was sent, either."""

from django.db import migrations

SEAL = """
CREATE OR REPLACE FUNCTION cnap_consultation_files_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cnap_consultation
               WHERE id IN (OLD.consultation_id, NEW.consultation_id) AND state <> 'draft') THEN
        RAISE EXCEPTION 'files of a sent consultation cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- A document that was asked for is put in, by itself, while the application waits for it.
CREATE OR REPLACE FUNCTION cnap_application_files_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cnap_application
               WHERE id IN (OLD.application_id, NEW.application_id) AND state <> 'draft'
                 AND NOT (TG_OP = 'INSERT' AND state = 'incomplete' AND NEW.slot_id IS NULL)) THEN
        RAISE EXCEPTION 'files of a sent application cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cnap", "0006_what_is_decided_stays")]

    operations = [migrations.RunSQL(SEAL, migrations.RunSQL.noop)]
