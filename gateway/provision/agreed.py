"""Whether the holders that a broker is to serve are those of the signed agreements. Pure but for reading the files.

Whose agreement has ended keeps its rights: what it was sent has to stay readable for as long as it is kept (107 T9.4).
They end when its entry is taken out of the list.
"""

from collections.abc import Iterator, Sequence

from gateway.agreement.in_force import Signed, signed_agreements
from gateway.configuration import ConfigurationError, Document, Finding, nearest
from gateway.proof.keys import load_public
from gateway.provision.settings import ProvisionSettings


def check_agreements(document: Document, settings: ProvisionSettings, now: int) -> Sequence[str]:
    """What of the agreements does not count, a line each; nothing where none are to decide.

    `now` is UTC microseconds. Raises ConfigurationError where holders and agreements do not fit, and KeyFileError.
    """
    if settings.agreements is None:
        return ()
    signed = signed_agreements(settings.agreements, [key for file in settings.trust for key in load_public(file)])
    if faults := list(faults_of(document, settings, signed, now)):
        raise ConfigurationError(faults)
    return [f"{one.file}: does not count: {one.words.en}" for one in signed.findings]


def faults_of(document: Document, settings: ProvisionSettings, signed: Signed, now: int) -> Iterator[Finding]:
    """Holders that never had an agreement, and those that have one and that nobody made known to a broker."""
    ours = [one for one in signed.versions if one.agreement.cmo.id == settings.cmo]
    agreed = {one.agreement.holder.id: one.agreement.agreement for one in ours}
    lasting = {one.agreement.holder.id for one in ours if one.ends is None or now < one.ends}
    why = "; ".join(f"{one.file.name}: {one.words.en}" for one in signed.findings)
    for index, one in enumerate(settings.holders):
        if one.id not in agreed:
            told = f"no agreement that {settings.cmo} and {one.id} both signed" + (f" ({why})" if why else "")
            yield document.finding(("holders", index), told + nearest(one.id, list(agreed)))
    listed = {one.id for one in settings.holders}
    for holder, agreement in agreed.items():
        if holder in lasting - listed:
            told = f"{holder} of agreement {agreement} is missing; add by which user or subject its cluster knows it"
            yield document.finding(("holders",), told)
