"""Addresses of statements."""

from django.urls import URLPattern, URLResolver, path

from domivka.statements import web

app_name = "statements"
urlpatterns: list[URLPattern | URLResolver] = [
    path("homes/<int:home_id>/bills/", web.bills, name="bills"),
    path("homes/<int:home_id>/bills/paper/", web.choose_paper, name="choose_paper"),
    path("homes/<int:home_id>/bill.pdf", web.bill_pdf, name="bill_pdf"),
    path("homes/<int:home_id>/certificate.pdf", web.certificate, name="certificate"),
    path("receipts/<uuid:intent_id>.pdf", web.receipt, name="receipt"),
]
