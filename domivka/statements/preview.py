"""A made-up bill that shows a town's design before any real one is printed."""

from __future__ import annotations

from domivka.statements.content import BillContent, BillMeter, BillProvider, BillService
from domivka.statements.fill import bills_file
from domivka.statements.look import look_of
from domivka.statements.rules.nbu_qr import START_003

_SAMPLE_LINK = START_003 + "A" * 280  # a picture of a code that pays nobody


def preview(*, town_id: int, town: str) -> bytes:
    """The sample bill with its address side, in the town's saved design."""
    return bills_file([_sample(town)], look=look_of(town_id=town_id), address_side=True)[0]


def _sample(town: str) -> BillContent:
    read = BillMeter("0322641", "54", "58", "4", "4", "м³", "30,40", 121_60, "за лічильником")
    area = BillMeter("", "", "", "", "54,3", "м²", "7,85", 426_26, "за площею")
    water = BillService(
        "Водопостачання", "000101", 24_18, 121_60, 0, 0, 0, 24_18, 121_60, (read,), ("0322641",), boxes=1
    )
    house = BillService(
        "Управління будинком", "771", 0, 426_26, 0, 0, 126_26, 0, 300_00, (area,), compulsory_kop=300_00
    )
    bank = "UA213223130000026007233566001", "АТ «Зразок»"
    return BillContent(
        number="ЗРАЗОК",
        period=202610,
        as_of="01.11.2026",
        issued_on="2026-11-04",
        due_on="2026-11-20",
        due_words="20 листопада",
        town=town,
        dispatcher_phone="0 800 000 000",
        address=f"м. {town}, вул. Зразкова, буд. 4/2, кв. 11",
        payer="Зразок Іван Петрович",
        registered=3,
        living=3,
        area="54,3",
        heated_area="51,5",
        key="0000-0000-00",
        providers=(
            BillProvider(
                "КП «Водоканал»", "Водоканал", "000101", "2026-11-20", "00000000", *bank, "", (water,), _SAMPLE_LINK
            ),
            BillProvider("ТОВ «Оселя»", "Оселя", "771", "2026-11-20", "00000000", *bank, "", (house,), _SAMPLE_LINK),
        ),
        history=tuple((f"{month:02d}.26", 40_000 + 4_000 * (month % 5)) for month in range(1, 13)),
    )
