"""Every address of the site, one include a context."""

from django.urls import URLPattern, URLResolver, include, path

from domivka.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("domivka.identity.entrance_urls")),
    path("", include("domivka.portal.urls")),
    path("", include("domivka.identity.urls")),
    path("", include("domivka.homes.urls")),
    path("", include("domivka.metering.urls")),
    path("", include("domivka.tariffs.urls")),
    path("", include("domivka.payments.urls")),
    path("", include("domivka.statements.urls")),
    path("", include("domivka.cnap.urls")),
    path("", include("domivka.appointments.urls")),
    path("", include("domivka.notifications.urls")),
    path("", include("domivka.privacy.urls")),
    path("staff/", include("domivka.backoffice.urls")),
    path("staff/", include("domivka.exchange.urls")),
    path("api/v1/", include("domivka.partner_api.urls")),
]
