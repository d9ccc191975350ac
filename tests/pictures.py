"""What a reader of codes sees on paper, and pictures to send."""

from __future__ import annotations

import io

import pypdfium2
import zxingcpp
from PIL import Image


def qr_codes(pdf: bytes, dpi: int = 216) -> list[str]:
    """Every QR code on every page, read from the picture of the paper."""
    pages = (page.render(scale=dpi / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf))
    return [found.text for page in pages for found in zxingcpp.read_barcodes(page)]


def encoded(picture: Image.Image, kind: str, quality: int = 92) -> bytes:
    """The file of a picture; kind is a name of Pillow's: «PNG», «JPEG»."""
    file = io.BytesIO()
    picture.save(file, kind, quality=quality)
    return file.getvalue()
