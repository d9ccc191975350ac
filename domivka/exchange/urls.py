"""Addresses of exchange, under /staff/."""

from django.urls import URLPattern, URLResolver, path, re_path

from domivka.exchange.web import pages

app_name = "exchange"
urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", pages.list_page, name="list"),
    path("imports/new/", pages.new, name="new"),
    path("imports/<int:batch_id>/", pages.batch, name="batch"),
    path("imports/<int:batch_id>/live/", pages.live, name="live"),
    path("imports/<int:batch_id>/problems.csv", pages.problems, name="problems"),
    path("imports/<int:batch_id>/readings.csv", pages.refused_readings, name="readings"),
    re_path(r"^imports/(?P<batch_id>\d+)/(?P<action>check|apply|undo|stop)/$", pages.act, name="act"),
]
