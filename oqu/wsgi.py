import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
application = get_wsgi_application()

from accounts import copies, deadlines, roles  # noqa: E402  (the apps must stand)
from oqu import traces  # noqa: E402  (the same)
from oqu.metrics import counted  # noqa: E402  (the same)

deadlines.begin(deadlines.Kind.WEB)
roles.refuse_owner()
copies.begin()
counted.begin()
traces.begin(deadlines.Kind.WEB)
