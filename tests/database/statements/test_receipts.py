from __future__ import annotations

import uuid

import pypdfium2
import pytest
from django.test import Client

from domivka.kernel.period import Period
from domivka.notifications.models import Message
from domivka.payments.models import Intent
from domivka.statements import api as statements
from domivka.statements.tasks import send_receipt
from tests.database.payments.bank import create, hear, mark_started
from tests.database.payments.town import House, build, charge, make_user

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def paid(house: House) -> uuid.UUID:
    """The basket of seed S1, 3 154,97 with fees 25,23 and 1,30, confirmed by the bank."""
    for code, kop in (("water", 1264_70), ("wastewater", 869_27), ("housing", 1021_00)):
        charge(house, code, kop)
    intent_id = create(house)
    mark_started(intent_id)
    assert hear(intent_id, "success") == "applied"
    return intent_id


def test_receipt_tells_each_recipient_fees_and_the_total_in_words() -> None:
    intent_id = paid(build())

    text = text_of(statements.receipt_pdf(intent_id=intent_id))

    number = Intent.objects.get(pk=intent_id).receipt_number
    for words in (
        f"Квитанція № {number}",
        "05.11.2026 о 11:00",
        "1 264,70",
        "869,27",
        "25,23",
        "1 021,00",
        "1,30",
        "3 154,97",
        "26,53",
        "3 181,50 грн",
        "Три тисячі сто вісімдесят одна гривня 50 копійок",
        "UA393052990000026006060365696",
    ):
        assert words in text


def test_receipt_job_run_twice_sends_one_letter_with_the_file() -> None:
    intent_id = paid(build())

    send_receipt(intent_id=str(intent_id))
    send_receipt(intent_id=str(intent_id))

    (message,) = Message.objects.filter(template="statements.receipt")
    assert message.recipient == "olena@example.com"
    (file,) = message.attachments.all()
    assert (file.content_type, bytes(file.content)[:5]) == ("application/pdf", b"%PDF-")
    assert Intent.objects.get(pk=intent_id).receipt_sent_at is not None


def test_receipt_opens_for_its_payer_only(client: Client) -> None:
    house = build()
    intent_id = paid(house)

    client.force_login(house.user)
    own = client.get(f"/receipts/{intent_id}.pdf")
    client.force_login(make_user("other@example.com"))
    others = client.get(f"/receipts/{intent_id}.pdf")

    assert (own.status_code, own["Content-Type"]) == (200, "application/pdf")
    assert others.status_code == 404


def test_payment_that_was_not_confirmed_has_no_receipt(client: Client) -> None:
    house = build()
    intent_id = create(house)
    client.force_login(house.user)

    assert client.get(f"/receipts/{intent_id}.pdf").status_code == 404


def test_certificate_lists_payments_of_the_chosen_provider(client: Client) -> None:
    house = build()
    paid(house)
    client.force_login(house.user)
    span = "first=2026-01&last=2026-12"

    everyone = text_of(client.get(f"/homes/{house.home_id}/certificate.pdf?{span}").content)
    provider = Intent.objects.get().lines.get(amount_kop=1021_00).account_service.provider_service.provider_id
    housing = text_of(client.get(f"/homes/{house.home_id}/certificate.pdf?{span}&provider={provider}").content)

    assert "3 154,97" in everyone
    assert "1 264,70" in everyone
    assert "1 264,70" not in housing
    assert "Одна тисяча двадцять одна гривня 00 копійок" in housing


def test_certificate_of_someone_elses_home_is_not_found(client: Client) -> None:
    house = build()
    client.force_login(make_user("other@example.com"))

    assert client.get(f"/homes/{house.home_id}/certificate.pdf").status_code == 404
    assert client.get(f"/homes/{house.home_id}/bills/").status_code == 404
    assert client.get(f"/homes/{house.home_id}/bill.pdf?period={Period(202610)}").status_code == 404
