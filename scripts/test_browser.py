#!/usr/bin/env python3
"""Goes through the page of `latentcrs serve` in Chromium, as a person does, at the width of a desk and of a phone:

    scripts/test_browser.py build/release/bin/latentcrs RUN [RUN2] [--pictures FOLDER]

It starts the server itself. It opens the page, talks three turns, criticises, accepts, asks why, opens a test user, looks at the map and
the dialogues, and with two runs switches between them and compares them. It fails at the first thing that does not happen, at an error in
the browser's console (a Content-Security-Policy's too), at a control without a name, and at a page that is wider than the screen. Needs
Debian's chromium, chromium-driver and python3-selenium; exits with 77 where they are missing.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    print("python3-selenium is not installed")
    sys.exit(77)

WIDTHS = {"desk": (1280, 900), "phone": (500, 900)}  # Chromium makes no window narrower than 500 pixels
PATIENCE = 60  # seconds

NAMELESS = """
return [...document.querySelectorAll('button, input, textarea, select, a[href]')].filter(e => e.offsetParent && !(
  e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).map(e => e.outerHTML)"""


class Page:
    """The page in a browser, with the steps that several checks share."""

    def __init__(self, address, pictures):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.address = address
        self.pictures = pictures
        self.width = ""

    def open(self, width):
        self.width = width
        self.driver.set_window_size(*WIDTHS[width])
        self.driver.get("about:blank")
        self.driver.get(self.address)
        self.wait_for("#said")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, condition, what):
        # The page may replace an element between finding and reading it.
        patient = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
        patient.until(lambda _: condition(), f"{self.width}: {what} did not happen")

    def wait_for(self, selector, count=1):
        self.wait(lambda: len(self.all(selector)) >= count, f"{count} of {selector}")

    def click(self, selector, place=0):
        self.wait_for(selector, place + 1)
        element = self.all(selector)[place]
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def say(self, sentence):
        turns = len(self.all(".turn"))
        field = self.all("#said")[0]
        field.clear()
        field.send_keys(sentence, Keys.ENTER)
        self.wait_for(".turn", turns + 1)

    def titles(self):
        """Titles of the last list."""
        return [element.text for element in self.all(".turn:last-child .item .title")]

    def look(self, name):
        """Takes a picture, and checks what every view must have."""
        if self.pictures:
            self.driver.save_screenshot(str(self.pictures / f"{self.width}_{name}.png"))
        assert not self.all("#problem:not([hidden])"), self.all("#problem")[0].text
        nameless = self.driver.execute_script(NAMELESS)
        assert not nameless, f"{self.width}, {name}: controls without a name: {nameless}"
        wide = self.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.width}, {name}: the page is {wide} pixels wider than the window"
        errors = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert not errors, f"{self.width}, {name}: {errors}"


def talk(page):
    page.look("welcome")
    page.say("A comedy, please")
    first = page.titles()
    assert first, "the first list is empty"
    page.look("turn")
    page.say("Something with more adventure")
    assert not set(first) & set(page.titles()), "an item was shown twice"
    before = page.titles()
    page.say("not 2")
    assert before[1] not in page.titles() and before[0] in page.titles(), f"{before} became {page.titles()}"
    page.click(".turn:last-child .refuse")
    page.wait(lambda: before[0] not in page.titles(), "refusing by button")
    page.click(".turn:last-child .ask")
    page.wait_for(".why")
    page.look("why")
    taken = page.titles()[0]
    page.click(".turn:last-child .take")
    page.wait_for(".item.taken")
    assert taken.split(" (")[0] in page.driver.find_element(By.CSS_SELECTOR, ".side").get_attribute("textContent"), taken
    page.look("taken")
    page.click("#undo")
    page.wait(lambda: not page.all(".item.taken"), "undo")
    assert page.all("#live")[0].get_attribute("textContent"), "screen readers hear nothing"


def look_around(page):
    page.click("#tab-users")
    page.click("tbody .link", 1)
    page.wait_for("#user-name")
    page.wait_for(".rank", 2)
    page.look("user")
    page.click("#talk-as")
    page.wait_for("#said")
    assert page.all("#said")[0].get_attribute("value"), "the user's words are not ready to be said"
    page.all("#tab-talk")[0].send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)  # from tab to tab with the keyboard
    page.wait_for(".map .intent", 2)
    page.click(".intent-list button", 1)
    assert page.all(".about li"), "the intent has no nearest items"
    page.look("intents")
    page.click("#tab-dialogues")
    page.wait_for(".dialogue .said")
    page.look("dialogues")


def compare(page):
    page.click("#runs button", 1)
    page.wait_for("#runs button:nth-child(2)[aria-checked=true]")
    page.click("#tab-talk")
    page.wait_for(".welcome")
    page.say("A drama")
    page.click("#tab-compare")
    page.wait_for(".scroll tbody tr", 3)
    page.all("#said-to-both")[0].send_keys("A comedy", Keys.ENTER)
    page.wait_for(".two section .item", 4)
    page.look("compare")
    page.click("#runs button", 0)


def serve(program, runs):
    """The server and its address."""
    server = subprocess.Popen([program, "serve", *runs, "--port", "0"], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "http://" in line:
            return server, line[line.index("http://"):].split()[0]
    sys.exit(f"the server ended with {server.wait()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--pictures", type=pathlib.Path)
    options = parser.parse_args()
    if not shutil.which("chromedriver"):
        print("chromium-driver is not installed")
        sys.exit(77)
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    server, address = serve(options.program, options.runs)
    page = Page(address, options.pictures)
    try:
        for width in WIDTHS:
            page.open(width)
            talk(page)
            look_around(page)
            if len(options.runs) > 1:
                compare(page)
            print(f"{width}: all views work")
    except Exception:
        if options.pictures:
            page.driver.save_screenshot(str(options.pictures / "failed.png"))
        raise
    finally:
        page.driver.quit()
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
