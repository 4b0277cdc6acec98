"""The source `sftp`: the watched folder of another machine."""

from adapters.contract import Adapter
from adapters.exports.ledger import Ledger
from adapters.exports.source import ExportSource, watched
from adapters.exports.ways.folder import FoundFile
from adapters.exports.ways.sftp_settings import SftpSettings
from adapters.exports.ways.sftp_tree import SftpTree
from adapters.exports.ways.way import Way


class SftpSource(ExportSource):
    """Looks for files by itself."""

    def __init__(self, settings: SftpSettings) -> None:
        super().__init__(settings, settings.poll_interval)
        self._watched = settings

    def way(self, ledger: Ledger | None) -> Way[FoundFile]:
        """The watched folder."""
        return watched(self._watched, SftpTree(self._watched, self._worker.alive), ledger)


SFTP = Adapter(settings=SftpSettings, source=SftpSource, waits=True)
