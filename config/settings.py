"""Settings: everything that differs between machines comes from the environment, and silence is safe.

`.env.example` lists the variables. `./dev` sets DEBUG and starts the embedded servers when
DATABASE_URL or REDIS_URL is missing (config/embedded/); production sets all of them itself.
"""

from importlib.util import find_spec
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.addresses import own_names, with_port
from config.files import file_storage
from config.logs import logging_options
from config.rates import rates

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="for-development-only") if DEBUG else env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if DEBUG else env.NOTSET)
HOST = env("HOST", default="") or "127.0.0.1"  # of `./dev run`
if DEBUG:
    ALLOWED_HOSTS += own_names(HOST)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where the embedded servers, the development mails and the uploads live.
DATA_DIR = Path(env("HOLDOUT_DATA", default=str(BASE_DIR / ".data")))
# A web process must answer fast when Redis or PostgreSQL is away; a worker may wait.
IS_WORKER = env("HOLDOUT_ROLE", default="web") == "worker"

if not DEBUG and len(SECRET_KEY) < 40:
    make_one = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    raise ImproperlyConfigured(f"SECRET_KEY is too short to be secret. Make one with: {make_one}")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "accounts",
    "questions",
    "interviews",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
if DEBUG and find_spec("django_migration_linter"):
    INSTALLED_APPS.append("django_migration_linter")  # `./dev check`: lintmigrations, configured in pyproject.toml

MIDDLEWARE = [
    "config.health.Probes",
    "config.middleware.RequestMoment",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.PermissionsPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "config.middleware.DatabaseAway",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.LoginRequired",
    "accounts.guests.Guests",
    "accounts.middleware.SecondFactorRequired",
    "accounts.middleware.PrivateByDefault",
    "config.limits.RateLimits",
    "accounts.middleware.OwnTimeZone",
    "config.middleware.NoNul",
    "accounts.middleware.OnlyForForms",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.people",
                "interviews.notices.context_processors.notices",
            ],
            # Django caches templates also while developing, and only its own runserver notices a changed one.
            "loaders": [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
        },
    },
]
if not DEBUG:
    _options = TEMPLATES[0]["OPTIONS"]
    _options["loaders"] = [("django.template.loaders.cached.Loader", _options["loaders"])]

# --- PostgreSQL -----------------------------------------------------------------------------------

_statement_timeout_ms = 60_000 if IS_WORKER else 5_000
DATABASES = {
    "default": env.db("DATABASE_URL")
    | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "application_name": "holdout-worker" if IS_WORKER else "holdout-web",
            # The only guards against a stuck thread: gunicorn's --timeout does not stop a query of a gthread.
            "options": f"-c statement_timeout={_statement_timeout_ms} -c lock_timeout=2000"
            " -c idle_in_transaction_session_timeout=10000 -c client_connection_check_interval=2000",
        },
    }
}

# Redis is never needed to answer a request: sessions and the rate limits' cache are in PostgreSQL.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # without a visit; accounts/sessions.py moves it on
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # When it is full, counts that still run are thrown away: with Django's 300, whoever tried the passwords of so
        # many accounts was no longer limited. Ended ones are deleted at night (interviews/records/retention.py).
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# --- The broker; Celery's own options are in config/celeryconfig.py --------------------------------

# RabbitMQ instead of Redis: BROKER_URL=amqp://user:password@host:5672/. Then nothing asks for REDIS_URL.
RABBITMQ_URL = env("BROKER_URL", default="")
REDIS_URL = env("REDIS_URL", default="") if RABBITMQ_URL else env("REDIS_URL")
# The queue of a worker that runs candidates' code and SQL, and nothing else.
RUNNING_QUEUE = "running"

# --- Transcripts of spoken answers (interviews/speech/engines.py) -----------------------------------

SPEECH = env.bool("SPEECH", default=True)
# A folder with a bigger Whisper for faster-whisper; with SPEECH_URL the name of the service's model.
SPEECH_MODEL = env("SPEECH_MODEL", default="")
# A service that speaks OpenAI's /v1/audio/transcriptions. Only then does sound leave the site.
SPEECH_URL = env("SPEECH_URL", default="")
SPEECH_KEY = env("SPEECH_KEY", default="")
# The queue of a worker that transcribes, and nothing else.
SPEECH_QUEUE = "speech"

# --- A language model that suggests where an answer says a point (interviews/interviewer/graders.py) ----

# The full address of a chat completion, such as https://api.example.com/v1/chat/completions. Empty: there is none.
LLM_URL = env("LLM_URL", default="")
LLM_MODEL = env("LLM_MODEL", default="")
LLM_KEY = env("LLM_KEY", default="")
LLM_CALLS_A_DAY = env.int("LLM_CALLS_A_DAY", default=500)  # in 24 hours; then answers are matched by words alone
# For a million tokens; without both no cost is stored.
LLM_PRICE_PROMPT = env.float("LLM_PRICE_PROMPT", default=0)
LLM_PRICE_REPLY = env.float("LLM_PRICE_REPLY", default=0)

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# The address is unique whatever its case: a constraint on lower(email), which this check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["accounts.backends.OneAtATimeBackend"]
# The second only for passwords from before: each becomes the first at its next log-in.
PASSWORD_HASHERS = ["accounts.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "interviews:dashboard"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Holdout: "
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LogInForm",
    "signup": "accounts.forms.SignUpForm",
    "reset_password": "accounts.forms.ResetForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate_webauthn": "accounts.passkey_forms.Authenticate",
    "login_webauthn": "accounts.passkey_forms.LogIn",
    "reauthenticate_webauthn": "accounts.passkey_forms.Reauthenticate",
    "add_webauthn": "accounts.passkey_forms.Add",
    "edit_webauthn": "accounts.passkey_forms.Rename",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Holdout"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
# Coaches read other people's answers, staff look after the site: a password alone is not enough for them. Off while
# developing, so that the demo log-ins work.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not DEBUG)
# A passkey cannot be guessed, and a limit by address would let one person keep a whole class room out.
MFA_RATE_LIMITS = {"webauthn_login": None}
ACCOUNT_RATE_LIMITS = rates(env, debug=DEBUG)

STARTS_PER_HOUR = env.int("STARTS_PER_HOUR", default=1000 if DEBUG else 10)  # interviews and drills of one person
SUGGEST_POINTS = env.bool("SUGGEST_POINTS", default=True)  # sentences beside the rubric; never a score
SAVES_PER_SECOND = env.int("SAVES_PER_SECOND", default=6)  # of one person's answers, in one process

# For teams of one: otherwise whoever wrote a question needs somebody else to publish it.
CURATORS_MAY_PUBLISH_OWN = env.bool("CURATORS_MAY_PUBLISH_OWN", default=DEBUG)

# Without EMAIL_URL production sends nothing, and `check --deploy` says so: on a console a mail's link would be logged.
EMAIL_CONFIG = env.email("EMAIL_URL", default="dummymail://")
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL")})
if DEBUG and "EMAIL_URL" not in env.ENVIRON:
    EMAIL_BACKEND = "accounts.mail.DevelopmentBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10  # seconds: a server that accepts and never answers holds up no worker
# Mails lead here. Without it the first host name that is no pattern.
_hosts = [host for host in ALLOWED_HOSTS if host.strip("*.") == host]
SITE_URL = env(
    "SITE_URL",
    default=f"http://{with_port(HOST, env('PORT', default='8000'))}"
    if DEBUG
    else f"https://{(_hosts or ['localhost'])[0]}",
).rstrip("/")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Holdout <holdout@localhost>")

# --- Language, time, files ------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Cached for ever: what has its hash in its name, and Pyodide, which asks for its parts by their plain names.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{12}\.\w+$|/vendor/pyodide-[\d.]+/"
# What people own as files (their exports): in a folder that no address leads to, or in a bucket of S3's kind, which
# boto3's own variables open (AWS_ACCESS_KEY_ID, …). Either way a file reaches its owner through a view of ours.
MEDIA_ROOT = env("FILES_ROOT", default=str(DATA_DIR / "files"))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": file_storage(bucket=env("FILES_BUCKET", default=""), endpoint=env("FILES_ENDPOINT", default="")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static_files.StaticFiles"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# No form of ours has more fields than a question of code with thirty cases (questions/admin/rows.py).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# How many proxies of ours stand before us. Only then is what they say of the client believed: its address, for the
# rate limits (allauth's setting), and that it came by https.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs and metrics -----------------------------------------------------------------------------

METRICS_TOKEN = env("METRICS_TOKEN", default="")  # empty: there is no /metrics
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)
SENTRY_DSN = env("SENTRY_DSN", default="")  # empty: errors are logged here and go nowhere (config/sentry.py)
LOGGING = logging_options(plain=DEBUG, level=env("LOG_LEVEL", default="INFO"))
