"""Addresses of payments."""

from django.urls import URLPattern, URLResolver, path

from domivka.payments.web import gateways, lists, paying

app_name = "payments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("pay/<uuid:intent_id>/", paying.review, name="review"),
    path("pay/<uuid:intent_id>/method/", paying.choose, name="choose"),
    path("pay/<uuid:intent_id>/start/", paying.start, name="start"),
    path("pay/<uuid:intent_id>/status/", paying.status, name="status"),
    path("pay/<uuid:intent_id>/live/", paying.live, name="live"),
    path("pay/<uuid:intent_id>/again/", paying.again, name="again"),
    path("homes/<int:home_id>/payments/", lists.payments, name="list"),
    path("homes/<int:home_id>/certificate/", lists.certificate, name="certificate"),
    path("gateways/<slug:gateway>/callback/", gateways.callback, name="callback"),
]
