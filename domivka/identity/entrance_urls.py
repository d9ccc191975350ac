"""Addresses of signing up and in: allauth's names, as allauth itself links to them."""

from allauth.account import views
from django.urls import path, re_path

from domivka.identity.web import entrance, profile

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email, name="account_confirm_email"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("password/change/", profile.change_password, name="account_change_password"),
    path("login/code/", entrance.request_code, name="account_request_login_code"),
    path("login/code/confirm/", entrance.confirm_code, name="account_confirm_login_code"),
    path("login/link/<str:token>/", entrance.follow_link, name="account_sign_in_link"),
    path("phone/verify/", entrance.verify_phone, name="account_verify_phone"),
]
