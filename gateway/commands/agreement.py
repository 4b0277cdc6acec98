"""`cmo-gateway agreement`: quality agreements as documents. `check` names what law or sense is broken."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.agreement.agreement import Agreement
from gateway.agreement.lint import Finding, findings
from gateway.agreement.loading import Loaded, files_in, load_all
from gateway.agreement.profile import Profile, profiles_for
from gateway.agreement.rules.case import Severity
from gateway.cleanroom.loading import load_site
from gateway.commands import agreement_papers
from gateway.commands.agreement_due import due
from gateway.configuration import ConfigurationError
from gateway.reference import reference
from gateway.running import Exit, complain

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Agreements (YAML), or folders of them.")]

app = typer.Typer(
    no_args_is_help=True,
    help="Quality agreements: what law or sense they break, their deadlines, papers and signatures.",
)
app.command("due")(due)
agreement_papers.add(app)


@app.command("check")
def check(
    files: Files,
    *,
    site: Annotated[list[Path] | None, typer.Option(help="Site file of a line; may be given several times.")] = None,
    profiles: Annotated[
        Path | None, typer.Option(help="Folder with profiles of terms of your own, beside those of the product.")
    ] = None,
    day: Annotated[str | None, typer.Option(metavar="DATE", help="Judge as of this day; else of today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    zh: Annotated[bool, typer.Option("--zh", help="Words in Chinese.")] = False,
) -> None:
    """Name what law or sense is broken, a finding a line: file:line: [clause] severity: words.

    Agreements that are given together are judged against each other too. Exit code 1 where there is an error, 0 where
    there are none but warnings, 2 where a file cannot be read as an agreement.
    """
    try:
        loaded = load_all(files_in(files))
        sites = [load_site(one) for one in site or ()]
        named = [profiles_for(one.agreement.profiles, one.agreement.cmo.country, profiles) for one in loaded]
        today = date.today() if day is None else date.fromisoformat(day)  # noqa: DTZ011 - the day where one stands
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error
    except ValueError as error:
        complain(f"cmo-gateway: --day {day}: is no date; write it as 2026-03-01")
        raise typer.Exit(Exit.CONFIGURATION) from error
    found = findings([one.agreement for one in loaded], sites, today, named)
    if as_json:
        typer.echo(json.dumps(_report(found, loaded), ensure_ascii=False))
    else:
        for one in found:
            typer.echo(_line(one, loaded[one.of], zh=zh))
        typer.echo(_summary(found, loaded, zh=zh))
    if any(one.severity is Severity.ERROR for one in found):
        raise typer.Exit(Exit.FAILED)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of an agreement, for editors.

    Write it beside the agreement and name it there: `# yaml-language-server: $schema=agreement.json`.
    """
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Agreement.model_json_schema()}
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@app.command("settings")
def settings() -> None:
    """Print the reference of all settings of agreements and of profiles of terms, as Markdown."""
    typer.echo(agreement_reference())


def agreement_reference() -> str:
    """The settings of an agreement, and those of a profile."""
    parts = ["# Settings of quality agreements", reference("The agreement", Agreement)]
    return "\n\n".join([*parts, reference("A profile of terms", Profile)])


def _place(found: Finding, loaded: Loaded) -> tuple[str, int]:
    place = loaded.document.finding(found.at, "")
    return place.file, place.line


def _line(found: Finding, loaded: Loaded, *, zh: bool) -> str:
    file, line = _place(found, loaded)
    severity = _SEVERITIES[found.severity] if zh else found.severity
    return f"{file}:{line}: [{found.clause}] {severity}: {found.words.zh if zh else found.words.en}"


_SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告"}


def _summary(found: list[Finding], loaded: tuple[Loaded, ...], *, zh: bool) -> str:
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = len(found) - errors
    if zh:
        return f"协议 {len(loaded)} 份：错误 {errors} 项，警告 {warnings} 项"
    return f"agreements: {len(loaded)}; errors: {errors}; warnings: {warnings}"


def _report(found: list[Finding], loaded: tuple[Loaded, ...]) -> dict[str, Any]:
    return {
        "agreements": [
            {"file": str(one.document.file), "agreement": one.agreement.agreement, "version": one.agreement.version}
            for one in loaded
        ],
        "findings": [_plain(one, loaded[one.of]) for one in found],
    }


def _plain(found: Finding, loaded: Loaded) -> dict[str, Any]:
    file, line = _place(found, loaded)
    return {
        "file": file, "line": line, "agreement": found.agreement, "rule": found.rule, "clause": found.clause,
        "severity": found.severity, "en": found.words.en, "zh": found.words.zh,
    }  # fmt: skip
