"""Tables of the CNAP."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from domivka.cnap.rules.files import Kind
from domivka.cnap.rules.states import APPLICATION, CONSULTATION, states
from domivka.registry.models import Town


class StoredFile(models.Model):
    """A content kept by its digest; who refers to it keeps it alive. `touched_at` saves a fresh one from the sweep."""

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=4, choices=[(kind.value, kind.value) for kind in Kind])
    size = models.PositiveIntegerField()  # bytes
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="stored_file_kind"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_digest"),
        ]


class Document(models.Model):
    """A file of a person's library («Документи»)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-saved_at", "-id"], name="document_of_person")]


class Office(models.Model):
    """A centre (ЦНАП) of a town, or a remote workplace of it."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    hours_text = models.CharField(max_length=400, blank=True)  # for people; visits have a calendar of their own
    closed_from = models.DateField(null=True)  # what was sent to it before stays there until it is answered
    subjects: models.ManyToManyField[Subject, models.Model] = models.ManyToManyField(
        "Subject", related_name="offices"
    )  # bodies whose services are asked for here

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="cnap_office_once")]


class AnswerTerm(models.Model):
    """How many calendar days an answer may take from a day on; see `rules.terms`."""

    class Kind(models.TextChoices):
        CONSULTATION = "consultation"
        APPLICATION = "application"

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    service = models.ForeignKey("Service", on_delete=models.PROTECT, null=True)  # null: all of the town
    days = models.PositiveSmallIntegerField()
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "kind", "service", "valid_from"], nulls_distinct=False, name="answer_term_once"
            ),
            models.CheckConstraint(condition=Q(days__range=(1, 365)), name="answer_term_days"),
        ]


class AnswerTemplate(models.Model):
    """A text that administrators begin an answer with."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="answer_template_once")]


class RefusalReason(models.Model):
    """Why an application may be refused: what the administrator picks and the reports group by."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "name"], name="refusal_reason_once"),
            models.CheckConstraint(condition=~Q(name=""), name="refusal_reason_has_name"),
        ]


class Matter(models.Model):
    """What a resident sends and an administrator answers. What was sent is immutable (a trigger in the database) and
    `content_hash` proves it.
    """

    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=120, blank=True)  # as it was then
    answered_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", sent_at__isnull=True)
                | (~Q(state="draft") & Q(sent_at__isnull=False, due_on__isnull=False) & ~Q(content_hash="")),
                name="%(class)s_sent_is_sealed",
            )
        ]


class Step(models.Model):
    """What happened to a matter: one row a transition, never changed."""

    event = models.CharField(max_length=12)
    state = models.CharField(max_length=10)  # after it
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


class Consultation(Matter):
    """«Звернення»: a question to the administrator. `rules.states.CONSULTATION` is the table of its transitions."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consultations")
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    topic = models.CharField(max_length=200)
    question = models.TextField()
    state = models.CharField(max_length=8, default="draft")

    class Meta(Matter.Meta):
        constraints = [
            *Matter.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=states(CONSULTATION)), name="consultation_state"),
            models.CheckConstraint(
                condition=~Q(state="answered")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="consultation_answered_has_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="consultation_of_person"),
            models.Index(fields=["office", "due_on", "id"], condition=Q(state="waiting"), name="consultation_queue"),
        ]


class ConsultationFile(models.Model):
    """A file joined to a consultation."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)


class ConsultationStep(Step):
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="steps")


class Message(models.Model):
    """«Повідомлення»: what the administration tells a person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cnap_messages")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    path = models.CharField(max_length=80)  # the page it is about
    sent_at = models.DateTimeField()
    sender_name = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-sent_at", "-id"], name="message_of_person"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="message_unread"),
        ]


class Subject(models.Model):
    """A body that provides services (СНАП): it decides, the centre receives."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    closed_from = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="cnap_subject_once")]


class Service(models.Model):
    """An administrative service of the catalogue with its information card."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=300)
    about = models.TextField(blank=True)  # what the service is
    who = models.TextField(blank=True)  # who may ask for it
    card = models.TextField(blank=True)  # how it is asked for and decided
    law = models.TextField(blank=True)  # what it stands on
    result = models.CharField(max_length=300, blank=True)
    fee_kop = models.PositiveBigIntegerField(default=0)
    is_active = models.BooleanField(default=True)  # residents see it
    published_at = models.DateTimeField(null=True)  # never yet: a draft

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "name"], name="cnap_service_once"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(published_at__isnull=False), name="cnap_service_shown_is_published"
            ),
        ]


class Offer(models.Model):
    """Where a service is asked for: the centre that receives and the body that decides."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="offers")
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "office", "subject"], name="cnap_offer_once")]


class DocumentSlot(models.Model):
    """A document that a service asks for. Empty `who_may_skip`: everybody needs it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=400)
    needed_when = models.CharField(max_length=300, blank=True)
    who_may_skip = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "name"], name="document_slot_once")]


class Application(Matter):
    """«Заява». `rules.states.APPLICATION` is the table of its transitions."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT)
    object = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default="draft")
    service_name = models.CharField(max_length=300, blank=True)  # as it was when sent, and so is the fee
    fee_kop = models.PositiveBigIntegerField(default=0)
    asked = models.CharField(max_length=500, blank=True)  # which document the administrator lacks
    reason = models.CharField(max_length=120, blank=True)  # of a refusal, in the words of that day
    refusal_reason = models.ForeignKey(RefusalReason, on_delete=models.PROTECT, null=True)  # for the reports

    class Meta(Matter.Meta):
        constraints = [
            *Matter.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=states(APPLICATION)), name="application_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"])
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="application_decided_has_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | (~Q(reason="") & Q(refusal_reason__isnull=False)),
                name="application_refused_has_reason",
            ),
            models.CheckConstraint(condition=~Q(state="incomplete") | ~Q(asked=""), name="application_asked_has_words"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="application_of_person"),
            models.Index(
                fields=["offer", "due_on", "id"],
                condition=Q(state__in=["waiting", "incomplete"]),
                name="application_queue",
            ),
        ]

    @property
    def topic(self) -> str:
        """The service: of a sent application as it was called then."""
        return self.service_name or self.offer.service.name

    @property
    def office(self) -> Office:
        """The centre that receives it."""
        return self.offer.office


class ApplicationFile(models.Model):
    """What stands in a slot: a file, or that the person may leave it empty. Without a slot: a document asked for later."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="files")
    slot = models.ForeignKey(DocumentSlot, on_delete=models.PROTECT, null=True)
    slot_name = models.CharField(max_length=500)  # this and the next two: as they were when the application was sent
    needed_when = models.CharField(max_length=300, blank=True)
    who_may_skip = models.CharField(max_length=300, blank=True)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True)  # when it came from the library
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=120, blank=True)
    skipped = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "slot"], name="application_slot_once"),
            models.CheckConstraint(
                condition=Q(skipped=True, file__isnull=True) | Q(skipped=False, file__isnull=False),
                name="application_file_or_skipped",
            ),
        ]


class ApplicationStep(Step):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="steps")


class Case(models.Model):
    """«Справа»: what a providing body does with an application, followed by its full number."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    number = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)  # null: came on paper
    application = models.OneToOneField(Application, on_delete=models.PROTECT, null=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(number=""), name="case_has_number")]
        indexes = [models.Index(fields=["user", "-opened_at", "-id"], name="case_of_person")]


class CaseStage(models.Model):
    """A stage of a case at one providing body. `returned_on`: when the original went back."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stages")
    name = models.CharField(max_length=300)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    handed_on = models.DateField()
    result = models.CharField(max_length=200, blank=True)
    document_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(document_on__isnull=True) | Q(document_on__gte=models.F("handed_on")),
                name="case_document_after_handing",
            ),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True) | Q(returned_on__gte=models.F("handed_on")),
                name="case_return_after_handing",
            ),
        ]
