"""What is withheld from a holder: commitments in the place of fields, named terms, pseudonyms; and what opens them."""
