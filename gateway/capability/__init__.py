"""What makes an exchange eligible for remote audits (134 art. 14, 17), as figures, statements and a signed PDF."""
