"""Django settings, driven by the environment; every variable is listed in ``docs/operation.md``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from quancheng.runtime.databases import database_settings
from quancheng.runtime.place import ROOT, Place

PLACE = Place.current()
VAR_DIR = PLACE.var
SECRETS_DIR = PLACE.var / "secrets"
PACKAGE = ROOT / "src" / "quancheng"


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _built(*modules: str) -> list[str]:
    """Those of our apps that stand: a package with an ``apps.py``.

    ``QUANCHENG_APPS=people,areas`` narrows them to those named, for work beside an app that does not load just now.
    """
    wanted = _names("QUANCHENG_APPS")
    return [
        module
        for module in modules
        if (ROOT / "src" / Path(*module.split(".")) / "apps.py").is_file()
        and (not wanted or module.rpartition(".")[2] in wanted)
    ]


DEBUG = False
#: Switches the component gallery and other developers' pages on; never set it where real work is done.
DEVELOPMENT = _flag("QUANCHENG_DEV")
# Without the file (a lint, a type check) a throw-away key: nothing that it signs outlives the process.
SECRET_KEY = PLACE.known_secret("django") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = _names("QUANCHENG_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = _names("QUANCHENG_ORIGINS")

KERNEL_APPS = _built(
    *(
        f"quancheng.kernel.{name}"
        for name in (
            "house",
            "areas",
            "people",
            "access",
            "journal",
            "events",
            "work",
            "loops",
            "schedule",
            "calendar",
            "vault",
            "numbering",
            "papers",
            "ladder",
            "law",
            "dictionaries",
            "files",
            "phone",
            "notices",
            "longwork",
            "exchange",
            "tokens",
            "search",
            "retention",
            "pages",
        )
    )
)
#: From the ground up: a domain may use those above it in this list.
DOMAIN_APPS = _built(
    *(
        f"quancheng.domains.{name}"
        for name in (
            "registry",
            "training",
            "risk",
            "hazards",
            "permits",
            "monitoring",
            "equipment",
            "flow",
            "transport",
            "waste",
            "enforcement",
            "standing",
            "public",
            "emergency",
            "duty",
        )
    )
)
WEB_APPS = _built("quancheng.web", "quancheng.web.people", "quancheng.web.phone")
OUR_APPS = [*KERNEL_APPS, *DOMAIN_APPS, *WEB_APPS]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    # Before ours: their jobs register with it while they get ready.
    "procrastinate.contrib.django",
    "django_cotton",
    *OUR_APPS,
    # After ours, which write some of its widgets otherwise.
    "django.forms",
]

#: The password before a demo that is open to other machines; empty for no gate.
GATE = os.environ.get("QUANCHENG_GATE", "")
MIDDLEWARE = [
    *(["quancheng.runtime.middleware.Gate"] if GATE else []),
    "quancheng.runtime.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "quancheng.runtime.middleware.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "quancheng.runtime.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # Whose request it is; every address asks for sign-in that does not say otherwise.
    "quancheng.kernel.people.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Innermost: it answers refusals of views, with the actor and language already known.
    "quancheng.kernel.pages.errors.RefusalMiddleware",
]
CSRF_FAILURE_VIEW = "quancheng.kernel.pages.errors.csrf_failure"

ROOT_URLCONF = "quancheng.runtime.urls"
WSGI_APPLICATION = "quancheng.runtime.wsgi.application"
ASGI_APPLICATION = "quancheng.runtime.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "quancheng.web.context.shell",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]
if WEB_APPS:
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("quancheng.web.context.shell")
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- records -----------------------------------------------------------------
DATABASES = {"default": database_settings(PLACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# --- readings, messages, files -----------------------------------------------
TELEMETRY_URL = os.environ.get("TELEMETRY_URL") or PLACE.address("TELEMETRY_URL")
NATS_URL = os.environ.get("NATS_URL") or PLACE.address("NATS_URL")
#: ``file:///folder`` or ``s3://bucket/prefix``; empty means ``var/files``.
FILES_URL = os.environ.get("FILES_URL", "") or (PLACE.var / "files").as_uri()

#: Days that the files of long work (exports and the like) are kept for whoever asked for them.
RESULT_DAYS = int(os.environ.get("QUANCHENG_RESULT_DAYS") or 7)
#: In which box the district lies: "west,south,east,north" in degrees. Empty: nobody has said, nothing is checked.
DISTRICT_BOX = os.environ.get("QUANCHENG_DISTRICT_BOX", "")

#: Under which address people outside reach the house, for what is printed; empty: the address asked for.
PUBLIC_URL = os.environ.get("QUANCHENG_PUBLIC_URL", "")
#: Hours that a short-lived code of the duty room lives where nobody says otherwise.
PASS_HOURS = int(os.environ.get("QUANCHENG_PASS_HOURS") or 2)
#: Pages of safety information codes that one address may open in a minute.
CODE_RATE = int(os.environ.get("QUANCHENG_CODE_RATE") or 60)

#: The journal's nightly roots, one file each; backups take them along, and they can be printed.
ROOTS_DIR = PLACE.var / "roots"

# --- jobs --------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# --- people ------------------------------------------------------------------
if "quancheng.kernel.people" in KERNEL_APPS:
    AUTH_USER_MODEL = "people.User"
LOGIN_URL = "people:sign_in"
# Signing in is our own (kernel/people/signing.py): no other code may open a session.
AUTHENTICATION_BACKENDS: list[str] = []
# User names are unique whatever their case, which the framework's check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "auth.E003"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# The longest that the policy may allow; idleness and revocation end a session earlier, in the database.
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- language and time -------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
FORMAT_MODULE_PATH = ["quancheng.runtime.formats"]
# Strings of modules that belong to no app (the refusals of the kernel); each app brings its own catalogue.
LOCALE_PATHS = [PACKAGE / folder / "locale" for folder in ("kernel", "domains", "runtime")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files ------------------------------------------------------------
STATIC_URL = "/static/"
# Nothing is collected: WhiteNoise finds the files where they lie.
STATIC_ROOT = None
_MODULES = ROOT / "node_modules"
STATICFILES_DIRS = [
    (f"vendor/{folder}", str(_MODULES / folder))
    for folder in (
        "@tabler/core/dist/css",
        "htmx.org/dist",
        "echarts/dist",
        "maplibre-gl/dist",
    )
    if (_MODULES / folder).is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# --- fonts of official papers ------------------------------------------------
#: The district may drop the prescribed fonts here; the packaged one stands in for what is absent.
PRESCRIBED_FONTS_DIR = VAR_DIR / "fonts"
PACKAGED_FONTS_DIR = _MODULES / "@expo-google-fonts" / "noto-serif-sc"

# --- safety ------------------------------------------------------------------
#: Everything from our own house, nothing inline; checked in Chromium (architecture, section 2).
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; style-src 'self'; script-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
#: Set by the supervisor when it serves TLS, or by hand behind a proxy that does.
SECURE = _flag("QUANCHENG_SECURE")
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
#: A reverse proxy of ours stands before us: its headers tell scheme, host and the asker's address.
BEHIND_PROXY = _flag("QUANCHENG_BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
#: Ciphers and digests: ``international`` (AES, SHA-256) or ``guomi`` (SM4, SM3).
CRYPTO_SUITE = os.environ.get("CRYPTO_SUITE", "international")
#: Networks (CIDR) beside the public ones to which webhooks may go; and whether plain HTTP is good enough there.
WEBHOOK_NETWORKS = _names("QUANCHENG_WEBHOOK_NETWORKS")
WEBHOOK_INSECURE = _flag("QUANCHENG_WEBHOOK_HTTP")
#: The same for the provider of identities (OIDC), which often stands in the government's own network.
OIDC_NETWORKS = _names("QUANCHENG_OIDC_NETWORKS")
OIDC_INSECURE = _flag("QUANCHENG_OIDC_HTTP")
#: The same for upper platforms to which dual prevention data go.
UPPER_NETWORKS = _names("QUANCHENG_UPPER_NETWORKS")
UPPER_INSECURE = _flag("QUANCHENG_UPPER_HTTP")
#: The same for brokers of MQTT from which messages are fetched; whether one may do without TLS.
BROKER_NETWORKS = _names("QUANCHENG_BROKER_NETWORKS")
BROKER_INSECURE = _flag("QUANCHENG_BROKER_PLAIN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("QUANCHENG_LOG", "WARNING")},
}
