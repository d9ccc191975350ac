"""Addresses of homes."""

from django.urls import path

from domivka.homes import web, web_sharing

app_name = "homes"

urlpatterns = [
    path("homes/", web.home_list, name="list"),
    path("homes/add/", web.add, name="add"),
    path("homes/add/streets/", web.streets, name="streets"),
    path("homes/<int:home_id>/pin/", web.pin, name="pin"),
    path("homes/<int:home_id>/key/", web.key, name="key"),
    path("homes/<int:home_id>/edit/", web.edit, name="edit"),
    path("homes/<int:home_id>/restore/", web.restore, name="restore"),
    path("homes/<int:home_id>/helpers/", web_sharing.helpers, name="helpers"),
    path("homes/<int:home_id>/helpers/invite/", web_sharing.invite, name="invite"),
    path("homes/<int:home_id>/helpers/<int:share_id>/", web_sharing.helper, name="helper"),
    path("homes/<int:home_id>/helpers/<int:share_id>/again/", web_sharing.again, name="again"),
    path("homes/<int:home_id>/helpers/<int:share_id>/revoke/", web_sharing.revoke, name="revoke"),
    path("homes/<int:home_id>/access/", web_sharing.access, name="access"),
    path("homes/<int:home_id>/access/leave/", web_sharing.leave, name="leave"),
    path("invitations/<str:token>/", web_sharing.invitation, name="invitation"),
    path("invitations/<str:token>/answer/", web_sharing.answer, name="answer"),
]
