"""Addresses of the CNAP: the resident's under services/, the administrator's under staff/cnap/."""

from django.urls import URLPattern, URLResolver, path

from domivka.cnap.web import home, library

app_name = "cnap"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/", home.home, name="home"),
    path("services/documents/", library.library, name="documents"),
    path("services/documents/<int:document_id>/", library.document, name="document"),
    path("services/documents/<int:document_id>/file/", library.document_file, name="document_file"),
    path("services/documents/<int:document_id>/delete/", library.delete_document, name="delete_document"),
]
