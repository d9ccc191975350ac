"""The emulators' own pages."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from domivka.emulators.cards import CARDS, CITY_CARD, CODE, WORDS, Behaviour

if TYPE_CHECKING:
    from domivka.emulators.acquirer import Order

STATUS_WORDS = {
    "created": "чекає на платника",
    "processing": "підтверджується",
    "success": "сплачено",
    "declined": "відмовлено",
    "reversed": "повернено",
}


def hryvnias(kop: int) -> str:
    """`1 264,70 грн` with no-break spaces."""
    return f"{kop // 100:,}".replace(",", "\u00a0") + f",{kop % 100:02d}\u00a0грн"


def shell(*, bank: str, title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="uk"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · {escape(bank)}</title><link rel="stylesheet" href="/style.css"></head>
<body><header><p class="bank">{escape(bank)}</p><p class="test">Тестовий банк: справжні гроші не рухаються</p></header>
<main><h1>{escape(title)}</h1>{body}</main></body></html>"""


def _amount(order: Order) -> str:
    return f'<p class="amount">{hryvnias(order.amount_kop)}</p><p class="muted">{escape(order.description)}</p>'


def card_form(bank: str, order: Order, *, error: str = "") -> str:
    cards = [CITY_CARD] if order.city_card else CARDS
    rows = "".join(
        f'<li><button class="card" name="number" value="{card.number}" formnovalidate><b>{card.spaced}</b>'
        f"<span>{WORDS[card.behaviour]}</span></button></li>"
        for card in cards
    )
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    kind = "міської картки" if order.city_card else "картки"
    body = f"""{_amount(order)}{problem}
<form method="post">
<label for="card">Номер {kind}</label>
<input id="card" name="typed" inputmode="numeric" autocomplete="off" placeholder="0000 0000 0000 0000" required>
<div class="pair"><div><label for="until">Строк дії</label><input id="until" name="until" placeholder="12/29" autocomplete="off"></div>
<div><label for="cvv">CVV</label><input id="cvv" name="cvv" placeholder="123" inputmode="numeric" autocomplete="off"></div></div>
<button class="primary">Сплатити {hryvnias(order.amount_kop)}</button>
<h2>Тестові картки</h2><p class="muted">Натисніть на картку, щоб заплатити нею.</p><ul class="cards">{rows}</ul>
</form>
<form method="post" action="/pay/{order.token}/cancel"><button class="quiet">Скасувати і повернутися</button></form>"""
    return shell(bank=bank, title="Оплата карткою", body=body)


def secure_form(bank: str, order: Order, *, error: str = "") -> str:
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    body = f"""{_amount(order)}
<p>Банк надіслав код підтвердження (3-D Secure). У тестовому банку це завжди <b>{CODE}</b>.</p>{problem}
<form method="post" action="/pay/{order.token}/confirm">
<label for="code">Код із повідомлення</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="4" required autofocus>
<button class="primary">Підтвердити</button></form>"""
    return shell(bank=bank, title="Підтвердження оплати", body=body)


def closed(bank: str, order: Order) -> str:
    body = f"""{_amount(order)}<p>Цей платіж: <b>{STATUS_WORDS[order.status]}</b>.</p>
<p><a class="primary" href="{escape(order.result_url)}">Повернутися до магазину</a></p>"""
    return shell(bank=bank, title="Платіж завершено", body=body)


def message(bank: str, title: str, text: str) -> str:
    return shell(bank=bank, title=title, body=f"<p>{escape(text)}</p>")


def admin(bank: str, orders: Iterable[Order], fault: Behaviour | None) -> str:
    options = "".join(
        f'<option value="{item}"{" selected" if item == fault else ""}>{escape(words)}</option>'
        for item, words in WORDS.items()
    )
    rows = "".join(
        f"<tr><td>{escape(order.order_id[:12])}</td><td class='sum'>{hryvnias(order.amount_kop)}</td>"
        f"<td>{STATUS_WORDS[order.status]}</td><td>{order.delivered} / {order.sent}</td><td>"
        f"<form method='post' action='/admin/{order.token}/resend'><button class='quiet'>Надіслати ще раз</button></form>"
        f"<form method='post' action='/admin/{order.token}/reverse'><button class='quiet'>Повернути гроші</button></form>"
        f"</td></tr>"
        for order in orders
    )
    body = f"""<form method="post" action="/admin/faults"><label for="fault">Що зробити з наступним платежем</label>
<select id="fault" name="fault"><option value="">усе як слід</option>{options}</select>
<button class="primary">Запамʼятати</button></form>
<h2>Платежі</h2><table><thead><tr><th>Номер</th><th>Сума</th><th>Стан</th><th>Прийнято / надіслано</th><th></th></tr></thead>
<tbody>{rows or '<tr><td colspan="5">Платежів ще не було.</td></tr>'}</tbody></table>"""
    return shell(bank=bank, title="Пульт тестового банку", body=body)
