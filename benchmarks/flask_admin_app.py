"""The SIP accounts in Flask-Admin 2, as an experienced developer would write them."""

import os
from pathlib import Path

from flask import Flask, redirect, request, url_for
from flask_admin import Admin, AdminIndexView
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy import Engine, event, insert, update
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField

from benchmarks.data import ACCOUNTS, LOGIN, PASSWORD, USERS

folder = Path(os.environ["BENCH_FOLDER"])
app = Flask(__name__)
app.config.update(
    SECRET_KEY="only-for-the-benchmark",
    SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'db.sqlite3'}",
    SEND_FILE_MAX_AGE_DEFAULT=31536000,
)
db = SQLAlchemy(app)
login_manager = LoginManager(app)
login_manager.login_view = "login"


@event.listens_for(Engine, "connect")
def _quick_sqlite(connection, _record):
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    login = db.Column(db.String(80), unique=True, nullable=False)
    name = db.Column(db.String(80), nullable=False)
    password = db.Column(db.String(200))

    def __str__(self):
        return self.name


class SipAccount(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.Integer, unique=True, nullable=False)
    user_id = db.Column(db.ForeignKey("user.id"))
    phone = db.Column(db.String(20), nullable=False)
    active = db.Column(db.Boolean, nullable=False)
    recording = db.Column(db.Boolean, nullable=False)
    level = db.Column(db.Integer, nullable=False)
    user = db.relationship(User)


class Guarded:
    def is_accessible(self):
        return current_user.is_authenticated

    def inaccessible_callback(self, name, **kwargs):
        return redirect(url_for("login", next=request.url))


class Index(Guarded, AdminIndexView):
    pass


class UserView(Guarded, ModelView):
    form_base_class = SecureForm
    column_list = ["login", "name"]
    page_size = 1000


class AccountView(Guarded, ModelView):
    """The user is not editable in the list: each row would contain 900 names."""

    form_base_class = SecureForm
    column_list = ["number", "user", "phone", "active", "recording", "level"]
    column_editable_list = ["number", "phone", "active", "recording", "level"]
    form_choices = {"phone": [("builtin", "Thulium Softphone"), ("other", "Other phone")]}
    column_default_sort = "number"
    column_searchable_list = ["number", "user.name"]
    page_size = 1000

    @action("level", "Set level 30 or 60")
    def set_level(self, ids):
        """Set 30, or 60 if all have 30: an action has no field for a value."""
        selected = SipAccount.id.in_(ids)
        other = db.session.scalar(db.select(SipAccount.id).where(selected, SipAccount.level != 30).limit(1))
        db.session.execute(update(SipAccount).where(selected).values(level=30 if other else 60))
        db.session.commit()


admin = Admin(app, name="SIP", index_view=Index())
admin.add_view(AccountView(SipAccount, db.session, name="SIP accounts"))
admin.add_view(UserView(User, db.session, name="Users", endpoint="users"))


class LoginForm(FlaskForm):
    login = StringField()
    password = PasswordField()


@login_manager.user_loader
def load_user(key):
    return db.session.get(User, int(key))


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = db.session.scalar(db.select(User).filter_by(login=form.login.data))
        if user and user.password and check_password_hash(user.password, form.password.data):
            login_user(user)
            return redirect(url_for("sipaccount.index_view"))
    return f'<form method="post">{form.csrf_token} {form.login} {form.password} <button>Log in</button></form>'


def seed():
    with app.app_context():
        db.create_all()
        db.session.add(User(id=1, login=LOGIN, name="Administrator", password=generate_password_hash(PASSWORD)))
        db.session.flush()
        db.session.execute(insert(User), [{"id": i, "login": u, "name": n} for i, (u, n) in enumerate(USERS, 2)])
        db.session.execute(insert(SipAccount), [row | {"user_id": i} for i, row in enumerate(ACCOUNTS, 2)])
        db.session.commit()
