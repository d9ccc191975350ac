"""Who helps whom in the demo town: helpers with and without rights, an invitation that waits, access that was taken back."""

from __future__ import annotations

import datetime as dt

from domivka.homes import api as homes
from domivka.homes.api import Term
from domivka.identity import api as identity


def share_homes(*, people: dict[str, int], home_ids: dict[str, int], at: dt.datetime) -> None:
    """`people` and `home_ids` by login. Olena has a helper who pays, and helps a pensioner herself."""
    taras, mariana, olena = people["taras.pereplata"], people["mariana.bez.pokazan"], people["olena.borh"]
    owner = {"user_id": olena, "home_id": home_ids["olena.borh"]}
    began = at - dt.timedelta(days=40)
    asked = homes.invite_helper(
        **owner, contact=_login(taras), name="брат Тарас", readings=False, pays=True, term=Term.HALF_YEAR, at=began
    )
    homes.accept_invitation(user_id=taras, token=asked.token, label="квартира сестри", at=began + dt.timedelta(hours=3))
    for days in (33, 12, 1):
        homes.note_visit(user_id=taras, share_id=asked.share_id, at=at - dt.timedelta(days=days))
    asked = homes.invite_helper(
        **owner, contact=_login(mariana), name="сусідка Мар'яна", readings=True, pays=False, term=Term.MONTH, at=began
    )
    homes.accept_invitation(user_id=mariana, token=asked.token, label="", at=began + dt.timedelta(days=1))
    homes.revoke_share(**owner, share_id=asked.share_id, at=at - dt.timedelta(days=20))
    homes.invite_helper(
        **owner, contact="+380671112233", name="донька Оля", readings=True, pays=True, term=Term.YEAR,
        at=at - dt.timedelta(days=2),
    )  # fmt: skip
    pensioner = {"user_id": people["hanna.pensionerka"], "home_id": home_ids["hanna.pensionerka"]}
    asked = homes.invite_helper(
        **pensioner, contact=_login(olena), name="внучка Олена", readings=True, pays=True, term=Term.HALF_YEAR, at=began
    )
    homes.accept_invitation(user_id=olena, token=asked.token, label="оселя бабусі", at=began + dt.timedelta(hours=1))
    for days in (30, 29, 3):
        homes.note_visit(user_id=olena, share_id=asked.share_id, at=at - dt.timedelta(days=days))


def _login(user_id: int) -> str:
    return identity.confirmed_email(user_id=user_id)
