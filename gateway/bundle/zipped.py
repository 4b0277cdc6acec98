"""A bundle as one file, as a console hands it out: written the same each time, read within bounds, never unpacked."""

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from gateway.bundle.checking import Fault
from gateway.bundle.contents import MAX_FILE, MAX_FILES, MAX_OCTETS, BundleError

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time that each file bears: when a bundle was made stands in its manifest, signed."""


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """The bundle in a ZIP file, within one folder."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path, octets in sorted(files.items()):
            archive.writestr(ZipInfo(f"{folder}/{path}", EARLIEST), octets, ZIP_DEFLATED)
    return out.getvalue()


def is_zipped(file: Path) -> bool:
    """Whether the file begins as a ZIP file does."""
    with file.open("rb") as start:
        return start.read(4) == b"PK\x03\x04"


def read_zipped(file: Path, told: Callable[[int], object]) -> tuple[dict[str, bytes], list[Fault]]:
    """As `read_bundle`, of a ZIP file; a folder around everything is left out of the paths.

    Raises BundleError when it is damaged or holds more than a bundle may, OSError when it cannot be read.
    """
    try:
        with ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_FILES or sum(info.file_size for info in infos) > MAX_OCTETS:
                raise BundleError(
                    f"{file}: more than the {MAX_FILES} files or {MAX_OCTETS} bytes that a bundle may hold"
                )
            return _contents(archive, infos, told)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BundleError(f"{file}: is damaged ({error}); download it again") from error


def _contents(
    archive: ZipFile, infos: list[ZipInfo], told: Callable[[int], object]
) -> tuple[dict[str, bytes], list[Fault]]:
    around = {info.filename.partition("/")[0] for info in infos}
    begin = len(around.pop()) + 1 if len(around) == 1 and all("/" in info.filename for info in infos) else 0
    files, faults = dict[str, bytes](), list[Fault]()
    for info in infos:
        path = info.filename[begin:]
        with archive.open(info) as inner:
            content = inner.read(MAX_FILE + 1)
        if path in files:
            faults.append(Fault(path, "stands in it twice"))
        elif len(content) > MAX_FILE:
            faults.append(Fault(path, f"is longer than {MAX_FILE} bytes"))
        else:
            files[path] = content
        told(1)
    return files, faults
