"""Signing in at an OpenID Connect provider: authorization code with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).

State, nonce and code verifier are made for each attempt and bound to the browser that began it; an ID token counts only
signed by a key of the provider's, by an asymmetric algorithm, for this client, with that nonce, and not past its end.
"""

import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from gateway.access.claims import ClaimsError, viewer_from
from gateway.access.settings import ProviderSettings
from gateway.access.viewer import Viewer
from schemas.errors import ToldError

ALGORITHMS = ["RS256", "ES256"]
LEEWAY = 60
"""Seconds that the clocks may differ."""
WITHIN = 600.0
"""Seconds between leaving for the provider and coming back."""
MOST = 1000
"""Attempts under way at most; the oldest is forgotten first."""
TIMEOUT = 10.0


class ProviderError(ToldError):
    """Nobody was let in; the message says why."""


class NotBegunError(ProviderError):
    """Somebody comes back who never left from here; nothing is known of a person."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: `browser` is bound to it by a cookie, `back` is where the person wanted to go."""

    browser: str
    nonce: str
    verifier: str
    redirect: str
    back: str
    at: float


class Provider:
    """The provider of a node. What it publishes of itself is asked once, its keys again when one is not known."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._known: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._begun: dict[str, Begun] = {}

    async def begin(self, browser: str, redirect: str, back: str) -> str:
        """Where to send the browser. Raises ProviderError when the provider cannot be asked."""
        known = await self._discovered()
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        now = time.monotonic()
        live = {name: one for name, one in self._begun.items() if now - one.at < WITHIN}
        self._begun = dict(list(live.items())[-MOST + 1 :])
        self._begun[state] = Begun(browser, nonce, verifier, redirect, back, now)
        return str(
            prepare_grant_uri(
                known["authorization_endpoint"], client_id=self._settings.client, response_type="code",
                redirect_uri=redirect, scope=" ".join(self._settings.scopes), state=state, nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
            )
        )  # fmt: skip

    async def finish(self, browser: str, state: str, code: str | None, error: str | None) -> tuple[Viewer, str]:
        """Who it is, and where that person wanted to go. Raises ProviderError."""
        begun = self._begun.pop(state, None)
        if begun is None or time.monotonic() - begun.at >= WITHIN:
            raise NotBegunError("no attempt to sign in is under way here; begin again")
        if not secrets.compare_digest(begun.browser.encode(), browser.encode()):
            raise NotBegunError("the attempt was begun in another browser")
        if error is not None or not code:
            raise ProviderError(f"the provider refused: {(error or 'no code')[:100]}")
        known = await self._discovered()
        tokens = await self._tokens(known, begun, code)
        claims = await self._claims(tokens["id_token"], begun.nonce)
        wanted = {self._settings.name_claim, self._settings.claim} - claims.keys()
        if wanted and "access_token" in tokens and "userinfo_endpoint" in known:
            told = await self._more(known, tokens["access_token"], claims["sub"])
            claims |= {name: told[name] for name in wanted & told.keys()}
        try:
            viewer = viewer_from(claims, self._settings.name_claim, self._settings.claim, self._settings.roles)
        except ClaimsError as refusal:
            raise ProviderError(str(refusal)) from refusal
        return viewer, begun.back

    async def _discovered(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery 1.0, 4)."""
        if self._known is None:
            issuer = self._settings.issuer
            known = await self._asked("GET", f"{issuer}/.well-known/openid-configuration")
            if str(known.get("issuer", "")).rstrip("/") != issuer:
                raise ProviderError(f"the provider at {issuer} calls itself {known.get('issuer')!r}")
            missing = [name for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") if name not in known]
            if missing:
                raise ProviderError(f"the provider at {issuer} does not tell {', '.join(missing)}")
            self._known = known
        return self._known

    async def _tokens(self, known: dict[str, Any], begun: Begun, code: str) -> dict[str, Any]:
        client, secret = self._settings.client, self._secret()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": begun.redirect,
            "code_verifier": begun.verifier,
        }  # fmt: skip
        methods = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = httpx.BasicAuth(client, secret) if "client_secret_basic" in methods else None
        if basic is None:
            form |= {"client_id": client, "client_secret": secret}
        told = await self._asked("POST", known["token_endpoint"], data=form, auth=basic)
        if not isinstance(told.get("id_token"), str):
            raise ProviderError("the provider gives no ID token")
        return told

    async def _more(self, known: dict[str, Any], access: str, subject: str) -> dict[str, Any]:
        """What it tells besides the ID token (OpenID Connect Core 1.0, 5.3), of the same person."""
        bearer = {"Authorization": f"Bearer {access}"}
        told = await self._asked("GET", known["userinfo_endpoint"], headers=bearer)
        if told.get("sub") != subject:
            raise ProviderError("the provider tells of another person than its ID token")
        return told

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                found = jwt.decode(token, await self._key_set(), registry=_registry())
            except (JoseError, ValueError):  # perhaps a key that is newer than those that are known
                found = jwt.decode(token, await self._key_set(again=True), registry=_registry())
            known = await self._discovered()
            claims = CodeIDToken(
                found.claims, found.header,
                {"iss": {"essential": True, "value": known["issuer"]}, "aud": {"value": self._settings.client}},
                {"nonce": nonce, "client_id": self._settings.client},
            )  # fmt: skip
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError) as error:
            raise ProviderError(f"the provider's ID token does not hold: {error}") from error
        return dict(claims)

    async def _key_set(self, *, again: bool = False) -> KeySet:
        if self._keys is None or again:
            known = await self._discovered()
            self._keys = KeySet.import_key_set(cast(Any, await self._asked("GET", known["jwks_uri"])))
        return self._keys

    def _secret(self) -> str:
        try:
            return self._settings.secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ProviderError(f"access.provider.secret_file: {error}") from error

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            verified = ssl.create_default_context(cafile=self._settings.ca_file)
            verified.minimum_version = ssl.TLSVersion.TLSv1_2
            async with httpx.AsyncClient(verify=verified, timeout=TIMEOUT, trust_env=False) as client:
                answer = await client.request(method, url, **more)
            if answer.status_code != 200:
                raise ProviderError(f"the provider refused: {url} answered {answer.status_code}")
            told = answer.json()
        except (httpx.HTTPError, OSError, ValueError) as error:
            raise ProviderError(f"the provider cannot be asked: {url}: {error or type(error).__name__}") from error
        if not isinstance(told, dict):
            raise ProviderError(f"the provider's answer is not what it has to be: {url}")
        return told


def _registry() -> JWSRegistry:
    return JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
