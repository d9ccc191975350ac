# What was there already gets its dates, reasons and words; then the rules that need them.

from django.db import migrations, models

FILL = """
UPDATE cnap_office SET closed_from = CURRENT_DATE WHERE NOT is_open;
INSERT INTO cnap_office_subjects (office_id, subject_id) SELECT DISTINCT office_id, subject_id FROM cnap_offer;
UPDATE cnap_service SET published_at = now() WHERE is_active;
INSERT INTO cnap_refusalreason (town_id, name, is_active)
    SELECT DISTINCT office.town_id, application.reason, true
    FROM cnap_application application
    JOIN cnap_offer offer ON offer.id = application.offer_id
    JOIN cnap_office office ON office.id = offer.office_id
    WHERE application.reason <> '';
UPDATE cnap_application application SET refusal_reason_id = reason.id
    FROM cnap_offer offer, cnap_office office, cnap_refusalreason reason
    WHERE offer.id = application.offer_id AND office.id = offer.office_id AND reason.town_id = office.town_id
        AND reason.name = application.reason;
UPDATE cnap_application application SET service_name = service.name, fee_kop = service.fee_kop
    FROM cnap_offer offer, cnap_service service
    WHERE offer.id = application.offer_id AND service.id = offer.service_id AND application.state <> 'draft';
ALTER TABLE cnap_applicationfile DISABLE TRIGGER cnap_application_files_sealed;
UPDATE cnap_applicationfile file SET needed_when = slot.needed_when, who_may_skip = slot.who_may_skip
    FROM cnap_documentslot slot WHERE slot.id = file.slot_id;
ALTER TABLE cnap_applicationfile ENABLE TRIGGER cnap_application_files_sealed;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

# What was sent, what was decided and the history of both stay as they were, whoever writes to the tables.
SEAL = """
CREATE OR REPLACE FUNCTION cnap_consultation_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR (NEW.user_id, NEW.topic, NEW.question, NEW.sent_at, NEW.content_hash)
        IS DISTINCT FROM (OLD.user_id, OLD.topic, OLD.question, OLD.sent_at, OLD.content_hash) OR NEW.state = 'draft' THEN
        RAISE EXCEPTION 'consultation % was sent and cannot be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'answered' AND (NEW.state, NEW.answer, NEW.answered_by_id, NEW.answered_by_name, NEW.answered_at)
        IS DISTINCT FROM (OLD.state, OLD.answer, OLD.answered_by_id, OLD.answered_by_name, OLD.answered_at) THEN
        RAISE EXCEPTION 'consultation % was answered for good', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION cnap_application_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR (NEW.user_id, NEW.object, NEW.address, NEW.sent_at, NEW.content_hash, NEW.service_name, NEW.fee_kop)
        IS DISTINCT FROM (OLD.user_id, OLD.object, OLD.address, OLD.sent_at, OLD.content_hash, OLD.service_name, OLD.fee_kop)
        OR NEW.state = 'draft' THEN
        RAISE EXCEPTION 'application % was sent and cannot be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ('granted', 'refused')
        AND (NEW.state, NEW.answer, NEW.reason, NEW.refusal_reason_id, NEW.answered_by_id, NEW.answered_by_name, NEW.answered_at)
        IS DISTINCT FROM
            (OLD.state, OLD.answer, OLD.reason, OLD.refusal_reason_id, OLD.answered_by_id, OLD.answered_by_name, OLD.answered_at)
    THEN
        RAISE EXCEPTION 'application % was decided for good', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION cnap_step_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER cnap_step_kept BEFORE UPDATE OR DELETE ON cnap_consultationstep
    FOR EACH ROW EXECUTE FUNCTION cnap_step_kept();
CREATE TRIGGER cnap_step_kept BEFORE UPDATE OR DELETE ON cnap_applicationstep
    FOR EACH ROW EXECUTE FUNCTION cnap_step_kept();
"""


class Migration(migrations.Migration):

    dependencies = [('cnap', '0005_offices_terms_reasons')]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(SEAL, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name='application',
            name='application_refused_has_reason',
        ),
        migrations.RemoveField(
            model_name='office',
            name='is_open',
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=models.Q(('is_active', False), ('published_at__isnull', False), _connector='OR'), name='cnap_service_shown_is_published'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), ('refusal_reason__isnull', False)), _connector='OR'), name='application_refused_has_reason'),
        ),
    ]
