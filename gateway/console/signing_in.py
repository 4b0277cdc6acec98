"""Signing in and out: plain HTML that needs no script, by password or at the provider."""

import secrets
from html import escape
from urllib.parse import parse_qs, quote, urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import app

from gateway.access.browsers import KNOWN_DAYS
from gateway.access.entrance import Entrance, NotNowError
from gateway.access.provider import WITHIN, NotBegunError, ProviderError
from gateway.console.gate import address_of, cookie_name, secure
from gateway.languages import Language, Words, accepted, words_in
from schemas.access import Act, Outcome

ROUTER = APIRouter(include_in_schema=False)
MOST = 4096
"""Octets of a form."""
BROWSER = "signing-in"
"""Cookie by which the browser that left for the provider is known when it comes back."""
KNOWN = "known-browser"
"""Cookie by which a browser is known in which somebody has signed in: it is not locked when strangers fail."""
BACK = "/sign-in/provider/back"
PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/assets/console.css"></head>
<body><div class="console"><header class="head"><span class="brand">{site}</span><span class="state"></span>
<a class="switch" href="{other}" hreflang="{other_lang}" lang="{other_lang}">{switch}</a></header>
<main class="content sign-in" id="content"><section class="block"><h1>{title}</h1>{told}
<form method="post" action="{action}">
<label><span>{name}</span><input name="name" autocomplete="username" autocapitalize="none" required autofocus></label>
<label><span>{password}</span><input name="password" type="password" autocomplete="current-password" required></label>
<input type="hidden" name="next" value="{back}"><button class="btn" type="submit">{enter}</button></form>{provider}
<p class="quiet">{recorded}</p></section></main></div></body></html>"""
log = structlog.get_logger(__name__)


def _entrance() -> Entrance | None:
    found: Entrance | None = app.state.entrance
    return found


@ROUTER.get("/{language}/sign-in")
async def get_sign_in(request: Request, language: Language) -> Response:
    """The page."""
    entrance = _entrance()
    if entrance is None:
        return RedirectResponse(f"/{language}", 303)
    return _page(entrance, language, _back(request.query_params.get("next"), language))


@ROUTER.post("/{language}/sign-in")
async def post_sign_in(request: Request, language: Language) -> Response:
    """Name and password. Whatever is wrong, the answer is the same."""
    entrance, form = _entrance(), await _form(request)
    if entrance is None:
        return RedirectResponse(f"/{language}", 303)
    back = _back(form.get("next"), language)
    login, password = form.get("name", "").strip().lower(), form.get("password", "")
    known = cookie_name(request, entrance, KNOWN)
    try:
        entered = await entrance.sign_in(login, password, address_of(request), request.cookies.get(known, ""))
    except NotNowError as error:
        return _not_now(entrance, language, back, error)
    if entered is None:
        return _page(entrance, language, back, words_in(language)("sign_in.refused"), 401)
    answer = _entered(request, entrance, entered.session, back)
    answer.set_cookie(
        known, entered.browser, max_age=KNOWN_DAYS * 86_400, path="/", secure=secure(request, entrance), httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


@ROUTER.post("/{language}/sign-out")
async def post_sign_out(request: Request, language: Language) -> Response:
    """The session is over, here and in the browser."""
    answer = RedirectResponse(f"/{language}/sign-in", 303)
    if (entrance := _entrance()) is not None:
        name = cookie_name(request, entrance)
        entrance.sign_out(request.cookies.get(name, ""), address_of(request))
        answer.delete_cookie(name, secure=secure(request, entrance), httponly=True, samesite="lax")
        answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@ROUTER.get("/sign-in/provider")
async def get_provider(request: Request, language: Language = Language.EN) -> Response:
    """Leave for the provider."""
    entrance = _entrance()
    if entrance is None or entrance.provider is None:
        return RedirectResponse(f"/{language}", 303)
    browser, back = secrets.token_urlsafe(32), _back(request.query_params.get("next"), language)
    base = entrance.settings.address or f"{request.url.scheme}://{request.headers.get('host', '')}"
    try:
        answer = RedirectResponse(await entrance.provider.begin(browser, base + BACK, back), 303)
    except ProviderError as error:
        return _told(entrance, language, back, error)
    answer.set_cookie(
        BROWSER, browser, max_age=int(WITHIN), path=BACK, secure=secure(request, entrance), httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


@ROUTER.get(BACK)
async def get_provider_back(request: Request) -> Response:
    """Back from the provider, with a code or with its refusal."""
    entrance, given = _entrance(), request.query_params
    language = accepted(request.headers.get("accept-language"))
    if entrance is None or entrance.provider is None:
        return RedirectResponse(f"/{language}", 303)
    browser, state = request.cookies.get(BROWSER, ""), given.get("state", "")
    try:
        entrance.ready()
        viewer, back = await entrance.provider.finish(browser, state, given.get("code"), given.get("error"))
    except NotNowError as error:
        return _not_now(entrance, language, f"/{language}", error)
    except ProviderError as error:
        if not isinstance(error, NotBegunError):
            entrance.tell(None, Act.SIGNED_IN, Outcome.REFUSED, address=address_of(request), reason=str(error))
        return _told(entrance, language, f"/{language}", error)
    return _entered(request, entrance, entrance.let_in(viewer, address_of(request)), back)


def _not_now(entrance: Entrance, language: Language, back: str, error: NotNowError) -> Response:
    log.warning("nobody is let in", why=str(error))
    return _page(entrance, language, back, words_in(language)("sign_in.not_now"), 503)


def _told(entrance: Entrance, language: Language, back: str, error: ProviderError) -> Response:
    """The provider let nobody in: a line in the log, and on the page no more than that."""
    log.warning("nobody was let in by the provider", why=str(error))
    return _page(entrance, language, back, words_in(language)("sign_in.provider_refused"), 401)


def _entered(request: Request, entrance: Entrance, session: str, back: str) -> Response:
    """A new session begins, an older one of this browser ends."""
    name = cookie_name(request, entrance)
    entrance.sessions.end(request.cookies.get(name, ""))
    answer = RedirectResponse(back, 303)
    answer.set_cookie(name, session, path="/", secure=secure(request, entrance), httponly=True, samesite="lax")
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; none of one that is too long or no text."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            return {}
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    except ValueError:
        return {}


def _back(wanted: str | None, language: Language) -> str:
    """Where to go afterwards: a page of this console, in whichever language."""
    begins = any(wanted == f"/{one}" or (wanted or "").startswith((f"/{one}/", f"/{one}?")) for one in Language)
    return wanted if wanted and begins and wanted.isprintable() and "\\" not in wanted else f"/{language}"


def _page(entrance: Entrance, language: Language, back: str, told: str = "", status: int = 200) -> HTMLResponse:
    say, site, other = words_in(language), app.state.desk.site, language.other
    texts = {
        "lang": language.html, "title": say("sign_in.title"), "site": say.name(site.name), "name": say("sign_in.name"),
        "password": say("sign_in.password"), "enter": say("sign_in.enter"), "recorded": say("sign_in.recorded"),
        "switch": say("language.switch"), "other": f"/{other}/sign-in?next={quote(back, safe='')}",
        "other_lang": other, "action": f"/{language}/sign-in", "back": back,
    }  # fmt: skip
    notice = f'<p class="notice" role="alert">{escape(told)}</p>' if told else ""
    filled = {name: escape(str(text)) for name, text in texts.items()}
    page = PAGE.format(**filled, told=notice, provider=_provider(entrance, say, back))
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _provider(entrance: Entrance, say: Words, back: str) -> str:
    if entrance.provider is None:
        return ""
    address = escape(f"/sign-in/provider?{urlencode({'language': say.language, 'next': back})}")
    return f'<p><a class="btn" href="{address}">{escape(say("sign_in.provider"))}</a></p>'
