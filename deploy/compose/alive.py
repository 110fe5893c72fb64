"""Whether people may be sent to this container: the status of /readyz, as the load balancer asks it. A page
that waits for the database holds its thread for eight seconds at the most."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

connection = HTTPConnection("127.0.0.1", 8000, timeout=9)
headers = {"Host": urlsplit(os.environ["PUBLIC_URL"]).netloc, "X-Forwarded-Proto": "https"}
connection.request("GET", "/readyz", headers=headers)
sys.exit(connection.getresponse().status != 200)
