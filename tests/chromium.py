"""The browser of the tests: Chromium's headless shell where there is one, for it starts no windows that
nobody sees and takes a third of the time; else Chromium itself."""

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
