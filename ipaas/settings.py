"""Django settings, from the environment alone. The README has the table; `ipaas.environment` reads and judges."""

import hmac
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from ipaas import logs
from ipaas.environment import (
    KEY_ADVICE,
    LocalSecrets,
    credential_keys,
    database,
    digest_key,
    env,
    environment_name,
    production_value,
)
from ipaas.redaction import sentry_before_send

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = environment_name()
PRODUCTION = ENVIRONMENT == "production"
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
local_secrets = LocalSecrets(DATA_DIR)

DEBUG = False
SECRET_KEY = production_value(
    "SECRET_KEY",
    production=PRODUCTION,
    local=lambda: local_secrets.get("SECRET_KEY"),
    advice="make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
)
CREDENTIAL_KEYS = credential_keys(
    production_value(
        "CREDENTIAL_KEYS",
        production=PRODUCTION,
        local=lambda: local_secrets.get("CREDENTIAL_KEYS"),
        advice=f"it encrypts tokens at rest. {KEY_ADVICE}",
    )
)
# Former signing keys: what they signed (sessions, links in mails, tokens of the queue) stays readable.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# What digests are keyed by that are kept and compared for years: it stays when SECRET_KEY changes.
DIGEST_KEY = digest_key(SECRET_KEY, SECRET_KEY_FALLBACKS)
# Digest what names people in links.
PERSONAL_KEYS = [
    *env.list("PERSONAL_KEYS", default=[]),
    hmac.new(DIGEST_KEY.encode(), b"personal keys", "sha256").hexdigest(),
]
PUBLIC_URL = production_value(
    "PUBLIC_URL",
    production=PRODUCTION,
    local=lambda: "http://127.0.0.1:8000",
    advice="give the https address under which browsers and webhooks reach this server.",
).rstrip("/")
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured(f"PUBLIC_URL is {PUBLIC_URL!r}: in production it must start with https://.")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[PUBLIC_HOST] if PRODUCTION else [PUBLIC_HOST, "127.0.0.1", "localhost"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# The outside systems. Every host is configuration: the sandbox differs from the real world by these lines only.
BIGCOMMERCE_CLIENT_ID = env.str("BIGCOMMERCE_CLIENT_ID", default="")
BIGCOMMERCE_CLIENT_SECRET = env.str("BIGCOMMERCE_CLIENT_SECRET", default="")
BIGCOMMERCE_LOGIN_BASE = env.str("BIGCOMMERCE_LOGIN_BASE", default="https://login.bigcommerce.com").rstrip("/")
BIGCOMMERCE_API_BASE = env.str("BIGCOMMERCE_API_BASE", default="https://api.bigcommerce.com").rstrip("/")
BIGCOMMERCE_FRAME_ANCESTORS = env.list("BIGCOMMERCE_FRAME_ANCESTORS", default=["https://*.mybigcommerce.com"])
MAGENTO_IMS_BASE = env.str("MAGENTO_IMS_BASE", default="https://ims-na1.adobelogin.com").rstrip("/")
# Where incoming webhooks of Slack are.
SLACK_WEBHOOK_BASE = env.str("SLACK_WEBHOOK_BASE", default="https://hooks.slack.com/services").rstrip("/")
HEARTLAND_OAUTH_BASE = env.str("HEARTLAND_OAUTH_BASE", default="https://retail.heartland.us").rstrip("/")
HEARTLAND_CLIENT_ID = env.str("HEARTLAND_CLIENT_ID", default="")
HEARTLAND_CLIENT_SECRET = env.str("HEARTLAND_CLIENT_SECRET", default="")
# Empty: what the client's methods declare to need (connections/connectors/heartland/rights.py).
HEARTLAND_SCOPES = env.list("HEARTLAND_SCOPES", default=[])
# Under which domains accounts are; empty (a local installation): any host.
HEARTLAND_DOMAINS = env.list("HEARTLAND_DOMAINS", default=["retail.heartland.us"] if PRODUCTION else [])
# Merchants type addresses of their own systems; private ones are refused unless a local installation allows them.
ALLOW_PRIVATE_HOSTS = env.bool("ALLOW_PRIVATE_HOSTS", default=not PRODUCTION)

# How often we look by ourselves, beside webhooks (seconds), and how hard we try.
POLL_SECONDS = env.int("POLL_SECONDS", default=300)
POLL_SECONDS_WITHOUT_HOOKS = env.int("POLL_SECONDS_WITHOUT_HOOKS", default=60)
STOCK_POLL_SECONDS = env.int("STOCK_POLL_SECONDS", default=15)
ITEM_POLL_SECONDS = env.int("ITEM_POLL_SECONDS", default=300)
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", default=10)
SETTLE_SECONDS = env.float("SETTLE_SECONDS", default=60.0)  # how long a write without an answer may take to show
HEARTLAND_CALLS_PER_SECOND = env.float("HEARTLAND_CALLS_PER_SECOND", default=5.0)
SUPPORT_HOURS = env.int("SUPPORT_HOURS", default=4)  # the longest that an owner may let support look at once
ANSWER_RETENTION_DAYS = env.int("ANSWER_RETENTION_DAYS", default=7)
PAYLOAD_RETENTION_DAYS = env.int("PAYLOAD_RETENTION_DAYS", default=30)

INSTALLED_APPS = [
    "connections.console",
    "connections.apps.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django_q",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "connections",
    "mappings",
    "errors",
    "syncjobs",
    "ipaas",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ipaas.odd_requests.odd_addresses",
    "ipaas.callbacks_first.callbacks_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ipaas.bundles.bundles",
    "ipaas.private_pages.private_pages",
    "connections.compressed.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "ipaas.odd_requests.OddForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "ipaas.only_forms.only_forms",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "connections.signin.sessions.session_watch",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connections.strict.OnlyDrawn",
]
ROOT_URLCONF = "ipaas.urls"
WSGI_APPLICATION = "ipaas.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "connections.frames.problem_frame",
            ],
            "builtins": ["connections.templatetags.words"],
        },
    }
]

DATABASES = {"default": database(DATA_DIR, production=PRODUCTION)}
DATABASES["default"]["TEST"] = {"NAME": env.str("DJANGO_TEST_DB", default="test_tillbridge")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by all processes: log-in throttling counts in it.
    "default": {"BACKEND": "ipaas.cache.JsonCache", "LOCATION": "django_cache", "KEY_PREFIX": "json"},
    "queue": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},  # django-q2's status, which nobody reads
}

AUTH_USER_MODEL = "connections.User"
AUTHENTICATION_BACKENDS = ["connections.signin.backend.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "connections.signin.passwords.OwnWordsValidator"},
    {"NAME": "connections.signin.passwords.BreachedPasswordValidator"},
]
# Who is asked whether a password is known from breaches: five signs of its digest go there. Empty: nobody.
BREACHED_PASSWORDS_URL = env.str(
    "BREACHED_PASSWORDS_URL", default="https://api.pwnedpasswords.com" if PRODUCTION else ""
).rstrip("/")
if PRODUCTION and BREACHED_PASSWORDS_URL and not BREACHED_PASSWORDS_URL.startswith("https://"):
    raise ImproperlyConfigured("BREACHED_PASSWORDS_URL must start with https:// in production, or be empty.")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the mailed link works
ACCOUNT_ADAPTER = "connections.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # the one address is `User.email`; the library's table of addresses is not asked
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Tries to log in are counted by connections/signin/try_limits.py, which knows the owner of an account from strangers.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "connections.signin.forms.LogInForm",
    "change_password": "connections.signin.forms.NewPasswordForm",
    "reset_password": "connections.signin.forms.ResetForm",
}
MFA_ADAPTER = "connections.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from an owner or an admin, not from signing up
MFA_TOTP_TOLERANCE = 1  # clocks of phones: the codes of half a minute before and after count
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_URL.startswith("https://")
MFA_FORMS = {
    "authenticate": "connections.signin.forms.CodeForm",
    "reauthenticate": "connections.signin.forms.CodeAgainForm",
    "activate_totp": "connections.signin.forms.AppForm",
    "add_webauthn": "connections.signin.forms.AddPasskeyForm",
    "authenticate_webauthn": "connections.signin.forms.PasskeyForm",
    "reauthenticate_webauthn": "connections.signin.forms.PasskeyAgainForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

Q_CLUSTER = {
    "name": "ipaas",  # also the signing salt: the same on every host, never changed
    "orm": "default",
    "broker_class": "ipaas.queue.PostgresBroker",
    "cache": "queue",
    "workers": env.int("WORKERS_NOW", default=2),
    "timeout": 60,
    "retry": 300,
    "queue_limit": env.int("WORKERS_NOW", default=2),
    "bulk": 1,  # each worker claims its own
    "poll": 1,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 500,
    "max_rss": 400_000,
    "guard_cycle": 1,
    "ALT_CLUSTERS": {
        "soon": {"workers": env.int("WORKERS_SOON", default=1), "queue_limit": 1},
        "bulk": {
            "workers": env.int("WORKERS_BULK", default=1),
            "queue_limit": 1,
            "timeout": 120,
            "retry": 600,
        },
    },
}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    Q_CLUSTER |= {"poll": 0.2}
    del Q_CLUSTER["broker_class"]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "staticfiles" if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/vendor/.+-\d+\.[\d.]*\d\.\w+$"  # files that carry their version

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Over https a cookie's name says that no other host and no path can have set it.
COOKIE_PREFIX = "__Host-" if PUBLIC_URL.startswith("https://") else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=240)
SESSION_HOURS = env.int("SESSION_HOURS", default=168)
STAFF_SESSION_IDLE_MINUTES = env.int("STAFF_SESSION_IDLE_MINUTES", default=30)
STAFF_SESSION_HOURS = env.int("STAFF_SESSION_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.int("TRUSTED_PROXY_COUNT", default=0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
PICTURE_HOSTS = env.list("PICTURE_HOSTS", default=[])  # origins whose pictures of products pages may show
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *PICTURE_HOSTS],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", BIGCOMMERCE_LOGIN_BASE, HEARTLAND_OAUTH_BASE],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = ["ipaas.uploads.BoundedUpload"]

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Tillbridge <no-reply@{PUBLIC_HOST or 'localhost'}>")

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # Prometheus brings it; empty: no metrics are shown
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=300)  # of one token
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "syncjobs.api.schema.Described",
    "EXCEPTION_HANDLER": "syncjobs.api.problems.answered",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tillbridge API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "PREPROCESSING_HOOKS": ["syncjobs.api.schema.only_ours"],
    "POSTPROCESSING_HOOKS": ["syncjobs.api.schema.completed"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# Who receives traces (OTLP over HTTP); empty: none are made, and nothing of their library is loaded.
TRACES_TO = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="").rstrip("/")
if TRACES_TO and not TRACES_TO.startswith(("http://", "https://")):
    raise ImproperlyConfigured("OTEL_EXPORTER_OTLP_ENDPOINT must start with http:// or https://, or be empty.")
LOGGING = logs.configuration(env.str("LOG_LEVEL", default="INFO").upper())
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk  # three megabytes that nobody needs without it

    sentry_sdk.init(SENTRY_DSN, environment=ENVIRONMENT, send_default_pii=False, before_send=sentry_before_send)
