"""Addresses of portal."""

from django.urls import URLPattern, URLResolver, path, register_converter

from domivka.kernel.period import Period
from domivka.portal.web import accounts, bill, history, home, readings, services, site, statistics, tariffs, why


class PeriodConverter:
    """`2026-10` in an address."""

    regex = r"(19|20|21)\d\d-(0[1-9]|1[0-2])"

    def to_python(self, value: str) -> Period:
        return Period.parse(value)

    def to_url(self, value: Period) -> str:
        return str(value)


register_converter(PeriodConverter, "month")

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", site.landing, name="landing"),
    path("help/", site.help_page, name="help"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("design/", site.design, name="design"),
    path("theme/", site.theme, name="theme"),
    path("services/", services.services, name="services"),
    path("tariffs/", tariffs.tariffs, name="tariffs"),
    path("tariffs/<int:plan_id>/", tariffs.plan, name="tariff"),
    path("offline/", site.offline, name="offline"),
    path("service-worker.js", site.service_worker, name="service_worker"),
    path("homes/<int:home_id>/", home.home, name="home"),
    path("homes/<int:home_id>/bill/", bill.bill, name="bill"),
    path("homes/<int:home_id>/readings/", readings.readings, name="readings"),
    path("homes/<int:home_id>/meters/add/<int:account_service_id>/", readings.add_meter, name="add_meter"),
    path("homes/<int:home_id>/meters/<int:meter_id>/correct/", readings.correct_meter, name="correct_meter"),
    path("homes/<int:home_id>/what-if/", why.what_if, name="what_if"),
    path("homes/<int:home_id>/why/<int:account_service_id>/<month:period>/", why.why, name="why"),
    path("homes/<int:home_id>/history/", history.history, name="history"),
    path("homes/<int:home_id>/accounts/<int:account_service_id>/<slug:tab>/", accounts.account, name="account"),
    path("homes/<int:home_id>/statistics/", statistics.statistics, name="statistics"),
    path("homes/<int:home_id>/statistics/comparison/", statistics.comparison, name="comparison"),
]
