"""The widely used public client of NCALayer (npm: ncalayer-js-client) works unchanged with the emulator.

It is not ours to keep here: NCALAYER_CLIENT names its file, ncalayer-client.js. Without it, or without a
browser, these tests are skipped.
"""

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from egov import eds
from egov.tests.cast import AIGUL, NURGUL
from tests.chromium import CHROMIUM
from tests.sandbox import Sandbox

CLIENT = os.environ.get("NCALAYER_CLIENT", "")
DOCUMENTS = [b"%PDF one", b"%PDF two", b"%PDF three"]
ENCODED = [base64.b64encode(one).decode() for one in DOCUMENTS]
SCHOOL = "990540099902"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CLIENT, reason="NCALAYER_CLIENT names no file of ncalayer-js-client"),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]

# What a page does with the client, as its README shows it: connect, then one call after another.
WORK = """async ({ url, calls }) => {
  const client = new NCALayerClient(url, false);
  const answers = [{ version: await client.connect() }];
  for (const { method, args } of calls) {
    try {
      answers.push({ result: await client[method](...args) });
    } catch (error) {
      answers.push({ error: String(error), cancelled: Boolean(error.canceledByUser) });
    }
  }
  return answers;
}"""
DETACHED = {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": {}}


def call(method: str, *args: Any) -> dict[str, Any]:
    return {"method": method, "args": list(args)}


def basics(data: Any, **signer: str) -> dict[str, Any]:
    """basicsSignCMS with the client's own constants: any storage, detached, any signing key."""
    return call("basicsSignCMS", None, data, DETACHED, {"extKeyUsageOids": ["1.3.6.1.5.5.7.3.4"]} | signer)


def use(sandbox: Sandbox, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    """What the client answers to a page that makes these calls, after its greeting. In a thread of its own:
    Playwright's loop must be over before signatures are verified."""

    def work() -> list[dict[str, Any]]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            )
            page = browser.new_page(bypass_csp=True)
            page.goto(sandbox.url)  # a page of this machine: others may not reach its local programs
            page.add_script_tag(content=Path(CLIENT).read_text())
            found = page.evaluate(WORK, {"url": sandbox.ncalayer_url, "calls": list(calls)})
            browser.close()
            return found

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def signer_of(text: str, data: bytes) -> eds.Signer:
    return eds.verify(eds.decode(text), data, now=datetime.now(UTC))


def test_client_connects_and_signs_one_document(sandbox: Sandbox) -> None:
    greeting, one = use(sandbox, basics(ENCODED[0], iin=AIGUL))

    assert greeting == {"version": "1.4"}
    assert signer_of(one["result"], DOCUMENTS[0]).iin == AIGUL


def test_client_signs_a_list_with_one_call(sandbox: Sandbox) -> None:
    _, many = use(sandbox, basics(ENCODED, iin=NURGUL, bin=SCHOOL))

    assert len(many["result"]) == 3
    for text, document in zip(many["result"], DOCUMENTS, strict=True):
        signer = signer_of(text, document)
        assert (signer.iin, signer.bin) == (NURGUL, SCHOOL)


def test_client_understands_a_cancelled_window(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"next": "cancel"})

    _, cancelled, signed = use(sandbox, basics(ENCODED, iin=AIGUL), basics(ENCODED[0], iin=AIGUL))

    assert cancelled == {"error": "NCALayerError: cancelled by user", "cancelled": True}
    assert signer_of(signed["result"], DOCUMENTS[0]).iin == AIGUL


def test_client_understands_an_error(sandbox: Sandbox) -> None:
    _, failed = use(sandbox, call("basicsSignCMS", None, ENCODED[0], 555, {"extKeyUsageOids": []}))

    assert failed["error"] == (
        "NCALayerError: INVOCATION_ERROR: An invoked method threw an exception. "
        '(org.json.JSONException: JSONObject["signingParams"] is not a JSONObject.)'
    )
    assert not failed["cancelled"]


def test_client_uses_the_older_module(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"iin": AIGUL, "old": True})

    answers = use(
        sandbox,
        call("getActiveTokens"),
        call("changeLocale", "kk"),
        call("changeLocale", 2),
        call("getKeyInfo", "AKKZIDCardStore"),
        call("createCAdESFromBase64", "AKKZIDCardStore", ENCODED[0]),
        call("createCAdESFromBase64", "AKKZIDCardStore", ENCODED[0], 123),
    )[1:]

    mismatch = "NCALayerError: 500: java.lang.IllegalArgumentException: argument type mismatch. Method: "
    assert answers[0] == {"result": ["AKKZIDCardStore"]}
    assert answers[1] == {"result": None}
    assert answers[2] == {"error": mismatch + "changeLocale", "cancelled": False}
    assert answers[3]["result"]["algorithm"] == "RSA"
    assert signer_of(answers[4]["result"], DOCUMENTS[0]).iin == AIGUL
    assert answers[5] == {"error": mismatch + "createCAdESFromBase64", "cancelled": False}


def test_client_understands_the_older_modules_cancelled_window(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"iin": AIGUL, "next": "cancel"})

    _, cancelled = use(sandbox, call("createCAdESFromBase64", "AKKZIDCardStore", ENCODED[0]))

    assert cancelled == {"error": "NCALayerError: 500: action.canceled", "cancelled": False}
