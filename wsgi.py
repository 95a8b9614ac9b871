"""The WSGI application, for gunicorn and the flask command."""

from sipweb import create_app

app = create_app()
