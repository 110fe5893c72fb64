"""`python -m sandbox`: the sandbox without the portal (the tests start it so)."""

import argparse
from pathlib import Path

from aiohttp import web

from sandbox.app import build


def serve(*, host: str, port: int, ncalayer_port: int, state_dir: Path, portal_url: str) -> None:
    app = build(state_dir, portal_url=portal_url, ncalayer_port=ncalayer_port)
    web.run_app(app, host=host, port=port, print=None, access_log=None, shutdown_timeout=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--ncalayer-port", type=int, default=13579)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--portal-url", default="http://127.0.0.1:8000")
    args = parser.parse_args()
    serve(
        host=args.host,
        port=args.port,
        ncalayer_port=args.ncalayer_port,
        state_dir=args.state_dir,
        portal_url=args.portal_url,
    )


if __name__ == "__main__":
    main()
