"""The SIP accounts in the Django admin: one file, production settings."""

import os
from pathlib import Path

import django
from django.conf import settings

from benchmarks.data import ACCOUNTS, LOGIN, PASSWORD, USERS

folder = Path(os.environ["BENCH_FOLDER"])
(folder / "static").mkdir(exist_ok=True)
settings.configure(
    DEBUG=False,
    SECRET_KEY="only-for-the-benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="benchmarks.django_app",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "benchmarks.django_app",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,  # cached loader, as DEBUG is off
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "db.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATA_UPLOAD_MAX_NUMBER_FIELDS=20000,  # 900 rows are one form
    STATIC_URL="static/",
    STATIC_ROOT=folder / "static",
    STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
    USE_I18N=False,
    USE_TZ=True,
)
django.setup()

from django.contrib import admin  # noqa: E402  # models and admin need the settings above
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402


class User(models.Model):
    login = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)

    def __str__(self):
        return self.name


class SipAccount(models.Model):
    number = models.IntegerField(unique=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    phone = models.CharField(max_length=20, choices=[("builtin", "Thulium Softphone"), ("other", "Other phone")])
    active = models.BooleanField()
    recording = models.BooleanField()
    level = models.IntegerField()


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["login", "name"]


@admin.register(SipAccount)
class AccountAdmin(admin.ModelAdmin):
    """The same cells as with Flask-Admin.

    The user is not editable: each row would contain 900 names.
    """

    list_display = ["number", "user", "phone", "active", "recording", "level"]
    list_display_links = ["user"]
    list_editable = ["number", "phone", "active", "recording", "level"]
    list_select_related = ["user"]
    list_per_page = 1000
    search_fields = ["number", "user__name"]
    ordering = ["number"]
    actions = ["set_level"]

    @admin.action(description="Set level 30 or 60")
    def set_level(self, request, queryset):
        """Set 30, or 60 if all have 30: an action has no field for a value."""
        queryset.update(level=30 if queryset.exclude(level=30).exists() else 60)


urlpatterns = [path("admin/", admin.site.urls)]
app = get_wsgi_application()


def seed():
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(User)
        editor.create_model(SipAccount)
    call_command("collectstatic", interactive=False, verbosity=0)
    get_user_model().objects.create_superuser(LOGIN, "", PASSWORD)
    User.objects.bulk_create(User(id=i, login=u, name=n) for i, (u, n) in enumerate(USERS, 2))
    SipAccount.objects.bulk_create(SipAccount(user_id=i, **row) for i, row in enumerate(ACCOUNTS, 2))
