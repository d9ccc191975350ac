"""Addresses of the CNAP: the resident's under services/, the administrator's under staff/cnap/."""

from django.urls import URLPattern, URLResolver, path

from domivka.cnap.web import consultations, desk, home, inbox, library

app_name = "cnap"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/", home.home, name="home"),
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
    path("services/messages/", inbox.message_list, name="messages"),
    path("services/messages/<int:message_id>/", inbox.message, name="message"),
    path("staff/cnap/", desk.desk_home, name="desk"),
    path("staff/cnap/consultations/", desk.consultation_queue, name="desk_consultations"),
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
    path("staff/cnap/templates/", desk.templates, name="desk_templates"),
]
