"""People and how they sign in (identity owns the pages; docs/people.md says why each is so)."""

from domivka.config import environment

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "domivka.identity.passwords.MaximumLength", "OPTIONS": {"max_length": 128}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "domivka.identity.passwords.NotCommon"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "phone", "surname", "name", "patronymic")},
    },
    {
        "NAME": "domivka.identity.passwords.NotBreached",
        "OPTIONS": {
            "folder": environment.text("DOMIVKA_LEAKED_PASSWORDS_DIR"),
            "url": environment.text("DOMIVKA_LEAKED_PASSWORDS_URL"),
        },
    },
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 30 * 86_400  # for whoever asks to be remembered; others sign in anew with a new browser window
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("DOMIVKA_TRUSTED_PROXIES", 0)  # whose X-Forwarded-For is believed

ACCOUNT_ADAPTER = "domivka.identity.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone*", "password1*"]  # allauth insists; SignUpForm asks for one of the two
ACCOUNT_FORMS = {
    "login": "domivka.identity.forms.SignInForm",
    "signup": "domivka.identity.forms.SignUpForm",
    "request_login_code": "domivka.identity.forms.RequestCodeForm",
    "confirm_login_code": "domivka.identity.forms.CodeForm",
    "verify_phone": "domivka.identity.forms.PhoneCodeForm",
    "reset_password": "domivka.identity.forms.ForgottenForm",
    "reset_password_from_key": "domivka.identity.forms.NewPasswordForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/profile/login/"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 3
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/300s/key",
    "signup": "20/m/ip",
    "reauthenticate": "5/300s/user",
    "request_login_code": "20/m/ip,5/900s/key",
    "reset_password": "20/m/ip,3/900s/key",
    "confirm_email": "1/60s/key",
    "send_code": "1/60s/key",  # the pause before another code
    "verify_phone": "1/60s/key,20/m/ip",
    "code_try": "3/900s/key",  # tries of one code, all processes together
}

# The counters of these limits are shared by all web processes. Django counts rows at every write, and above the
# maximum drops the expired ones first.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
