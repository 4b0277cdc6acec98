"""Batches of a freeze-dried injection, and what MES, LIMS, WMS, DMS and QMS export of them."""
