"""«Видалити мої дані»: asked with the password, taken back in time, done at night; what the law keeps stays."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError
from django.db.models import CharField, JSONField, TextField
from django.db.models.functions import Cast
from django.test import Client
from pytest_django import Settings

from domivka.appointments.models import Visit
from domivka.cnap.models import Application, Case, Consultation, Document
from domivka.cnap.models import Message as Inbox
from domivka.homes import api as homes
from domivka.homes.models import Home, HomeShare, KeyAttempt
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel.models import AuditEntry
from domivka.metering.models import Reading
from domivka.notifications import api as notifications
from domivka.notifications.models import Message
from domivka.payments.models import Intent
from domivka.privacy import erasures, exports
from domivka.privacy.errors import ErasureAsked, StaffCannotErase
from domivka.privacy.models import Erasure, Export
from tests.builders import person
from tests.database.privacy.everything import AT, Everything, everything

pytestmark = pytest.mark.django_db

PAGE = "/profile/data/erasure/"
LATER = AT + dt.timedelta(days=14)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def erased() -> Everything:
    one = everything("olena@example.org")
    exports.make_export(export_id=exports.ask_export(user_id=one.user.pk, at=AT), at=AT)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)
    assert erasures.erase_due(at=LATER) == 1
    return one


def test_profile_is_blank_and_nobody_signs_in(erased: Everything) -> None:
    user = User.objects.get(pk=erased.user.pk)

    assert (user.surname, user.name, user.patronymic, user.birth_on, user.email, user.phone) == (
        "",
        "",
        "",
        None,
        None,
        None,
    )
    assert not user.is_active
    assert not user.has_usable_password()
    assert identity.find_person(login="olena@example.org") is None


def test_help_that_the_person_gave_ends_without_a_name() -> None:
    one, helped = everything("olena@example.org"), everything("taras@example.org")
    home = homes.homes_of(user_id=helped.user.pk)[0]
    offered = homes.invite_helper(
        user_id=helped.user.pk, home_id=home.id, contact="olena@example.org", name="Олена", readings=True, pays=True,
        term=homes.Term.YEAR, at=AT,
    )  # fmt: skip
    homes.accept_invitation(user_id=one.user.pk, token=offered.token, label="Сусідка", at=AT)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    erasures.erase_due(at=LATER)

    share = HomeShare.objects.get(pk=offered.share_id)
    assert (share.state, share.name, share.contact, share.label) == ("left", "–", "", "")
    assert HomeShare.objects.filter(home__user_id=one.user.pk).count() == 0


@pytest.mark.parametrize("what", ["invited", "declined", "revoked"])
def test_invitation_that_the_person_did_not_accept_is_forgotten(what: str) -> None:
    one, helped = everything("olena@example.org"), everything("taras@example.org")
    home = homes.homes_of(user_id=helped.user.pk)[0]
    offered = homes.invite_helper(
        user_id=helped.user.pk, home_id=home.id, contact="olena@example.org", name="Олена", readings=True, pays=True,
        term=homes.Term.YEAR, at=LATER,
    )  # fmt: skip
    if what == "declined":
        homes.decline_invitation(user_id=one.user.pk, token=offered.token, at=LATER)
    if what == "revoked":
        homes.revoke_share(user_id=helped.user.pk, home_id=home.id, share_id=offered.share_id, at=LATER)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    erasures.erase_due(at=LATER)

    share = HomeShare.objects.get(pk=offered.share_id)
    ended = "expired" if what == "invited" else what
    assert (share.state, share.ended_at, share.name, share.contact) == (ended, LATER, "–", "")


def test_every_session_ends() -> None:
    one = everything("olena@example.org")
    client = client_of(one.user)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)
    assert client.get("/profile/").status_code == 200

    erasures.erase_due(at=LATER)

    assert "/accounts/login/" in client.get("/profile/")["Location"]


def test_documents_drafts_messages_and_homes_are_gone(erased: Everything) -> None:
    user_id = erased.user.pk

    assert list(Document.objects.filter(user_id=user_id).values_list("pk", flat=True)) == [erased.sent_document]
    assert list(Application.objects.filter(user_id=user_id).values_list("pk", flat=True)) == [erased.application]
    assert list(Consultation.objects.filter(user_id=user_id).values_list("pk", flat=True)) == [erased.consultation]
    for model in (Inbox, Home, KeyAttempt, Export):
        assert model._default_manager.filter(user_id=user_id).count() == 0


def test_what_the_law_keeps_stays_with_the_person_without_a_name(erased: Everything) -> None:
    user_id = erased.user.pk

    assert Intent.objects.get(user_id=user_id).amount_kop == 100_00
    sealed = Application.objects.get(user_id=user_id)
    assert (sealed.object, sealed.files.count()) == ("Квартира", 1)
    assert Case.objects.filter(user_id=user_id).count() == 1
    assert Reading.objects.count() == 1
    assert AuditEntry.objects.filter(person_ids__contains=[user_id], action="cnap.application_send").count() == 1
    assert AuditEntry.objects.filter(person_ids__contains=[user_id], action="identity.erased").count() == 1


def test_visit_to_come_is_free_for_others_and_past_ones_have_no_name(erased: Everything) -> None:
    rows = Visit.objects.filter(user_id=erased.user.pk).order_by("pk")

    assert [(row.state, row.surname, row.name, row.phone) for row in rows] == [
        ("served", "", "", ""), ("cancelled", "", "", ""),
    ]  # fmt: skip


def test_letters_are_forgotten_and_the_last_one_says_so(erased: Everything) -> None:
    assert [one.subject for one in Message.objects.filter(recipient="olena@example.org")] == ["Ваші дані видалено"]


def test_no_table_keeps_an_address_of_the_person(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.org"  # letters leave, the demo's mailbox keeps them
    mine = ["olena@example.org", "+380501112233", "typed@example.org", "+380502223344"]
    one, helped = everything(mine[0]), everything("taras@example.org")
    User.objects.filter(pk=one.user.pk).update(phone=mine[1], new_phone=mine[3])
    EmailAddress.objects.create(user=one.user, email=mine[2], verified=False, primary=False)
    home = homes.homes_of(user_id=helped.user.pk)[0]
    for address in mine:
        if address in mine[:2]:
            homes.invite_helper(
                user_id=helped.user.pk, home_id=home.id, contact=address, name="Олена", readings=True, pays=True,
                term=homes.Term.WEEK, at=AT,
            )  # fmt: skip
        else:
            notifications.send_sms(to=address, template="identity.code", body="Код", at=AT)
    assert {"homes.HomeShare", "identity.User", "notifications.Message"} <= tables_with(mine)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    erasures.erase_due(at=LATER)
    for message in Message.objects.all():
        notifications.deliver(message_id=message.pk, at=LATER)

    assert tables_with(mine) == set()


def tables_with(words: list[str]) -> set[str]:
    """Models that have any of the words in a column of text."""
    pattern = "|".join(rf"(^|[^\w.-]){re.escape(word)}" for word in words)
    return {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField | ArrayField)
        and model._default_manager.annotate(as_text=Cast(field.name, TextField()))
        .filter(as_text__regex=pattern)
        .exists()
    }


def test_address_that_somebody_else_confirmed_is_theirs() -> None:
    one = everything("olena@example.org")
    everything("taras@example.org")
    User.objects.filter(pk=one.user.pk).update(new_phone="+380501112233")
    person("phone@example.org")
    User.objects.filter(email="phone@example.org").update(phone="+380501112233")
    notifications.send_sms(to="+380501112233", template="test", body="Слова", at=AT)
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    erasures.erase_due(at=LATER)

    assert Message.objects.filter(recipient="+380501112233").count() == 1


def test_same_address_may_begin_anew(erased: Everything) -> None:
    again = identity.create_person(at=LATER, email="olena@example.org", password="Kalyna-2027")

    assert again != erased.user.pk


def test_desk_still_opens_what_was_sent(erased: Everything) -> None:
    client = client_of(erased.admin)

    assert client.get(f"/staff/cnap/applications/{erased.application}/").status_code == 200
    assert client.get("/staff/cnap/applications/?state=").status_code == 200
    assert client.get(f"/staff/cnap/consultations/{erased.consultation}/").status_code == 200


def test_nothing_happens_before_the_grace_is_over() -> None:
    one = everything("olena@example.org")
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    assert erasures.erase_due(at=LATER - dt.timedelta(seconds=1)) == 0

    assert User.objects.get(pk=one.user.pk).surname == "Борг"
    assert Home.objects.filter(user_id=one.user.pk).count() == 1


def test_person_takes_it_back() -> None:
    one = everything("olena@example.org")
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    answer = client_of(one.user).post("/profile/data/erasure/cancel/", follow=True).content.decode()

    assert "Видалення скасовано." in answer
    assert erasures.erase_due(at=LATER) == 0
    assert User.objects.get(pk=one.user.pk).surname == "Борг"
    erasures.ask_erasure(user_id=one.user.pk, at=LATER)  # and may ask again
    assert Erasure.objects.count() == 2


def test_asking_twice_is_refused() -> None:
    user = person()
    erasures.ask_erasure(user_id=user.pk, at=AT)

    with pytest.raises(ErasureAsked):
        erasures.ask_erasure(user_id=user.pk, at=AT)


def test_staff_cannot_until_their_roles_are_revoked() -> None:
    user = person()
    identity.grant_role(user_id=user.pk, role=Role.CNAP, scope_id=1, at=AT, actor_id=None)
    with pytest.raises(StaffCannotErase):
        erasures.ask_erasure(user_id=user.pk, at=AT)
    assert "Ви маєте службову роль." in client_of(user).get(PAGE).content.decode()

    identity.revoke_role(user_id=user.pk, role=Role.CNAP, scope_id=1, at=AT, actor_id=None)

    assert erasures.ask_erasure(user_id=user.pk, at=AT) == LATER


def test_person_who_became_staff_meanwhile_waits() -> None:
    user = person()
    erasures.ask_erasure(user_id=user.pk, at=AT)
    identity.grant_role(user_id=user.pk, role=Role.CNAP, scope_id=1, at=AT, actor_id=None)

    assert erasures.erase_due(at=LATER) == 0
    assert User.objects.get(pk=user.pk).is_active

    identity.revoke_role(user_id=user.pk, role=Role.CNAP, scope_id=1, at=AT, actor_id=None)
    assert erasures.erase_due(at=LATER) == 1


def test_night_that_was_cut_short_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    one = everything("olena@example.org")
    erasures.ask_erasure(user_id=one.user.pk, at=AT)

    def killed(**_of: object) -> None:
        raise KeyboardInterrupt  # as a worker that is stopped

    with monkeypatch.context() as patch:
        patch.setattr(identity, "erase_person", killed)
        with pytest.raises(KeyboardInterrupt):
            erasures.erase_due(at=LATER)
    assert Home.objects.filter(user_id=one.user.pk).count() == 1  # nothing was done by half

    assert erasures.erase_due(at=LATER) == 1
    assert erasures.erase_due(at=LATER) == 0
    assert Home.objects.filter(user_id=one.user.pk).count() == 0


def test_failure_of_one_does_not_hold_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person() for _ in range(2)]
    for user in people:
        erasures.ask_erasure(user_id=user.pk, at=AT)
    erase = identity.erase_person

    def breaks_for_the_first(*, user_id: int, at: dt.datetime) -> None:
        if user_id == people[0].pk:
            raise DatabaseError("a row is locked")
        erase(user_id=user_id, at=at)

    with monkeypatch.context() as patch:
        patch.setattr(identity, "erase_person", breaks_for_the_first)
        assert erasures.erase_due(at=LATER) == 1
    assert [User.objects.get(pk=user.pk).is_active for user in people] == [True, False]

    assert erasures.erase_due(at=LATER) == 1


def test_page_asks_for_the_password_and_a_tick() -> None:
    one = everything("olena@example.org")
    client = client_of(one.user)
    page = client.get(PAGE).content.decode()
    assert "Ваш теперішній пароль" in page
    assert "У вас є звернення чи заяви без відповіді" in page  # the application waits

    for posted in ({}, {"current": "wrong", "understood": "on"}, {"current": "Kalyna-2026"}):
        assert client.post(PAGE, posted).status_code == 400
    assert not Erasure.objects.exists()

    answer = client.post(PAGE, {"current": "Kalyna-2026", "understood": "on"}, follow=True).content.decode()
    assert "Ваші дані буде видалено 24.11.2026" in answer
    assert "Ваші дані буде видалено 24.11.2026" in client.get("/profile/data/").content.decode()
    letter = Message.objects.get(template="privacy.erasure")
    assert letter.subject == "Ви попросили видалити ваші дані"


def test_pages_are_for_the_signed_in_only(settings: Settings) -> None:
    for path in ("", "views/", "export/", "export/progress/", "erasure/"):
        assert Client().get(f"/profile/data/{path}").status_code == 302
    assert client_of(person()).post("/profile/data/erasure/cancel/").status_code == 404
