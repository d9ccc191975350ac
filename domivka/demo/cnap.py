"""The administrative services centre of the demo: a catalogue, and what a few residents asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from domivka.cnap import api as cnap
from domivka.demo import papers
from domivka.kernel.clock import KYIV

OFFICE: Final = "Центр надання адміністративних послуг виконавчого комітету Вишнегірської міської ради"
BRANCH: Final = "Віддалене робоче місце адміністратора, село Підгір'я"
REGISTRATION: Final = "Відділ реєстрації місця проживання"
PROPERTY: Final = "Державний реєстратор прав на нерухоме майно"

# (name, what it is, who may ask, what it stands on, result, fee in kopiykas, days, СНАП,
#  documents: name, when needed, who may leave it empty)
_SERVICES: Final = (
    (
        "Надання інформаційної довідки про склад зареєстрованих у житловому приміщенні/будинку осіб",
        "Перелік усіх, хто зареєстрований за адресою на день видачі.",
        "Власник житла, наймач, зареєстрована особа або їхній представник.",
        "Закон України «Про надання публічних (електронних публічних) послуг щодо декларування та реєстрації місця проживання».",
        "Довідка про склад зареєстрованих осіб", 0, 10, REGISTRATION,
        (
            ("Довіреність, посвідчена в установленому законодавством порядку",
             "у разі надання документів представником", "той, хто подає заяву особисто"),
            ("Документ, до якого вносяться відомості про місце проживання особи",
             "для особи, місце проживання якої зареєстровано за адресою відповідного житла", "власник, який живе за іншою адресою"),
            ("Документ, що підтверджує повноваження особи як законного представника",
             "якщо заяву подають за дитину чи підопічного", "той, хто подає заяву за себе"),
            ("Документ, що підтверджує право власності заявника на відповідне житло", "для власника чи співвласника житла",
             "наймач житла"),
        ),
    ),
    (
        "Державна реєстрація права власності на нерухоме майно",
        "Внесення права власності на житло чи ділянку до Державного реєстру речових прав.",
        "Набувач права або його представник.",
        "Закон України «Про державну реєстрацію речових прав на нерухоме майно та їх обтяжень».",
        "Витяг з Державного реєстру речових прав", 302_80, 5, PROPERTY,
        (
            ("Паспорт громадянина України", "", ""),
            ("Документ, на підставі якого набуто право власності", "", ""),
            ("Квитанція про сплату адміністративного збору", "якщо ви не звільнені від сплати", "особа, звільнена від збору законом"),
        ),
    ),
    (
        "Реєстрація місця проживання",
        "Запис про нове місце проживання у реєстрі громади.",
        "Кожен, хто переїхав; протягом 30 днів.",
        "Закон України «Про надання публічних (електронних публічних) послуг щодо декларування та реєстрації місця проживання».",
        "Відомості у реєстрі територіальної громади", 0, 1, REGISTRATION,
        (("Паспорт громадянина України", "", ""), ("Згода власника житла", "якщо житло не ваше", "власник житла")),
    ),
)  # fmt: skip
_HOW: Final = (
    "Подайте заяву тут або особисто. Адміністратор ЦНАП передасть її тому, хто надає послугу, і повідомить рішення."
)
_REASONS: Final = (
    "Немає документа",
    "Документ нечитабельний",
    "Звернулася неналежна особа",
    "Послугу надає інший орган",
    "Не сплачено адміністративний збір",
)
_DOCUMENTS: Final = "Для отримання послуги потрібні паспорт і документ на житло. Оригінали візьміть із собою."
_TEMPLATES: Final = (
    ("Перелік документів", f"{{заявник}}! {_DOCUMENTS} Чекаємо на вас: {{цнап}}, {{адреса}}. {{години}}."),
    ("Відсутні документи", "Відсутні необхідні документи. Додайте їх і подайте заяву ще раз."),
)
_CONTRACT: Final = (
    "Наймодавець передає, а наймач приймає у користування квартиру за адресою: м. Вишнегір, вул. Ринкова, 12, кв. 7.",
    "Строк найму – два роки. Плата – 6 500 грн на місяць, комунальні послуги наймач сплачує сам за показаннями лічильників.",
)


def _library() -> list[cnap.Upload]:
    """What a resident keeps among «Документи»."""
    photo = papers.photo(
        "Витяг з реєстру територіальної громади", "Відділ реєстрації", "За цією адресою зареєстровано три особи."
    )
    return [
        cnap.Upload("20200601.png", photo),
        cnap.Upload("Договір найму.pdf", papers.paper("Договір найму житла", "Наймодавець, наймач", *_CONTRACT)),
    ]


def _paper_of(slot: str) -> cnap.Upload:
    return cnap.Upload("документ.pdf", papers.paper(slot, "Підпис заявника", "Копія документа, що додається до заяви."))


def open_centre(*, town_id: int, at: dt.datetime) -> None:
    """Two centres, the catalogue, terms, reasons of refusals."""
    since = at - dt.timedelta(days=300)
    office = cnap.save_office(
        town_id=town_id, name=OFFICE, address="вул. Ринкова, 1", phone="0 800 300 516", email="cnap@vyshnehir.example",
        hours_text="Понеділок – четвер 8:00 – 17:00, пʼятниця 8:00 – 15:45, обідня перерва 12:00 – 12:45", at=since,
    )  # fmt: skip
    branch = cnap.save_office(
        town_id=town_id, name=BRANCH, address="с. Підгір'я, вул. Шкільна, 4", hours_text="Вівторок і четвер 9:00 – 13:00",
        at=since,
    )  # fmt: skip
    about: dict[str, Any] = {"town_id": town_id, "user_id": None}
    first = since.astimezone(KYIV).date()
    cnap.set_term(**about, kind="consultation", service_id=None, length=30, valid_from=first, at=since)
    planned = (at + dt.timedelta(days=41)).astimezone(KYIV).date().replace(day=1)
    cnap.set_term(**about, kind="consultation", service_id=None, length=15, valid_from=planned, at=at)
    for name in _REASONS:
        cnap.save_reason(**about, reason_id=None, name=name, at=since)
    for name, what, who, law, result, fee, days, subject, slots in _SERVICES:
        service_id = cnap.save_service(
            town_id=town_id, service_id=None, name=name, about=what, who=who, card=_HOW, law=law, result=result, fee_kop=fee, is_active=True,
            days=days, user_id=None, at=since,
        )  # fmt: skip
        for place in (office, branch):
            cnap.save_offer(
                town_id=town_id, service_id=service_id, office_id=place, subject=subject, is_active=True,
                user_id=None, at=since,
            )  # fmt: skip
        for title, needed_when, who_may_skip in slots:
            cnap.save_slot(
                town_id=town_id, service_id=service_id, name=title, needed_when=needed_when,
                who_may_skip=who_may_skip, is_active=True, user_id=None, at=since,
            )  # fmt: skip


def ask_and_answer(*, town_id: int, residents: Sequence[int], admin_id: int, at: dt.datetime) -> None:
    """What the desk has: answered, waiting and overdue questions, a refused application, a waiting one, a case."""
    towns = [town_id]
    for name, text in _TEMPLATES:
        cnap.save_template(town_id=town_id, name=name, text=text, user_id=admin_id, at=at)
    offices = cnap.offices(town_ids=towns)
    office = next(one.id for one in offices if one.name == OFFICE)
    questions = (
        ("Довідка про склад сім'ї", "Чи може довідку отримати мій син, якщо я в лікарні?", 45),
        ("Закордонний паспорт для дитини", "Які документи потрібні й скільки чекати?", 6),
        ("Субсидія", "Куди подати заяву, якщо договір оренди укладено торік?", 1),
    )
    for number, (topic, question, days_ago) in enumerate(questions):
        moment = at - dt.timedelta(days=days_ago)
        pk = cnap.save_consultation(
            user_id=residents[number % len(residents)], consultation_id=None, office_id=office, topic=topic,
            question=question, uploads=[], at=moment,
        ).id  # fmt: skip
        cnap.send_consultation(user_id=residents[number % len(residents)], consultation_id=pk, at=moment)
        if number == 1:
            cnap.answer_consultation(
                town_ids=towns, consultation_id=pk, text=_DOCUMENTS, user_id=admin_id,
                at=moment + dt.timedelta(hours=3),
            )  # fmt: skip
    _apply(towns, residents, admin_id, at)


def _apply(towns: list[int], residents: Sequence[int], admin_id: int, at: dt.datetime) -> None:
    service = cnap.service(
        service_id=cnap.services(town_ids=towns)[1].id, on=at.astimezone(KYIV).date(), town_ids=towns
    )
    for number, user_id in enumerate(residents[:3]):
        moment = at - dt.timedelta(days=20 - 7 * number)
        cnap.add_documents(user_id=user_id, uploads=_library(), at=moment)
        pk = cnap.start_application(
            user_id=user_id, service_id=service.id, offer_id=service.offers[0].id, object="Квартира",
            address="м. Вишнегір, вул. Ринкова, 12, кв. 7", at=moment,
        )  # fmt: skip
        cnap.save_documents(
            user_id=user_id, application_id=pk,
            uploads={slot.id: _paper_of(slot.name) for slot in service.slots if not slot.who_may_skip},
            documents={}, skipped=[slot.id for slot in service.slots if slot.who_may_skip], cleared=[], at=moment,
        )  # fmt: skip
        if number == 2:
            continue  # stays a draft
        cnap.send_application(user_id=user_id, application_id=pk, at=moment)
        if number == 0:
            cnap.decide_application(
                town_ids=towns, application_id=pk, granted=False, reason="Немає документа", text=_TEMPLATES[1][1],
                user_id=admin_id, at=moment + dt.timedelta(days=2),
            )  # fmt: skip
        else:
            case_id = cnap.open_case(
                town_ids=towns, number=f"{moment:%y}-{pk:06d}-77", application_id=pk, user_id=admin_id, at=moment
            )
            cnap.save_stage(
                town_ids=towns, case_id=case_id, stage_id=None, name="Розгляд заяви", subject=service.offers[0].subject,
                handed_on=moment.astimezone(KYIV).date(), result="Призупинено розгляд", document_on=None, returned_on=None,
                user_id=admin_id, at=moment,
            )  # fmt: skip
