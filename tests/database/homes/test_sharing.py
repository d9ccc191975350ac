"""Inviting, answering, changing and ending: the operations, and what they leave behind."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.homes import api as homes
from domivka.homes.api import Right, Stage, Term
from domivka.homes.models import Home, HomeShare
from domivka.homes.share_letters import remind_of_the_end
from domivka.homes.tasks import remind_of_shares
from domivka.identity.api import create_person
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message
from domivka.registry.models import Premises
from tests.database.homes.town import AT, make_person, make_town

pytestmark = pytest.mark.django_db

OLIA, PHONE = "olia@example.com", "+380671112233"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


class Owner:
    """Olena with an open home at flat 1, and everybody she may invite."""

    def __init__(self) -> None:
        self.flats: list[Premises] = make_town()
        self.id = make_person()
        self.home_id = homes.grant_home(user_id=self.id, premises_id=self.flats[0].pk, at=AT, actor_id=None).id

    def invite(
        self,
        contact: str = OLIA,
        *,
        readings: bool = False,
        pays: bool = False,
        term: Term = Term.HALF_YEAR,
        at: dt.datetime = AT,
    ) -> homes.Invited:
        return homes.invite_helper(
            user_id=self.id, home_id=self.home_id, contact=contact, name="донька Оля", readings=readings, pays=pays,
            term=term, at=at,
        )  # fmt: skip

    def shares_with(self, user_id: int, *, at: dt.datetime = AT, readings: bool = False, pays: bool = False) -> int:
        asked = self.invite(at=at, readings=readings, pays=pays)
        homes.accept_invitation(user_id=user_id, token=asked.token, label="оселя мами", at=at)
        return asked.share_id

    def share(self, share_id: int, *, at: dt.datetime = AT) -> homes.ShareView:
        return homes.share_of(home_id=self.home_id, share_id=share_id, at=at)


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def olia() -> int:
    return create_person(at=AT, email=OLIA, phone=PHONE, surname="Коваль", name="Ольга")


def seen(user_id: int, at: dt.datetime = AT) -> list[homes.HomeView]:
    return homes.homes_seen(user_id=user_id, at=at)


def test_accepted_home_is_seen_with_the_rights_that_were_given(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia, readings=True)

    [home] = seen(olia)

    assert (home.id, home.title, home.share_id) == (owner.home_id, "оселя мами", share_id)
    assert home.rights == {Right.SEE, Right.READINGS}
    assert (home.is_own, home.last_day) == (False, dt.date(2027, 5, 21))
    assert homes.homes_of(user_id=olia) == []
    assert [one.title for one in seen(owner.id)] == ["Садова, 6/1, кв. 1"]


def test_invitation_says_what_is_offered_and_not_where(owner: Owner) -> None:
    asked = owner.invite(pays=True)

    letter = Message.objects.get(template="homes.invitation")
    assert (letter.recipient, letter.subject) == (OLIA, "Олена К. просить допомогти з оселею")
    assert f"/invitations/{asked.token}/" in letter.body
    assert "бачити рахунки, нарахування, показання й платежі, платити. Доступ діятиме до 21.05.2027" in letter.body
    assert "Садова" not in letter.body
    assert asked.token not in str(HomeShare.objects.values().get())


def test_invitation_to_a_phone_is_an_sms(owner: Owner, olia: int) -> None:
    asked = owner.invite(PHONE)

    message = Message.objects.get(template="homes.invitation")
    assert (message.channel, message.recipient) == ("sms", PHONE)
    assert homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT) == owner.home_id


def test_invitation_is_the_same_whether_there_is_an_account_or_not(owner: Owner, olia: int) -> None:
    known, unknown = owner.invite(OLIA), owner.invite("nobody@example.com")

    bodies = [
        message.body.replace(one.token, "…")
        for message, one in zip(Message.objects.order_by("pk"), (known, unknown), strict=True)
    ]
    views = [owner.share(one.share_id) for one in (known, unknown)]
    assert bodies[0] == bodies[1]
    assert [(one.stage, one.helper_id) for one in views] == [(Stage.INVITED, None)] * 2


def test_link_works_once(owner: Owner, olia: int) -> None:
    asked = owner.invite()
    homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)

    with pytest.raises(homes.InvitationOver):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)
    with pytest.raises(homes.InvitationOver):
        homes.decline_invitation(user_id=olia, token=asked.token, at=AT)


def test_link_works_for_seven_days(owner: Owner, olia: int) -> None:
    asked = owner.invite()

    with pytest.raises(homes.InvitationOver):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT + 7 * DAY)

    assert owner.share(asked.share_id, at=AT + 7 * DAY).stage is Stage.UNANSWERED
    assert homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT + 7 * DAY - HOUR) == owner.home_id


def test_link_in_other_hands_opens_nothing(owner: Owner) -> None:
    asked, thief = owner.invite(), make_person("thief@example.com")

    for user_id in (thief, owner.id):
        with pytest.raises(homes.AnotherPersonsInvitation):
            homes.accept_invitation(user_id=user_id, token=asked.token, label="", at=AT)

    assert seen(thief) == []
    assert owner.share(asked.share_id).stage is Stage.INVITED


def test_token_that_was_made_up_is_not_found(olia: int) -> None:
    with pytest.raises(NotFoundError):
        homes.accept_invitation(user_id=olia, token="0" * 32, label="", at=AT)


def test_declined_invitation_tells_the_owner(owner: Owner, olia: int) -> None:
    asked = owner.invite()

    homes.decline_invitation(user_id=olia, token=asked.token, at=AT)

    assert seen(olia) == []
    assert owner.share(asked.share_id).stage is Stage.DECLINED
    assert Message.objects.get(template="homes.sharing").subject == "донька Оля не приймає запрошення допомагати"


def test_access_ends_by_the_clock_alone(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia)
    end = dt.datetime(2027, 5, 21, 21, 0, tzinfo=dt.UTC)  # midnight in Kyiv

    assert [home.id for home in seen(olia, end - dt.timedelta(seconds=1))] == [owner.home_id]
    assert seen(olia, end) == []
    assert HomeShare.objects.get(pk=share_id).state == "accepted"
    assert owner.share(share_id, at=end).stage is Stage.EXPIRED


def test_revoked_access_is_over_at_once_and_the_helper_is_told(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia, pays=True)

    homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=share_id, at=AT + HOUR)
    homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=share_id, at=AT + 2 * HOUR)

    assert seen(olia, AT + HOUR) == []
    view = owner.share(share_id)
    assert (view.stage, view.ended_at) == (Stage.REVOKED, AT + HOUR)
    letters = Message.objects.filter(recipient=OLIA, template="homes.sharing")
    assert [one.subject for one in letters] == ["Доступ до оселі «оселя мами» відкликано"]


def test_cancelled_invitation_cannot_be_accepted(owner: Owner, olia: int) -> None:
    asked = owner.invite()

    homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=asked.share_id, at=AT)

    with pytest.raises(homes.InvitationOver):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)
    assert not Message.objects.filter(template="homes.sharing").exists()


def test_invitation_sent_again_works_and_the_one_before_does_not(owner: Owner, olia: int) -> None:
    asked = owner.invite()

    sent = homes.invite_again(user_id=owner.id, home_id=owner.home_id, share_id=asked.share_id, at=AT + DAY)

    with pytest.raises(homes.InvitationOver):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT + DAY)
    first, second = owner.share(asked.share_id), owner.share(sent.share_id)
    assert (first.stage, second.stage) == (Stage.UNANSWERED, Stage.INVITED)
    assert (second.name, second.contact, second.rights, second.expires_at) == (
        first.name, first.contact, first.rights, first.expires_at,
    )  # fmt: skip
    assert second.invitation_expires_at == AT + DAY + dt.timedelta(days=7)
    assert homes.accept_invitation(user_id=olia, token=sent.token, label="", at=AT + 2 * DAY) == owner.home_id
    with pytest.raises(homes.ShareOver):
        homes.invite_again(user_id=owner.id, home_id=owner.home_id, share_id=sent.share_id, at=AT + 3 * DAY)


def test_sending_again_counts_as_an_invitation(owner: Owner) -> None:
    asked = owner.invite()
    for _n in range(2):
        asked = homes.invite_again(user_id=owner.id, home_id=owner.home_id, share_id=asked.share_id, at=AT)

    with pytest.raises(homes.TooManyInvitations):
        homes.invite_again(user_id=owner.id, home_id=owner.home_id, share_id=asked.share_id, at=AT)

    assert Message.objects.filter(template="homes.invitation").count() == 3
    assert owner.share(asked.share_id).stage is Stage.INVITED


def test_helper_leaves_and_the_owner_is_told(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia)

    homes.leave_share(user_id=olia, share_id=share_id, at=AT)

    assert seen(olia) == []
    assert owner.share(share_id).stage is Stage.LEFT
    assert Message.objects.latest("pk").subject == "донька Оля більше не допомагає з вашою оселею"


def test_rights_and_term_change_at_once(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia, readings=True)

    homes.change_share(
        user_id=owner.id, home_id=owner.home_id, share_id=share_id, readings=False, pays=True, term=Term.WEEK, at=AT
    )

    [home] = seen(olia)
    assert (set(home.rights), home.last_day) == ({Right.SEE, Right.PAY}, dt.date(2026, 11, 28))


def test_access_that_is_over_is_not_prolonged(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia)
    homes.leave_share(user_id=olia, share_id=share_id, at=AT)

    with pytest.raises(homes.ShareOver):
        homes.change_share(
            user_id=owner.id, home_id=owner.home_id, share_id=share_id, readings=True, pays=True, term=None, at=AT
        )


def test_strangers_and_helpers_change_and_end_nothing(owner: Owner, olia: int) -> None:
    share_id, stranger = owner.shares_with(olia), make_person("stranger@example.com")

    for user_id in (olia, stranger):
        with pytest.raises(NotFoundError):
            homes.revoke_share(user_id=user_id, home_id=owner.home_id, share_id=share_id, at=AT)
        with pytest.raises(NotFoundError):
            homes.change_share(
                user_id=user_id, home_id=owner.home_id, share_id=share_id, readings=True, pays=True, term=None, at=AT
            )
        with pytest.raises(NotFoundError):
            homes.invite_helper(
                user_id=user_id, home_id=owner.home_id, contact="x@example.com", name="x", readings=True, pays=True,
                term=Term.WEEK, at=AT,
            )  # fmt: skip
    with pytest.raises(NotFoundError):
        homes.leave_share(user_id=stranger, share_id=share_id, at=AT)
    assert owner.share(share_id).stage is Stage.ACTIVE


def test_helper_calls_the_home_something_and_the_owner_does_not_notice(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia)

    homes.rename_shared(user_id=olia, share_id=share_id, label="  дім   мами ", at=AT)

    assert [home.title for home in seen(olia)] == ["дім мами"]
    assert [home.label for home in seen(owner.id)] == [""]


def test_owner_cannot_invite_themselves(owner: Owner) -> None:
    with pytest.raises(homes.OwnContact):
        owner.invite("olena@example.com")


def test_one_invitation_to_one_address_at_a_time(owner: Owner, olia: int) -> None:
    asked = owner.invite()
    with pytest.raises(homes.AlreadyInvited):
        owner.invite()

    homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)
    with pytest.raises(homes.AlreadyInvited):
        owner.invite()


def test_place_of_what_is_over_is_free_again(owner: Owner, olia: int) -> None:
    owner.invite()
    later = AT + 8 * DAY
    owner.shares_with(olia, at=later)
    after = later + 400 * DAY

    owner.shares_with(olia, at=after)

    assert [share.stage for share in homes.shares_of(home_id=owner.home_id, at=after, limit=9)] == [
        Stage.ACTIVE, Stage.EXPIRED, Stage.UNANSWERED,
    ]  # fmt: skip


def test_second_invitation_to_the_same_person_by_phone_is_refused(owner: Owner, olia: int) -> None:
    owner.shares_with(olia)
    asked = owner.invite(PHONE)

    with pytest.raises(homes.HomeSeenAlready):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)


def test_whoever_has_the_home_needs_no_help_with_it(owner: Owner, olia: int) -> None:
    homes.grant_home(user_id=olia, premises_id=owner.flats[0].pk, at=AT, actor_id=None)
    asked = owner.invite()

    with pytest.raises(homes.HomeSeenAlready):
        homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)


def test_whoever_stopped_at_the_key_takes_the_invitation_and_sees_the_home(owner: Owner, olia: int) -> None:
    Home.objects.create(user_id=olia, premises=owner.flats[0], state=Home.State.LOCKED, added_at=AT)
    asked = owner.invite()

    homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)

    assert [(home.is_own, home.is_open) for home in seen(olia)] == [(True, False), (False, True)]


def test_home_is_shared_with_five_people_at_most(owner: Owner) -> None:
    for number in range(5):
        owner.invite(f"helper{number}@example.com")

    with pytest.raises(homes.TooManyHelpers):
        owner.invite("sixth@example.com")


def test_owner_sends_ten_invitations_a_day_at_most(owner: Owner) -> None:
    for number in range(10):
        asked = owner.invite(f"helper{number}@example.com")
        homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=asked.share_id, at=AT)

    with pytest.raises(homes.TooManyInvitations):
        owner.invite()
    owner.invite(at=AT + DAY)


def test_nobody_gets_more_than_three_invitations_a_day(owner: Owner) -> None:
    for number in range(1, 4):
        other = make_person(f"owner{number}@example.com")
        home = homes.grant_home(user_id=other, premises_id=owner.flats[number].pk, at=AT, actor_id=None)
        homes.invite_helper(
            user_id=other, home_id=home.id, contact=OLIA, name="x", readings=False, pays=False, term=Term.WEEK, at=AT
        )

    with pytest.raises(homes.TooManyInvitations):
        owner.invite()
    assert Message.objects.count() == 3


def test_log_says_everything_in_words_newest_first(owner: Owner, olia: int) -> None:
    share_id = owner.shares_with(olia, readings=True, pays=True)
    homes.note_visit(user_id=olia, share_id=share_id, at=AT + HOUR)
    homes.note_visit(user_id=olia, share_id=share_id, at=AT + HOUR + dt.timedelta(minutes=29))
    homes.note_readings(user_id=olia, share_id=share_id, taken=2, at=AT + 2 * HOUR)
    for user_id, flat, kop, number in (
        (olia, owner.flats[0], 3154_97, 7), (owner.id, owner.flats[0], 1_00, 8), (olia, owner.flats[1], 1_00, 9)
    ):  # fmt: skip
        homes.note_payment(
            user_id=user_id, premises_id=flat.pk, begun_at=AT + 2 * HOUR, amount_kop=kop, receipt=f"2611-{number}",
            at=AT + 3 * HOUR,
        )  # fmt: skip
    homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=share_id, at=AT + 4 * HOUR)

    acts = homes.acts_of(share=owner.share(share_id), limit=20)

    assert [(act.words.replace("\u00a0", " "), act.by_owner) for act in acts] == [
        ("Ви відкликали доступ", True),
        ("Сплачено 3 154,97 грн, квитанція № 2611-7", False),
        ("Передано 2 показання", False),
        ("Відкрито сторінки оселі", False),
        ("Запрошення прийнято", False),
        ("Ви надіслали запрошення", True),
    ]
    assert homes.count_acts(share_id=share_id) == 6
    assert owner.share(share_id).last_visit_at == AT + HOUR
    visit = AuditEntry.objects.get(action="homes.helper_visited")
    assert (visit.is_read, visit.person_ids, visit.premises_ids) == (True, [owner.id, olia], [owner.flats[0].pk])


def test_both_are_reminded_a_week_before_the_end_once(owner: Owner, olia: int) -> None:
    owner.shares_with(olia)
    end = dt.datetime(2027, 5, 21, 21, 0, tzinfo=dt.UTC)
    Message.objects.all().delete()

    assert remind_of_the_end(at=end - 8 * DAY) == 0
    assert remind_of_the_end(at=end - 7 * DAY) == 2
    assert remind_of_the_end(at=end - 6 * DAY) == 0

    assert dict(Message.objects.values_list("recipient", "subject")) == {
        "olena@example.com": "донька Оля допомагає вам до 21 травня, пʼятниця",
        OLIA: "Доступ до оселі «оселя мами» діє до 21 травня, пʼятниця",
    }


def test_nobody_is_reminded_of_access_that_was_taken_back(owner: Owner, olia: int, settings: Settings) -> None:
    share_id = owner.shares_with(olia)
    homes.revoke_share(user_id=owner.id, home_id=owner.home_id, share_id=share_id, at=AT)
    settings.FROZEN_NOW = dt.datetime(2027, 5, 18, 5, 20, tzinfo=dt.UTC)
    before = Message.objects.count()

    remind_of_shares(timestamp=0)

    assert Message.objects.count() == before


@pytest.mark.parametrize("helpers", [1, 3])
def test_reminders_ask_the_same_of_the_database_for_any_number(
    owner: Owner, helpers: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(helpers):
        helps = make_person(f"helper{number}@example.com")
        asked = owner.invite(f"helper{number}@example.com")
        homes.accept_invitation(user_id=helps, token=asked.token, label="", at=AT)
    at = dt.datetime(2027, 5, 18, 5, 20, tzinfo=dt.UTC)
    assert remind_of_the_end(at=at) == 2 * helpers

    with django_assert_num_queries(5):  # shares, people and their e-mails, letters that were written, no more shares
        assert remind_of_the_end(at=at) == 0


def test_letter_about_an_answer_is_in_the_owners_language(owner: Owner, olia: int) -> None:
    connection.cursor().execute("UPDATE identity_user SET language = 'en' WHERE id = %s", [owner.id])

    owner.shares_with(olia)

    assert Message.objects.get(template="homes.invitation").subject == "Олена К. asks you to help with a home"
    assert Message.objects.get(template="homes.sharing").subject == "донька Оля now helps with your home"


def test_database_refuses_access_that_nobody_accepted(owner: Owner) -> None:
    asked = owner.invite()

    with pytest.raises(IntegrityError, match="share_accepted_by_somebody"):
        HomeShare.objects.filter(pk=asked.share_id).update(state="accepted")


def test_database_refuses_an_end_without_a_moment(owner: Owner) -> None:
    asked = owner.invite()

    with pytest.raises(IntegrityError, match="share_ends_once"):
        HomeShare.objects.filter(pk=asked.share_id).update(state="revoked")


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one() -> None:
    owner = Owner()
    olia = create_person(at=AT, email=OLIA, surname="Коваль", name="Ольга")
    asked = owner.invite()

    def accept(_: int) -> str:
        try:
            homes.accept_invitation(user_id=olia, token=asked.token, label="", at=AT)
        except homes.InvitationOver:
            return "over"
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(accept, range(8)))

    assert answers == ["accepted"] + ["over"] * 7
    assert Message.objects.filter(template="homes.sharing").count() == 1
