"""What lies in the archive, in the person's language."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from domivka.kernel.clock import KYIV


def readme(*, at: dt.datetime) -> str:
    """The text of README.txt."""
    day = at.astimezone(KYIV).strftime("%d.%m.%Y %H:%M")
    lines = [
        _("Ваші дані в Домівці станом на %(day)s.") % {"day": day},
        "",
        _("Файли .json читає будь-яка програма для таблиць або текстовий редактор. Час вказано за Гринвічем (UTC)."),
        _("Суми з назвою на _kop – у копійках."),
        "",
        "profile, logins, roles, sign_ins – " + _("профіль, логіни, ролі, входи"),
        "homes, home_shares, helped_homes, home_pins, key_attempts – "
        + _("ваші об'єкти, помічники та згоди (нагадування, порівняння), оселі, з якими ви допомагаєте, коди й ключі"),
        "premises, accounts, services – " + _("адреси, особові рахунки, послуги"),
        "penalty_suspensions – " + _("призупинення пені за оселями"),
        "meters, readings, meter_corrections – " + _("лічильники, показання, виправлення"),
        "account_states, bills – " + _("нараховано, сплачено й борг за місяцями; рахунки"),
        "recalculations – " + _("перерахунки, зроблені для вашої оселі"),
        "payments, payment_lines, credited – " + _("ваші платежі та все, що зараховано"),
        "documents, consultations, applications, cases, messages – "
        + _("документи, звернення, заяви, справи, повідомлення"),
        "files/ – " + _("самі файли: з бібліотеки, звернень і заяв"),
        "visits – " + _("візити до ЦНАП"),
        "letters – " + _("листи й SMS, які ми вам надсилали (без тексту, якщо його вже стерто)"),
        "trail – " + _("хто переглядав ваші дані та що з ними робили"),
        "exports, erasures – " + _("вивантаження й прохання видалити дані"),
    ]
    return "\n".join(lines) + "\n"
