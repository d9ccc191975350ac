"""Addresses of staff pages."""

from django.urls import URLPattern, URLResolver, path

from domivka.backoffice.web import (
    benefits,
    bills,
    corrections,
    operator,
    penalty,
    prints,
    provider,
    recalculations,
    town,
)

app_name = "backoffice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", town.dashboard, name="dashboard"),
    path("providers/<int:provider_id>/accounts/", provider.account_list, name="accounts"),
    path("providers/<int:provider_id>/accounts/<int:account_id>/", provider.account, name="account"),
    path(
        "providers/<int:provider_id>/accounts/<int:account_id>/benefits/add/", benefits.add_benefit, name="add_benefit"
    ),
    path(
        "providers/<int:provider_id>/accounts/<int:account_id>/benefits/<int:benefit_id>/end/",
        benefits.end_benefit,
        name="end_benefit",
    ),
    path("providers/<int:provider_id>/benefits/", benefits.benefit_list, name="benefits"),
    path("providers/<int:provider_id>/benefits/terms/", benefits.benefit_terms, name="benefit_terms"),
    path("providers/<int:provider_id>/tariffs/", provider.tariff_list, name="tariffs"),
    path("providers/<int:provider_id>/penalty/", penalty.provider_penalty, name="penalty"),
    path("providers/<int:provider_id>/penalty/<int:period>/", penalty.penalty_month, name="penalty_month"),
    path("providers/<int:provider_id>/accounts/<int:account_id>/penalty/", penalty.home_penalty, name="home_penalty"),
    path("providers/<int:provider_id>/clearing/", provider.clearing, name="clearing"),
    path("providers/<int:provider_id>/corrections/", corrections.correction_list, name="corrections"),
    path(
        "providers/<int:provider_id>/corrections/<int:correction_id>/",
        corrections.decide_correction,
        name="decide_correction",
    ),
    path("providers/<int:provider_id>/recalculations/", recalculations.recalculation_list, name="recalculations"),
    path("providers/<int:provider_id>/recalculations/new/", recalculations.new_recalculation, name="new_recalculation"),
    path(
        "providers/<int:provider_id>/recalculations/<int:recalculation_id>/",
        recalculations.recalculation,
        name="recalculation",
    ),
    path(
        "providers/<int:provider_id>/recalculations/<int:recalculation_id>/print/",
        recalculations.recalculation_print,
        name="recalculation_print",
    ),
    path(
        "providers/<int:provider_id>/recalculations/<int:recalculation_id>/accounts.csv",
        recalculations.recalculation_csv,
        name="recalculation_csv",
    ),
    path(
        "providers/<int:provider_id>/recalculations/<int:recalculation_id>/<slug:action>/",
        recalculations.recalculation_act,
        name="recalculation_act",
    ),
    path("towns/<int:town_id>/settlements/", town.town_settlements, name="settlements"),
    path("towns/<int:town_id>/buildings/", town.town_buildings, name="buildings"),
    path("towns/<int:town_id>/summary/", town.refresh_summary, name="refresh_summary"),
    path("runs/", operator.run_list, name="runs"),
    path("runs/<int:run_id>/", operator.run, name="run"),
    path("runs/<int:run_id>/cancel/", operator.cancel_run, name="cancel_run"),
    path("bills/", bills.bill_list, name="bills"),
    path("bills/<int:town_id>/<int:period>/cancel/", bills.cancel_bills, name="cancel_bills"),
    path("prints/", prints.print_list, name="prints"),
    path("prints/<int:run_id>/", prints.print_run, name="print"),
    path("prints/<int:run_id>/cancel/", prints.cancel_print, name="cancel_print"),
    path("prints/<int:run_id>/resume/", prints.resume_print, name="resume_print"),
    path("prints/<int:run_id>/files/<int:number>.pdf", prints.print_file, name="print_file"),
    path("towns/<int:town_id>/bill-design/", prints.bill_design, name="bill_design"),
    path("towns/<int:town_id>/bill-design.pdf", prints.bill_preview, name="bill_preview"),
    path("towns/<int:town_id>/routes/", prints.route_list, name="routes"),
    path("ledger/", operator.ledger, name="ledger"),
    path("audit/", operator.audit_log, name="audit"),
]
