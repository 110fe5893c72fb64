"""Whether this container can serve pages: the status of /healthz, as the load balancer asks it."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

connection = HTTPConnection("127.0.0.1", 8000, timeout=4)
headers = {"Host": urlsplit(os.environ["PUBLIC_URL"]).netloc, "X-Forwarded-Proto": "https"}
connection.request("GET", "/healthz", headers=headers)
sys.exit(connection.getresponse().status != 200)
