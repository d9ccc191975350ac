"""Addresses of the CNAP: the resident's under services/, the administrator's under staff/cnap/."""

from django.urls import URLPattern, URLResolver, path

from domivka.cnap.web import (
    application_desk,
    applications,
    apply,
    cases,
    catalogue,
    consultations,
    desk,
    inbox,
    library,
    offices,
    phrases,
    preview,
    reports,
    terms,
)

app_name = "cnap"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/documents/", library.library, name="documents"),
    path("services/documents/<int:document_id>/", library.document, name="document"),
    path("services/documents/<int:document_id>/file/", library.document_file, name="document_file"),
    path("services/documents/<int:document_id>/delete/", library.delete_document, name="delete_document"),
    path("services/consultations/", consultations.consultation_list, name="consultations"),
    path("services/consultations/new/", consultations.new_consultation, name="new_consultation"),
    path("services/consultations/<int:consultation_id>/", consultations.consultation, name="consultation"),
    path(
        "services/consultations/<int:consultation_id>/send/", consultations.send_consultation, name="send_consultation"
    ),
    path(
        "services/consultations/<int:consultation_id>/delete/",
        consultations.delete_consultation,
        name="delete_consultation",
    ),
    path(
        "services/consultations/<int:consultation_id>/files/<int:file_id>/",
        consultations.consultation_file,
        name="consultation_file",
    ),
    path(
        "services/consultations/<int:consultation_id>/files/<int:file_id>/remove/",
        consultations.remove_file,
        name="remove_file",
    ),
    path(
        "services/applications/<int:application_id>/files/<int:file_id>/look/",
        preview.application_file,
        name="application_preview",
    ),
    path(
        "staff/cnap/applications/<int:application_id>/files/<int:file_id>/look/",
        preview.desk_application_file,
        name="desk_application_preview",
    ),
    path(
        "services/consultations/<int:consultation_id>/files/<int:file_id>/look/",
        preview.consultation_file,
        name="consultation_preview",
    ),
    path(
        "staff/cnap/consultations/<int:consultation_id>/files/<int:file_id>/look/",
        preview.desk_consultation_file,
        name="desk_consultation_preview",
    ),
    path("services/messages/", inbox.message_list, name="messages"),
    path("services/messages/<int:message_id>/", inbox.message, name="message"),
    path("staff/cnap/", desk.desk_home, name="desk"),
    path("staff/cnap/consultations/", desk.consultation_queue, name="desk_consultations"),
    path("staff/cnap/consultations/take/", desk.take_consultations, name="desk_take_consultations"),
    path("staff/cnap/consultations/<int:consultation_id>/", desk.consultation, name="desk_consultation"),
    path(
        "staff/cnap/consultations/<int:consultation_id>/files/<int:file_id>/",
        desk.consultation_file,
        name="desk_consultation_file",
    ),
    path(
        "staff/cnap/consultations/<int:consultation_id>/<slug:what>/",
        desk.act_on_consultation,
        name="act_on_consultation",
    ),
    path("staff/cnap/offices/", offices.office_list, name="desk_offices"),
    path("staff/cnap/offices/<int:office_id>/", offices.office, name="desk_office"),
    path("staff/cnap/offices/<int:office_id>/close/", offices.close_office, name="desk_close_office"),
    path("staff/cnap/subjects/", offices.subject_list, name="desk_subjects"),
    path("staff/cnap/subjects/<int:subject_id>/close/", offices.close_subject, name="desk_close_subject"),
    path("staff/cnap/terms/", terms.term_list, name="desk_terms"),
    path("staff/cnap/terms/<int:term_id>/remove/", terms.remove_term, name="desk_remove_term"),
    path("staff/cnap/reasons/", phrases.reasons, name="desk_reasons"),
    path("staff/cnap/reasons/<int:reason_id>/retire/", phrases.retire_reason, name="desk_retire_reason"),
    path("staff/cnap/templates/", phrases.templates, name="desk_templates"),
    path("staff/cnap/templates/<int:template_id>/remove/", phrases.remove_template, name="desk_remove_template"),
    path("services/catalogue/", apply.catalogue_list, name="catalogue"),
    path("services/catalogue/<int:service_id>/", apply.service, name="service"),
    path("services/applications/", applications.application_list, name="applications"),
    path("services/applications/<int:application_id>/", applications.application, name="application"),
    path("services/applications/<int:application_id>/place/", apply.place, name="application_place"),
    path(
        "services/applications/<int:application_id>/delete/", applications.delete_application, name="delete_application"
    ),
    path("services/applications/<int:application_id>/supply/", applications.supply, name="supply_document"),
    path(
        "services/applications/<int:application_id>/files/<int:file_id>/",
        applications.application_file,
        name="application_file",
    ),
    path("staff/cnap/applications/", application_desk.queue, name="desk_applications"),
    path("staff/cnap/applications/take/", application_desk.take_applications, name="desk_take_applications"),
    path("staff/cnap/applications/<int:application_id>/", application_desk.application, name="desk_application"),
    path(
        "staff/cnap/applications/<int:application_id>/files/<int:file_id>/",
        application_desk.application_file,
        name="desk_application_file",
    ),
    path(
        "staff/cnap/applications/<int:application_id>/<slug:what>/",
        application_desk.act_on_application,
        name="act_on_application",
    ),
    path("staff/cnap/services/", catalogue.service_list, name="desk_services"),
    path("staff/cnap/services/new/", catalogue.new_service, name="desk_new_service"),
    path("staff/cnap/services/<int:service_id>/", catalogue.service, name="desk_service"),
    path("staff/cnap/services/<int:service_id>/offers/", catalogue.save_offer, name="desk_save_offer"),
    path("staff/cnap/services/<int:service_id>/slots/", catalogue.save_slot, name="desk_save_slot"),
    path("staff/cnap/reports/", reports.report, name="desk_reports"),
    path("staff/cnap/reports/file/", reports.report_file, name="desk_report_file"),
    path("services/cases/", cases.case_list, name="cases"),
    path("staff/cnap/cases/", cases.desk_list, name="desk_cases"),
    path("staff/cnap/cases/open/", cases.open_case, name="desk_open_case"),
    path("staff/cnap/cases/<int:case_id>/", cases.desk_case, name="desk_case"),
]
