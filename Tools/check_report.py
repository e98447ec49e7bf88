#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks reports and pictures as an outsider reads them.

    Tools/check_report.py FILE.html|FILE.svg…

Each file must be well-formed XML (expat), hold no script and name nothing outside itself. Each page is then opened in headless Chromium at
390 and 1280 pixels, light and dark, over the DevTools protocol: no request may leave it, nothing may be wider than the window, every text
of a picture must lie inside it, no two tick labels may lie on each other, and text must be legible against the page (contrast of at least
3:1). Without Chromium that part is left out, and it says so. With --screenshots FOLDER it leaves pictures of what it saw.
"""

import argparse
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

SVG = "http://www.w3.org/2000/svg"
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "use", "image", "foreignObject", "base", "form", "a"}

# What the page is asked once it is shown. Boxes are in CSS pixels.
QUESTION = """(() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} pixels wide, the window ${innerWidth}`);
  const shown = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
  for (const e of document.querySelectorAll('body *')) {
    const b = e.getBoundingClientRect();
    if (b.width > 0 && (b.right > innerWidth + 1 || b.left < -1))
      faults.push(`<${e.tagName}> reaches from ${b.left.toFixed(0)} to ${b.right.toFixed(0)}: ${e.textContent.slice(0, 40)}`);
  }
  let pictures = 0, texts = 0;
  for (const svg of document.querySelectorAll('svg')) {
    if (!shown(svg)) continue;
    pictures++;
    const frame = svg.getBoundingClientRect();
    const boxes = [];
    for (const t of svg.querySelectorAll('text')) {
      if (!shown(t)) continue;
      texts++;
      const b = t.getBoundingClientRect();
      if (b.left < frame.left - 1.5 || b.right > frame.right + 1.5 || b.top < frame.top - 1.5 || b.bottom > frame.bottom + 1.5)
        faults.push(`"${t.textContent}" lies outside its picture "${svg.querySelector('title').textContent}"`);
      const size = parseFloat(getComputedStyle(t).fontSize) * frame.width / svg.viewBox.baseVal.width;
      if (size < 8.5) faults.push(`"${t.textContent}" is ${size.toFixed(1)} pixels high`);
      if (!t.hasAttribute('transform')) boxes.push([b, t.textContent]);
    }
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i][0], boxes[j][0]];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 5)
        faults.push(`"${boxes[i][1]}" and "${boxes[j][1]}" lie on each other in "${svg.querySelector('title').textContent}"`);
    }
  }
  const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const luminance = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const page = luminance(getComputedStyle(document.body || root).backgroundColor);
  for (const e of document.querySelectorAll('p, td, th, li, figcaption, .value, .word, text.f-ink, text.f-muted')) {
    if (!shown(e) || e.closest('.tile')) continue;
    const style = getComputedStyle(e);
    const own = luminance(e.tagName === 'text' ? style.fill : style.color);
    const contrast = (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05);
    if (contrast < 3 && !e.closest('svg')) faults.push(`contrast of ${contrast.toFixed(1)} for "${e.textContent.slice(0, 30)}"`);
  }
  return JSON.stringify({faults: faults.slice(0, 20), count: faults.length, pictures, texts, height: root.scrollHeight});
})()"""


def read_markup(path):
    """The faults an XML reader finds, without any browser."""
    faults = []
    data = path.read_bytes()
    text = data.decode("utf-8")
    try:
        root = ElementTree.fromstring(re.sub(r"^<!DOCTYPE html>", "", text))
    except ElementTree.ParseError as error:
        return [f"not well-formed: {error}"]
    for element in root.iter():
        name = element.tag.split("}")[-1]
        if name in FORBIDDEN:
            faults.append(f"<{name}> has no place here")
        for key, value in element.attrib.items():
            key = key.split("}")[-1].lower()
            if key.startswith("on"):
                faults.append(f"<{name} {key}> is a script")
            if key in {"src", "href", "srcset", "action", "data", "poster"} and not value.startswith("data:image/png;base64,"):
                faults.append(f"<{name} {key}={value[:60]!r}> names something outside")
            if key == "style":
                faults.append(f"<{name} style>: styles are in the style sheet")
    for style in root.iter():
        if style.tag.split("}")[-1] == "style" and re.search(r"url\(|@import|https?:", style.text or ""):
            faults.append("the style sheet names something outside")
    without = text.replace(SVG, "")
    if re.search(r"""["'(=]\s*(https?:|//)""", without):
        faults.append("an address of the network")
    if root.tag == "html":
        body = root.find("body/main")
        verdict = [child.get("class", "") for child in body][2] if body is not None and len(body) > 2 else ""
        if not verdict.startswith("verdict"):
            faults.append("the verdict is not the first thing after the title")
    for svg in root.iter(f"{{{SVG}}}svg"):
        if svg.find(f"{{{SVG}}}title") is None or svg.find(f"{{{SVG}}}desc") is None or svg.get("role") != "img":
            faults.append("a picture without title, description or role")
    return faults


class Browser:
    """Headless Chromium, spoken to over its DevTools socket with nothing but the standard library."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--hide-scrollbars", "--remote-debugging-port=0", f"--user-data-dir={self.folder.name}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = pathlib.Path(self.folder.name, "DevToolsActivePort")
        for _ in range(600):
            if port_file.exists() and len(port_file.read_text().splitlines()) == 2:
                break
            if self.process.poll() is not None:
                sys.exit("Chromium ended at once")
            time.sleep(0.1)
        else:
            sys.exit("Chromium does not answer after a minute")
        port = int(port_file.read_text().splitlines()[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/json/list")
        page = next(t for t in json.loads(connection.getresponse().read()) if t["type"] == "page")
        url = urllib.parse.urlparse(page["webSocketDebuggerUrl"])
        self.socket = socket.create_connection((url.hostname, url.port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(65536)
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.number = 0
        self.events = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def _take(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(1 << 20)
            if not more:
                sys.exit("Chromium closed the connection")
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _receive(self):
        whole = b""
        while True:
            first, second = self._take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            whole += self._take(length)
            if first & 0x80:
                return json.loads(whole)

    def call(self, method, **parameters):
        self.number += 1
        data = json.dumps({"id": self.number, "method": method, "params": parameters}).encode()
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data)) if len(data) < 65536 else b"\xff" + struct.pack(">Q", len(data))
        self.socket.sendall(b"\x81" + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))
        while True:
            message = self._receive()
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._receive())

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def look(browser, path, width, scheme, screenshots):
    """The faults a browser shows at one width and in one scheme."""
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    browser.call("Page.navigate", url=path.resolve().as_uri())
    browser.wait("Page.loadEventFired")
    answer = json.loads(browser.call("Runtime.evaluate", expression=QUESTION)["result"]["value"])
    faults = list(answer["faults"])
    if answer["count"] > len(faults):
        faults.append(f"and {answer['count'] - len(faults)} more")
    for event in browser.events:
        if event.get("method") == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"]
            if url != path.resolve().as_uri() and not url.startswith("data:"):
                faults.append(f"asked for {url[:80]}")
        if event.get("method") == "Log.entryAdded":
            faults.append(f"console: {event['params']['entry']['text'][:120]}")
    if screenshots:
        image = browser.call(
            "Page.captureScreenshot", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": width, "height": min(answer["height"], 16000), "scale": 1})
        target = screenshots / f"{path.stem}-{width}-{scheme}.png"
        target.write_bytes(base64.b64decode(image["data"]))
    return [f"{width} pixels, {scheme}: {fault}" for fault in faults], answer


def self_test(browser):
    """The checks find what they are there to find."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "control.html")
        page.write_text(
            '<!DOCTYPE html>\n<html><head><title>x</title></head><body style="background:#fff"><p style="color:#ddd">pale</p>'
            '<img src="https://example.invalid/x.png"/><div style="width:2000px">wide</div>'
            f'<svg xmlns="{SVG}" viewBox="0 0 100 100" width="100"><title>t</title><text x="95" y="50">outside</text>'
            '<text x="0" y="20" font-size="12">one</text><text x="3" y="21" font-size="12">two</text></svg></body></html>')
        found = " ".join(read_markup(page))
        for word in ("names something outside", "role", "style sheet", "the verdict"):
            if word not in found:
                sys.exit(f"the control page passed: nothing about {word!r}")
        if browser:
            found = " ".join(look(browser, page, 390, "light", None)[0])
            for word in ("pixels wide", "asked for https://example.invalid", "lies outside", "lie on each other", "contrast"):
                if word not in found:
                    sys.exit(f"the control page passed in the browser: nothing about {word!r} in {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    program = next((found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found), None)
    browser = Browser(program) if program else None
    failed = False
    try:
        self_test(browser)
        for path in options.files:
            faults = read_markup(path)
            looked = ""
            if browser and not faults:
                # A picture alone has one width, its own.
                widths = (390, 1280) if path.suffix == ".html" else (760,)
                for width in widths:
                    for scheme in ("light", "dark"):
                        more, answer = look(browser, path, width, scheme, options.screenshots)
                        faults += more
                looked = f", {answer['pictures']} pictures with {answer['texts']} texts at {' and '.join(map(str, widths))} pixels, light and dark"
            print(f"{path}: {path.stat().st_size} bytes, " + ("well-formed, nothing outside" + looked if not faults else "FAILED"))
            for fault in faults:
                print(f"  {fault}")
            failed |= bool(faults)
    finally:
        if browser:
            browser.close()
    if not browser:
        print("Chromium is not installed: nobody looked at the pages (apt-get install chromium)")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
