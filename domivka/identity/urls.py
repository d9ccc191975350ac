"""Addresses of the profile."""

from django.urls import path

from domivka.identity.web import profile

app_name = "identity"

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/edit/", profile.edit, name="edit"),
    path("profile/login/", profile.logins, name="logins"),
    path("profile/login/email/", profile.change_email, name="change_email"),
    path("profile/login/phone/", profile.change_phone, name="change_phone"),
    path("profile/password/", profile.change_password, name="change_password"),
    path("profile/sign-out-elsewhere/", profile.sign_out_elsewhere, name="sign_out_elsewhere"),
]
