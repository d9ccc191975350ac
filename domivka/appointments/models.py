"""Tables of visits."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from domivka.appointments.rules.states import AHEAD, TAKES_TIME, State
from domivka.appointments.words import in_language
from domivka.cnap.models import Office
from domivka.registry.models import Town


class Question(models.Model):
    """What people come with; how long one visit takes."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    name = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    minutes = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "name"], name="visit_question_once"),
            models.CheckConstraint(condition=Q(minutes__range=(5, 240)), name="visit_question_minutes"),
        ]

    @property
    def words(self) -> str:
        """Its name in the language that is in force."""
        return in_language(self.name, self.name_en)


class Window(models.Model):
    """A workplace of an office and the questions it serves."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="windows")
    number = models.PositiveSmallIntegerField()
    questions = models.ManyToManyField(Question, related_name="windows")
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "number"], name="visit_window_once")]


class Hours(models.Model):
    """Hours of an office on a day of the week (Monday is 0), while they are in force; Kyiv time."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "weekday", "valid_from"], name="visit_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="visit_hours_weekday"),
            models.CheckConstraint(condition=Q(opens__lte=F("closes")), name="visit_hours_order"),  # equal: closed
        ]


class Break(models.Model):
    """A break of every day."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="breaks")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="visit_break_order")]


class SpecialDay(models.Model):
    """A day that is not like its weekday: other hours, or none (both empty)."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="special_days")
    day = models.DateField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    note = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "day"], name="visit_special_day_once"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(opens__lt=F("closes")),
                name="visit_special_day_order",
            ),
        ]


class Holiday(models.Model):
    """A day of a town's own table of holidays: off for all its offices, or worked although the country's table says off."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    day = models.DateField()
    name = models.CharField(max_length=160)
    is_off = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "day"], name="visit_holiday_once")]


class Visit(models.Model):
    """A visit, booked or walked in. `rules.states.VISIT` is the table of its transitions.

    A walk-in has no time and gets its window when it is called. What keeps two people from one window at one time is the
    exclusion constraint, whatever the code does.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT)
    window = models.ForeignKey(Window, on_delete=models.PROTECT, null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    day = models.DateField()  # of Kyiv
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10)
    held_until = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(null=True)  # in the queue of the office's day
    code = models.CharField(max_length=32, unique=True)  # on the ticket; says nothing about the person
    surname = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=80, blank=True)
    patronymic = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()
    called_to = models.ForeignKey(Window, on_delete=models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    forecast_minutes = models.PositiveSmallIntegerField(null=True)  # of waiting, said on arrival

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="visit_no_double_booking",
                expressions=[
                    ("window", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"), F("ends_at"), RangeBoundary(),
                            function="tstzrange", output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=[str(state) for state in TAKES_TIME], starts_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["office", "day", "number"], name="visit_number_once"),
            models.UniqueConstraint(
                fields=["user", "question"], condition=Q(state__in=[str(state) for state in AHEAD]), name="visit_one_ahead"
            ),
            models.CheckConstraint(condition=Q(state__in=[str(state) for state in State]), name="visit_state"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__lt=F("ends_at"), window__isnull=False),
                name="visit_time_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "expired"], number__isnull=True)
                | (~Q(state__in=["held", "expired"]) & Q(number__isnull=False)),
                name="visit_numbered_when_booked",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["office", "day", "number"], name="visit_of_day"),
            models.Index(fields=["user", "-id"], name="visit_of_person"),
            models.Index(fields=["starts_at"], condition=Q(state="booked"), name="visit_to_remind"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="visit_held"),
        ]


class VisitStep(models.Model):
    """What happened to a visit: one row a transition, never changed."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="steps")
    event = models.CharField(max_length=10)
    state = models.CharField(max_length=10)  # after it
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
