"""Words the town is made of: streets with their old names, surnames, given names. All people are invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """A street today and, when it was renamed, its former names with the days they ended."""

    kind: str
    name: str
    district: str  # left, right, garden, new
    formerly: tuple[tuple[str, dt.date], ...] = ()


def _d(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, day)


STREETS: Final = (
    StreetPlan("вул.", "Левка Лук'яненка", "left", (("Леніна", _d(2016, 2, 19)),)),
    StreetPlan("вул.", "Незалежності", "left", (("Радянська", _d(1992, 8, 24)),)),
    StreetPlan("просп.", "Перемоги", "left"),
    StreetPlan("вул.", "Шевченка", "left"),
    StreetPlan("вул.", "В'ячеслава Чорновола", "left", (("Кірова", _d(2016, 2, 19)),)),
    StreetPlan("бульв.", "Лесі Українки", "left"),
    StreetPlan("вул.", "Софії Русової", "left", (("Крупської", _d(2016, 5, 19)),)),
    StreetPlan("вул.", "Захисників України", "left", (("Червоноармійська", _d(2016, 2, 19)),)),
    StreetPlan("вул.", "Михайла Грушевського", "left"),
    StreetPlan("пров.", "Шкільний", "left"),
    StreetPlan("вул.", "Ґонтарська", "left"),
    StreetPlan("вул.", "Івана Мазепи", "left", (("Суворова", _d(2022, 11, 25)),)),
    StreetPlan("вул.", "Ярослава Мудрого", "left", (("Фрунзе", _d(2016, 2, 19)),)),
    StreetPlan("вул.", "Князя Данила Галицького", "left", (("Чапаєва", _d(2016, 5, 19)),)),
    StreetPlan("наб.", "Прибузька", "left"),
    StreetPlan("вул.", "Вокзальна", "left"),
    StreetPlan("просп.", "Європейський", "right", (("Московський", _d(2022, 6, 30)),)),
    StreetPlan("вул.", "Героїв Крут", "right", (("Щорса", _d(2016, 2, 19)),)),
    StreetPlan("вул.", "Академіка Заболотного", "right"),
    StreetPlan("вул.", "Василя Стуса", "right", (("50-річчя СРСР", _d(2016, 5, 19)),)),
    StreetPlan("бульв.", "Миру", "right"),
    StreetPlan("вул.", "Сонячна", "right"),
    StreetPlan("вул.", "Павла Тичини", "right"),
    StreetPlan("вул.", "Олени Теліги", "right", (("Зої Космодем'янської", _d(2016, 5, 19)),)),
    StreetPlan("просп.", "Свободи", "right", (("Жовтневий", _d(2016, 2, 19)),)),
    StreetPlan("пл.", "Злагоди", "right"),
    StreetPlan("вул.", "Садова", "garden"),
    StreetPlan("вул.", "Ягідна", "garden"),
    StreetPlan("вул.", "Калинова", "garden"),
    StreetPlan("вул.", "Марка Вовчка", "garden"),
    StreetPlan("вул.", "Щедра", "garden"),
    StreetPlan("пров.", "Вишневий", "garden"),
    StreetPlan("вул.", "Заозерна", "garden"),
    StreetPlan("вул.", "Об'їзна", "garden"),
    StreetPlan("пров.", "Тихий", "garden"),
    StreetPlan("вул.", "Пасічна", "garden"),
    StreetPlan("вул.", "Олександра Довженка", "garden", (("Мічуріна", _d(2023, 7, 21)),)),
    StreetPlan("узвіз", "Кам'яний", "garden"),
    StreetPlan("вул.", "Ковальська", "garden"),
    StreetPlan("вул.", "Хутір Дзвінка", "garden"),
)
"""Forty streets of the connected districts, of which fourteen were renamed."""

NEW_DISTRICT: Final = (
    ("вул.", "Боромира", None, "73:20 47-Б:20 23:8 66а:1 1:36 81:1 5-Б:8"),
    ("вул.", "Івана Сірка", "Єрмака", "75:1 90:8 15:8 13а:1"),
    ("вул.", "Зріні Ілони", None, "11:36 79-Б:36"),
    ("вул.", "Соборна", None, "11:8 4/2:8 70:8 45:1 22:1"),
    ("вул.", "Євгена Коновальця", None, "71:36 48/2:8 36:36 75:20"),
    ("просп.", "Космонавтів", None, "49/2:1 35-Б:1 55:8 65-Б:36"),
    ("пров.", "Ґонти", None, "82-Б:8 81:36 9/2:1 29:36 53-Б:18"),
    ("бульв.", "Їжакевича", None, "68/2:36 86:36 88:8"),
    ("вул.", "Лук'яна Кобилиці", None, "45:1 71:20 54/2:8"),
    ("пл.", "Героїв Майдану", None, "83:36"),
)
"""The district whose providers are not connected yet: street, old name, and `building:flats` (flats 1…n)."""

_SURNAMES: Final = [
    "Шевченко",
    "Лук'яненко",
    "В'юн",
    "Щербина",
    "Їжак",
    "Ґалаґан",
    "Мар'яненко",
    "Дем'янчук",
    "Ющук",
    "Кравчук",
    "Бондаренко",
    "Ткаченко",
    "Гнатюк",
    "Савчук",
    "Олійник",
    "Мельник",
    "Коваль",
    "Поліщук",
    "Романюк",
    "Гончарук",
    "Заєць",
    "Рибак",
    "Прокопчук",
    "Остапчук",
    "Ґудзь",
    "Федик",
    "В'язовик",
    "Хом'як",
    "Сім'янчук",
    "Білоус",
    "Яценко",
    "Щур",
    "Жук",
    "Кучер",
    "Цимбал",
    "Чуб",
    "Хміль",
    "Яворенко",
    "Кісіль",
    "Соловейко",
]
_ADJECTIVAL: Final = [
    "Левицьк",
    "Заньковецьк",
    "Білецьк",
    "Вишневецьк",
    "Яворськ",
    "Кам'янецьк",
    "Підгаєцьк",
    "Дністрянськ",
]
_WOMEN: Final = [
    "Соломія",
    "Ївга",
    "Мар'яна",
    "Ганна",
    "Оксана",
    "Єлизавета",
    "Галина",
    "Дар'я",
    "Наталія",
    "Ірина",
    "Катерина",
    "Леся",
    "Юлія",
    "Валентина",
    "Зоряна",
    "Лідія",
    "Стефанія",
]
_MEN: Final = [
    "Тарас",
    "Остап",
    "Лук'ян",
    "Юрій",
    "Андрій",
    "Ілля",
    "Мирослав",
    "Дем'ян",
    "Богдан",
    "Ігор",
    "Євген",
    "Святослав",
    "Степан",
    "Петро",
    "Олексій",
    "Максим",
    "Зіновій",
]
_FATHERS: Final = (
    ("Іванович", "Іванівна"),
    ("Юрійович", "Юріївна"),
    ("Мар'янович", "Мар'янівна"),
    ("Степанович", "Степанівна"),
    ("Ґедеонович", "Ґедеонівна"),
    ("Лук'янович", "Лук'янівна"),
    ("Єгорович", "Єгорівна"),
    ("Петрович", "Петрівна"),
    ("Андрійович", "Андріївна"),
    ("Зіновійович", "Зіновіївна"),
    ("Богданович", "Богданівна"),
)


def full_name(random: Random) -> tuple[str, str, str]:
    """Surname, name and patronymic that agree in gender."""
    woman = random.random() < 0.56
    if random.random() < 0.2:
        surname = random.choice(_ADJECTIVAL) + ("а" if woman else "ий")
    else:
        surname = random.choice(_SURNAMES)
    return surname, random.choice(_WOMEN if woman else _MEN), random.choice(_FATHERS)[woman]
