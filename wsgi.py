"""What gunicorn and Celery load."""

from portal.app import create_app
from portal.settings import Settings

app = create_app(Settings.from_environ())
celery = app.extensions["celery"]
