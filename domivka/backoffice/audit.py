"""The audit trail in words: who did or looked at what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domivka.identity import api as identity
from domivka.kernel.models import AuditEntry

ACTIONS: Final = {
    "statements.print": gettext_lazy("Розпочато друк рахунків"),
    "statements.print_cancelled": gettext_lazy("Зупинено друк рахунків"),
    "statements.print_resumed": gettext_lazy("Продовжено друк рахунків"),
    "statements.print_file_read": gettext_lazy("Завантажено файл друку з рахунками"),
    "statements.design": gettext_lazy("Змінено вигляд рахунка"),
    "statements.paper": gettext_lazy("Обрано паперовий або електронний рахунок"),
    "statements.route": gettext_lazy("Змінено маршрут доставки"),
    "account.read": gettext_lazy("Перегляд особового рахунку"),
    "identity.erased": gettext_lazy("Дані людини видалено"),
    "privacy.erasure_asked": gettext_lazy("Попросили видалити дані"),
    "privacy.erasure_cancelled": gettext_lazy("Скасували видалення даних"),
    "privacy.export_asked": gettext_lazy("Замовили вивантаження даних"),
    "privacy.export_downloaded": gettext_lazy("Завантажили свої дані"),
    "audit.read": gettext_lazy("Перегляд журналу дій людини"),
    "cnap.applications_listed": gettext_lazy("Перегляд черги заяв"),
    "cnap.consultations_listed": gettext_lazy("Перегляд черги звернень"),
    "exchange.rows_read": gettext_lazy("Перегляд рядків файлу"),
    "metering.corrections_listed": gettext_lazy("Перегляд виправлень лічильників"),
    "accounts.listed": gettext_lazy("Перегляд списку рахунків"),
    "api.account_read": gettext_lazy("API: перегляд рахунку"),
    "api.accounts_read": gettext_lazy("API: перегляд списку рахунків"),
    "api.key_issued": gettext_lazy("API: видано ключ"),
    "api.key_revoked": gettext_lazy("API: відкликано ключ"),
    "billing.recalculation_applied": gettext_lazy("Перерахунок застосовано"),
    "billing.recalculation_drafted": gettext_lazy("Складено чернетку перерахунку"),
    "billing.recalculation_read": gettext_lazy("Перегляд рахунків перерахунку"),
    "billing.recalculation_removed": gettext_lazy("Чернетку перерахунку видалено"),
    "billing.recalculation_undone": gettext_lazy("Перерахунок скасовано"),
    "billing.run": gettext_lazy("Нарахування за місяць"),
    "exchange.applied": gettext_lazy("Файл застосовано"),
    "exchange.undone": gettext_lazy("Імпорт скасовано"),
    "exchange.uploaded": gettext_lazy("Файл надіслано"),
    "homes.added": gettext_lazy("Оселю додано"),
    "homes.helper_bill": gettext_lazy("Помічник завантажив рахунок"),
    "homes.helper_paid": gettext_lazy("Помічник сплатив"),
    "homes.helper_read": gettext_lazy("Помічник передав показання"),
    "homes.helper_visited": gettext_lazy("Помічник відкривав сторінки оселі"),
    "homes.share_accepted": gettext_lazy("Запрошення допомагати прийнято"),
    "homes.share_changed": gettext_lazy("Доступ помічника змінено"),
    "homes.share_declined": gettext_lazy("Запрошення допомагати відхилено"),
    "homes.share_invited": gettext_lazy("Помічника запрошено"),
    "homes.share_left": gettext_lazy("Помічник відмовився від доступу"),
    "homes.share_revoked": gettext_lazy("Доступ помічника відкликано"),
    "homes.granted": gettext_lazy("Оселю відкрито працівником"),
    "homes.key_replaced": gettext_lazy("Ключ авторизації замінено"),
    "homes.key_stale": gettext_lazy("Введено старий ключ авторизації"),
    "homes.key_wrong": gettext_lazy("Введено неправильний ключ авторизації"),
    "homes.locked": gettext_lazy("Оселю закрито"),
    "homes.opened": gettext_lazy("Оселю відкрито ключем"),
    "homes.pin_confirmed": gettext_lazy("PIN підтверджено"),
    "homes.pin_sent": gettext_lazy("PIN надіслано"),
    "homes.pin_wrong": gettext_lazy("Введено неправильний PIN"),
    "homes.reminders_off": gettext_lazy("Нагадування вимкнено"),
    "homes.comparison_off": gettext_lazy("Оселя вийшла з порівняння"),
    "homes.comparison_on": gettext_lazy("Оселя повернулася до порівняння"),
    "homes.reminders_on": gettext_lazy("Нагадування увімкнено"),
    "homes.removed": gettext_lazy("Оселю видалено з профілю"),
    "homes.renamed": gettext_lazy("Оселю перейменовано"),
    "homes.restored": gettext_lazy("Оселю повернено"),
    "identity.created": gettext_lazy("Обліковий запис створено працівником"),
    "identity.email_confirmed": gettext_lazy("Пошту підтверджено"),
    "identity.password_set": gettext_lazy("Пароль змінено"),
    "identity.phone_confirmed": gettext_lazy("Телефон підтверджено"),
    "identity.profile_saved": gettext_lazy("Профіль змінено"),
    "identity.role_granted": gettext_lazy("Надано роль"),
    "identity.role_revoked": gettext_lazy("Відкликано роль"),
    "identity.signed_in": gettext_lazy("Вхід"),
    "identity.signed_out_elsewhere": gettext_lazy("Вихід на інших пристроях"),
    "identity.signed_up": gettext_lazy("Реєстрація"),
    "ledger.verify": gettext_lazy("Перевірка журналу проводок"),
    "metering.correction_accepted": gettext_lazy("Виправлення лічильника прийнято"),
    "metering.correction_asked": gettext_lazy("Мешканець просить виправити лічильник"),
    "metering.correction_rejected": gettext_lazy("Виправлення лічильника відхилено"),
    "tariffs.benefit_added": gettext_lazy("Внесено пільгу"),
    "tariffs.benefit_ended": gettext_lazy("Завершено пільгу"),
    "tariffs.benefits_listed": gettext_lazy("Перегляд списку пільг"),
    "tariffs.benefits_saved": gettext_lazy("Список пільг збережено у файл"),
    "metering.meter_added": gettext_lazy("Додано лічильник"),
    "metering.readings_taken": gettext_lazy("Передано показання"),
    "payment.create": gettext_lazy("Розпочато платіж"),
    "penalty.home_read": gettext_lazy("Перегляд призупинень пені за оселею"),
    "penalty.listed": gettext_lazy("Перегляд рахунків із пенею"),
    "penalty.home_resumed": gettext_lazy("Призупинення пені за оселею завершено"),
    "penalty.home_suspended": gettext_lazy("Пеню за оселею призупинено"),
    "penalty.rule_ended": gettext_lazy("Нарахування пені завершено"),
    "penalty.rule_set": gettext_lazy("Встановлено нарахування пені"),
    "run.cancelled": gettext_lazy("Нарахування скасовано"),
    "run.started": gettext_lazy("Нарахування розпочато"),
    "statements.issuing": gettext_lazy("Розпочато видачу рахунків"),
    "statements.issuing_cancelled": gettext_lazy("Зупинено видачу рахунків"),
    "statements.issued": gettext_lazy("Видано рахунки"),
    "cnap.application_ask_document": gettext_lazy("Попросили документ до заяви"),
    "cnap.application_deleted": gettext_lazy("Чернетку заяви вилучено"),
    "cnap.application_forward": gettext_lazy("Заяву передано"),
    "cnap.application_grant": gettext_lazy("Послугу за заявою надано"),
    "cnap.application_read": gettext_lazy("Перегляд заяви"),
    "cnap.application_refuse": gettext_lazy("За заявою відмовлено"),
    "cnap.application_saved": gettext_lazy("Заяву збережено"),
    "cnap.application_send": gettext_lazy("Заяву відправлено"),
    "cnap.application_supply": gettext_lazy("Документ до заяви надіслано"),
    "cnap.application_take": gettext_lazy("Заяву взято в роботу"),
    "cnap.case_read": gettext_lazy("Перегляд справи"),
    "cnap.case_opened": gettext_lazy("Справу відкрито"),
    "cnap.case_stage_saved": gettext_lazy("Етап справи збережено"),
    "cnap.case_stage_removed": gettext_lazy("Етап справи вилучено"),
    "cnap.consultation_answer": gettext_lazy("На звернення відповіли"),
    "cnap.consultation_deleted": gettext_lazy("Чернетку звернення вилучено"),
    "cnap.consultation_forward": gettext_lazy("Звернення передано"),
    "cnap.consultation_read": gettext_lazy("Перегляд звернення"),
    "cnap.consultation_saved": gettext_lazy("Звернення збережено"),
    "cnap.consultation_send": gettext_lazy("Звернення відправлено"),
    "cnap.consultation_take": gettext_lazy("Звернення взято в роботу"),
    "cnap.document_added": gettext_lazy("Документ додано"),
    "cnap.document_deleted": gettext_lazy("Документ вилучено"),
    "cnap.offer_saved": gettext_lazy("Місце надання послуги змінено"),
    "cnap.service_saved": gettext_lazy("Послугу в каталозі змінено"),
    "cnap.slot_saved": gettext_lazy("Документ послуги змінено"),
    "cnap.template_saved": gettext_lazy("Зразок відповіді змінено"),
    "cnap.template_removed": gettext_lazy("Зразок відповіді вилучено"),
    "cnap.application_hand_over": gettext_lazy("Заяву передано колезі"),
    "cnap.application_release": gettext_lazy("Заяву повернено в чергу"),
    "cnap.application_withdraw": gettext_lazy("Документ до заяви більше не потрібен"),
    "cnap.consultation_hand_over": gettext_lazy("Звернення передано колезі"),
    "cnap.consultation_release": gettext_lazy("Звернення повернено в чергу"),
    "cnap.office_saved": gettext_lazy("ЦНАП змінено"),
    "cnap.office_closed": gettext_lazy("Призначено день закриття ЦНАП"),
    "cnap.office_opened": gettext_lazy("Закриття ЦНАП скасовано"),
    "cnap.subject_saved": gettext_lazy("СНАП змінено"),
    "cnap.subject_closed": gettext_lazy("Призначено день закриття СНАП"),
    "cnap.subject_opened": gettext_lazy("Закриття СНАП скасовано"),
    "cnap.term_set": gettext_lazy("Встановлено строк розгляду"),
    "cnap.term_removed": gettext_lazy("Скасовано запланований строк"),
    "cnap.reason_saved": gettext_lazy("Причину відмови змінено"),
    "cnap.reason_retired": gettext_lazy("Причину відмови більше не пропонують"),
    "cnap.reason_restored": gettext_lazy("Причину відмови пропонують знову"),
    "cnap.report_saved": gettext_lazy("Звіт ЦНАП збережено у файл"),
    "cnap.service_copied": gettext_lazy("Послугу скопійовано"),
    "appointments.arrive": gettext_lazy("Відвідувач прийшов"),
    "appointments.board_read": gettext_lazy("Перегляд візитів дня"),
    "appointments.book": gettext_lazy("Візит записано"),
    "appointments.break_saved": gettext_lazy("Перерву змінено"),
    "appointments.call": gettext_lazy("Відвідувача викликано"),
    "appointments.cancel": gettext_lazy("Візит скасовано"),
    "appointments.displace": gettext_lazy("Візит потребує перенесення"),
    "appointments.holiday_saved": gettext_lazy("Свята змінено"),
    "appointments.hours_saved": gettext_lazy("Години прийому змінено"),
    "appointments.miss": gettext_lazy("Відвідувач не з'явився"),
    "appointments.move": gettext_lazy("Візит перенесено"),
    "appointments.question_saved": gettext_lazy("Питання для візитів змінено"),
    "appointments.serve": gettext_lazy("Відвідувача прийнято"),
    "appointments.special_day_saved": gettext_lazy("Особливий день змінено"),
    "appointments.walk_in": gettext_lazy("Видано талон без запису"),
    "appointments.window_saved": gettext_lazy("Вікно змінено"),
}
KINDS: Final = {
    "erasure": gettext_lazy("видалення даних"),
    "export": gettext_lazy("вивантаження даних"),
    "import": gettext_lazy("файл"),
    "list": gettext_lazy("черга"),
    "account": gettext_lazy("рахунок"),
    "answer_term": gettext_lazy("строк розгляду"),
    "cnap_office": gettext_lazy("ЦНАП"),
    "cnap_report": gettext_lazy("звіт ЦНАП"),
    "cnap_subject": gettext_lazy("СНАП"),
    "home_share": gettext_lazy("доступ помічника"),
    "print_run": gettext_lazy("друк рахунків"),
    "recalculation": gettext_lazy("перерахунок"),
    "refusal_reason": gettext_lazy("причина відмови"),
    "town": gettext_lazy("місто"),
    "api_key": gettext_lazy("ключ API"),
    "benefit": gettext_lazy("пільга"),
    "batch": gettext_lazy("файл"),
    "home": gettext_lazy("оселя"),
    "intent": gettext_lazy("платіж"),
    "ledger": gettext_lazy("журнал проводок"),
    "meter": gettext_lazy("лічильник"),
    "penalty_rule": gettext_lazy("правило пені"),
    "period": gettext_lazy("місяць"),
    "premises": gettext_lazy("помешкання"),
    "provider": gettext_lazy("надавач"),
    "run": gettext_lazy("нарахування"),
    "user": gettext_lazy("людина"),
    "answer_template": gettext_lazy("зразок відповіді"),
    "application": gettext_lazy("заява"),
    "case": gettext_lazy("справа"),
    "cnap_service": gettext_lazy("послуга ЦНАП"),
    "consultation": gettext_lazy("звернення"),
    "document": gettext_lazy("документ"),
    "office": gettext_lazy("ЦНАП"),
    "visit": gettext_lazy("візит"),
    "visit_question": gettext_lazy("питання візиту"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the page. `code` is the action as scripts know it; `about` names a kind and its number."""

    id: int
    at: dt.datetime
    who: str
    action: str
    code: str
    about: str
    is_read: bool


def person_named(who: str) -> int | None:
    """The id of a person named by number, e-mail or phone; −1 for somebody nobody knows, None for no name."""
    if not who:
        return None
    return int(who) if _is_number(who) else identity.find_person(login=who) or -1


def entries(*, actor_id: int | None, action: str, number: int | None, limit: int, offset: int) -> list[Entry]:
    """Newest first, `limit` from `offset`; of one person, one action or the one of this number, when named.

    Two queries.
    """
    rows = AuditEntry.objects.order_by("-pk")
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id)
    if number is not None:
        rows = rows.filter(pk=number)
    if action:
        rows = rows.filter(action=action)
    found = list(rows[offset : offset + limit])
    people = identity.people(user_ids=list({row.actor_id for row in found if row.actor_id is not None}))
    names = {key: f"{person.surname} {person.name}".strip() or person.email for key, person in people.items()}
    return [
        Entry(
            id=row.pk,
            at=row.at,
            who=_("система") if row.actor_id is None else names.get(row.actor_id) or f"№ {row.actor_id}",
            action=str(ACTIONS.get(row.action, row.action)),
            code=row.action,
            about=f"{KINDS.get(row.object_kind, row.object_kind)} {row.object_id}",
            is_read=row.is_read,
        )
        for row in found
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
