"""Somebody else's OpenID Connect provider: fetched once into the cache by pinned versions and hashes, then run."""

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from threading import Timer
from urllib.parse import urljoin

import httpx

from tests.support.certificates import Authority
from tests.support.npm import installed

HERE = Path(__file__).parent / "oidc"
SECRET = "not a secret: of a test"


@dataclass(frozen=True)
class Provider:
    """A running provider; `folder` has its authority in `ca.pem`, and the client's secret in `secret`."""

    issuer: str
    folder: Path

    async def sign_in(self, browser: httpx.AsyncClient, address: str, person: str) -> str:
        """Do as a person does whose browser was sent to this address; gives where it is sent back to."""
        answer = await self._followed(browser, await browser.get(address))
        if "location" in answer.headers:  # it knows the browser
            return answer.headers["location"]
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert form, answer.text
        told = {"prompt": "login", "login": person, "password": "any"}
        answer = await browser.post(urljoin(str(answer.url), unescape(form[1])), data=told)
        return (await self._followed(browser, answer)).headers["location"]

    async def _followed(self, browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
        """Where the provider's own redirects lead to."""
        while (to := answer.headers.get("location")) and urljoin(str(answer.url), to).startswith(self.issuer):
            answer = await browser.get(urljoin(str(answer.url), to))
        return answer


@contextmanager
def running(folder: Path, *, conform: bool = False) -> Iterator[Provider]:
    """A provider; with `conform` the ID token says who it is, and the rest has to be asked for."""
    home = installed("oidc-provider", HERE)
    Authority("Test").issue("localhost").save(folder, "provider")
    (folder / "secret").write_text(f"{SECRET}\n")
    shutil.copy(HERE / "server.mjs", home)
    command = ["node", str(home / "server.mjs"), str(folder / "provider.pem"), str(folder / "provider.key")]
    environment = os.environ | {"CONFORM": str(int(conform)), "HOME": str(folder)}
    pipe, silent = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdout=pipe, stderr=silent, env=environment, text=True) as process:
        guard = Timer(60, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith("ready")), None)
            assert line, "the provider ended"
            guard.cancel()
            yield Provider(f"https://127.0.0.1:{line.split()[1]}", folder)
        finally:
            guard.cancel()
            process.kill()


def trusting(folder: Path) -> ssl.SSLContext:
    """What a browser trusts that knows the provider's authority."""
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))
