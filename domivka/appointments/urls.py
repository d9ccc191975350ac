"""Addresses of visits: the resident's under services/visits/, the desk's under staff/visits/, the screen of the hall."""

from django.urls import URLPattern, URLResolver, path

from domivka.appointments.web import calendar, desk, hall, holidays, moving, report, resident, slips, steps

app_name = "appointments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/visits/", resident.visit_list, name="list"),
    path("services/visits/new/", steps.choose, name="choose"),
    path("services/visits/hold/", steps.hold, name="hold"),
    path("services/visits/<int:visit_id>/", resident.visit, name="visit"),
    path("services/visits/<int:visit_id>/details/", steps.details, name="details"),
    path("services/visits/<int:visit_id>/move/", resident.move, name="move"),
    path("services/visits/<int:visit_id>/cancel/", resident.cancel, name="cancel"),
    path("services/visits/<int:visit_id>/ticket.pdf", resident.ticket, name="ticket"),
    path("services/visits/<int:visit_id>/visit.ics", resident.ics_file, name="ics"),
    path("staff/visits/", desk.desk_home, name="desk"),
    path("staff/visits/<int:office_id>/", desk.day_board, name="board"),
    path("staff/visits/<int:office_id>/ticket/", desk.walk_in, name="walk_in"),
    path("staff/visits/<int:office_id>/slips/<int:visit_id>/", slips.slip, name="slip"),
    path("staff/visits/<int:office_id>/slips/<int:visit_id>/slip.pdf", slips.slip_pdf, name="slip_pdf"),
    path("staff/visits/<int:office_id>/windows/<int:window_id>/next/", desk.call_next, name="call_next"),
    path("staff/visits/<int:office_id>/visits/<int:visit_id>/<slug:what>/", desk.act_on_visit, name="act"),
    path("staff/visits/<int:office_id>/moving/", moving.displaced_list, name="displaced"),
    path("staff/visits/<int:office_id>/moving/<int:visit_id>/", moving.move, name="move_for"),
    path("staff/visits/<int:office_id>/moving/<int:visit_id>/cancel/", moving.cancel, name="cancel_for"),
    path("staff/visits/<int:office_id>/report/", report.report, name="report"),
    path("staff/visits/<int:office_id>/report.csv", report.report_csv, name="report_csv"),
    path("staff/visits/<int:office_id>/holidays/", holidays.year, name="holidays"),
    path("staff/visits/<int:office_id>/holidays/save/", holidays.save, name="save_holiday"),
    path("staff/visits/<int:office_id>/holidays/fill/<slug:what>/", holidays.fill, name="fill_holidays"),
    path("staff/visits/<int:office_id>/holidays/<int:row_id>/remove/", holidays.remove, name="remove_holiday"),
    path("staff/visits/<int:office_id>/calendar/copy/", calendar.copy, name="copy"),
    path("staff/visits/<int:office_id>/calendar/", calendar.calendar, name="calendar"),
    path("staff/visits/<int:office_id>/calendar/<slug:what>/", calendar.save, name="save"),
    path("staff/visits/<int:office_id>/calendar/<slug:what>/<int:row_id>/remove/", calendar.remove, name="remove"),
    path("hall/<int:office_id>/", hall.screen, name="screen"),
]
