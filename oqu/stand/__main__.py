import os
import signal
import sys

from .commands import main
from .place import Trouble, read_dotenv

os.umask(0o022)  # servers that root starts are somebody else, and must be able to read their programs
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.default_int_handler)
read_dotenv()
try:
    sys.exit(main(sys.argv[1:]))
except Trouble as trouble:
    sys.exit(f"\n{trouble}")
except KeyboardInterrupt:
    sys.exit(130)
