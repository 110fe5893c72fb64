"""`python -m tests.load.national`: the sandbox as the systems of the state, with an authority and secrets of
other names, for production refuses the sandbox's; its phone goes by the proxy of its environment."""

from functools import partial

import aiohttp

from sandbox import ca, idp, mobizon, shep
from sandbox.__main__ import main

SENDER, SECRET = "oqu", "x7Qm-2pLk9Vt5Rw1Yc"

if __name__ == "__main__":
    ca.ROOT, ca.ISSUING = "NATIONAL ROOT (RSA)", "NATIONAL CA (RSA)"
    idp.CLIENT_SECRET = shep.PASSWORD = mobizon.KEY = mobizon.WEBHOOK_SECRET = ca.KEY_PASSWORD = SECRET
    aiohttp.ClientSession = partial(aiohttp.ClientSession, trust_env=True)  # type: ignore[assignment, misc]  # made as the class makes
    main()
