"""`cmo-gateway settings`: the reference of all settings."""

import typer

from gateway.cleanroom.site import Site
from gateway.masters import Masters
from gateway.provision.settings import ProvisionSettings
from gateway.reference import reference
from gateway.review.settings import ReviewSettings, SupplierList
from gateway.settings import NodeSettings


def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    typer.echo(settings_reference())


def settings_reference() -> str:
    """The node's settings and the site's."""
    parts = ["# Settings of the holder's node", reference("The configuration", NodeSettings)]
    parts += [reference("The site file", Site), reference("The review file", ReviewSettings)]
    parts += [reference("The list of suppliers", SupplierList)]
    parts += [reference("The file of master batch records", Masters)]
    return "\n\n".join([*parts, reference("The file of `provision`", ProvisionSettings)])
