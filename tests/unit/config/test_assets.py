"""The web fonts."""

from __future__ import annotations

from fontTools.ttLib import TTFont

from domivka.config import assets


def test_web_fonts_have_ukrainian_letters_and_tabular_figures_and_are_small() -> None:
    assets.make_fonts()

    for weight in assets.WEIGHTS:
        file = assets.FONTS / f"FiraSans-{weight}.woff2"
        with TTFont(file) as font:
            letters = set(font.getBestCmap())
            features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
        assert {ord(letter) for letter in "ҐґЄєІіЇїʼ’«»–—№₴\u00a0"} <= letters
        assert "tnum" in features
        assert file.stat().st_size < 60_000
