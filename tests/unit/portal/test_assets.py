"""Icons, the manifest and the files of the installed app exist."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

from domivka.portal.web.site import SHELL
from domivka.portal.web.specimens import ICONS
from domivka.registry.rules.standard import STANDARD_SERVICES

PACKAGE = Path(__file__).parents[3] / "domivka"
STATIC = PACKAGE / "portal" / "static" / "domivka"
SPRITE = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")))


def test_every_icon_that_templates_name_is_drawn() -> None:
    named = {
        name
        for template in PACKAGE.rglob("templates/**/*.html")
        for name in re.findall(r'\{% icon "([^"]+)"', template.read_text(encoding="utf-8"))
    }

    assert named - SPRITE == set()


def test_every_service_has_its_icon() -> None:
    assert {service.icon for service in STANDARD_SERVICES} - SPRITE == set()


def test_design_page_shows_every_icon() -> None:
    assert set(ICONS) == SPRITE


def test_manifest_names_icons_of_the_sizes_they_have() -> None:
    manifest = json.loads((STATIC / "app.webmanifest").read_text(encoding="utf-8"))

    for icon in manifest["icons"]:
        content = (STATIC / icon["src"]).read_bytes()
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", content[16:24])
            assert icon["sizes"] == f"{width}x{height}"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def test_kept_files_of_the_app_exist() -> None:
    assert [name for name in SHELL if not (STATIC / name).is_file()] == []
