"""Who gets which record: clauses in force and what is known of batches decide; each decision names its clause."""
