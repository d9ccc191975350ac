"""PDF files for the tests of the preview: good ones and hostile ones."""

from __future__ import annotations

import io

import pikepdf


def paper(*sizes: tuple[float, float], password: str = "") -> bytes:
    """Pages of these sizes in points, each with a black square in its lower left corner."""
    document = pikepdf.new()
    for size in sizes or [(595.0, 842.0)]:
        document.add_blank_page(page_size=size)
        document.pages[-1].Contents = document.make_stream(b"0 0 0 rg 0 0 100 100 re f")
    return _saved(document, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)


def with_script() -> bytes:
    """Opens with JavaScript, starts a program, has a page of HTML behind it."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.Root.AA = pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe")))
    return _saved(document) + b"<html><script>alert(1)</script></html>\n%%EOF\n"


def greedy() -> bytes:
    """A page that asks for a picture of four billion points."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    image = document.make_stream(b"\0" * 1000)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = 65_000, 65_000, 8
    image.ColorSpace = pikepdf.Name.DeviceRGB
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    document.pages[0].Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
    return _saved(document)


def endless() -> bytes:
    """A page that draws itself into itself eight times a level, twelve levels deep: no processor ends it."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    inner = None
    for _ in range(12):
        form = document.make_stream(b"/F Do " * 8 if inner is not None else b"0 0 595 842 re f " * 50)
        form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        form.BBox = pikepdf.Array([0, 0, 595, 842])
        if inner is not None:
            form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
        inner = document.make_indirect(form)
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=inner))
    document.pages[0].Contents = document.make_stream(b"/F Do")
    return _saved(document)


def _saved(document: pikepdf.Pdf, **how: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer, **how)  # type: ignore[arg-type]  # options of pikepdf
    return buffer.getvalue()
