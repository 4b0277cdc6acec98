"""The quality agreement between a manufacturer and a holder, as data that decides what is exchanged."""
