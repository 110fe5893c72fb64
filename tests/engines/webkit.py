"""WebKit: the MiniBrowser that comes with WebKitGTK, by WebDriver, on a screen that nobody sees."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import WebKitGTK, WebKitGTKOptions, WebKitGTKService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.phone import PATIENCE

DRIVER = Path("/usr/bin/WebKitWebDriver")
TALL = 8000  # px: whole pages are seen, and what is pressed is never behind a bar at the window's foot
# The browser's own buttons would make its window wider than a phone.
NARROW = "* { min-width: 0; padding: 0; margin: 0; border: 0; font-size: 1px; }"


class WebKitWindow:
    def __init__(self, driver: WebKitGTK, *, scripts: bool, width: int) -> None:
        self.driver, self.scripts = driver, scripts
        driver.set_window_size(width, TALL)

    @property
    def address(self) -> str:
        return self.driver.current_url

    def open(self, address: str) -> None:
        self.driver.get(address)

    def text(self, where: str) -> str:
        try:
            return " ".join(" ".join(one.text for one in self._all(where)).split())
        except StaleElementReferenceException:
            return ""

    def value(self, where: str, attribute: str) -> str:
        return self._one(where).get_dom_attribute(attribute) or ""

    def count(self, where: str) -> int:
        return len(self._all(where))

    def fill(self, where: str, words: str) -> None:
        self._one(where).send_keys(words)

    def attach(self, where: str, file: Path) -> None:
        self._one(where).send_keys(str(file))

    def choose(self, where: str) -> None:
        self._one(where).click()

    def press(self, where: str) -> None:
        page = self._one("//html")
        self.choose(where)
        WebDriverWait(self.driver, PATIENCE).until(staleness_of(page))

    def picture(self, file: Path) -> None:
        self.driver.save_screenshot(file)

    def _all(self, where: str) -> list[WebElement]:
        return self.driver.find_elements(By.XPATH, where)

    def _one(self, where: str) -> WebElement:
        return self.driver.find_element(By.XPATH, where)


@contextmanager
def opened(folder: Path, *, scripts: bool, width: int) -> Iterator[WebKitWindow]:
    options = WebKitGTKOptions()
    options.binary_location = str(next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")))
    options.add_argument("--automation")
    if not scripts:
        options.add_argument("--enable-javascript=false")
    style = folder / ".config" / "gtk-3.0" / "gtk.css"
    style.parent.mkdir(parents=True)
    style.write_text(NARROW)
    with screen() as display:
        # Its own sandbox wants namespaces, which a container may not give; the pages are ours.
        env = os.environ | {"DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        env |= {"HOME": str(folder), "LC_ALL": "C.UTF-8", "LANGUAGE": "kk"}
        with (folder / "webkit.log").open("w") as log:
            driver = WebKitGTK(options, WebKitGTKService(str(DRIVER), env=env, log_output=log))
            try:
                yield WebKitWindow(driver, scripts=scripts, width=width)
            finally:
                driver.quit()


@contextmanager
def screen() -> Iterator[str]:
    """Xvfb, which chooses a free number and tells it."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"1920x{TALL}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()
