"""What a WSGI server serves."""

from sipweb import create_app

app = create_app()
