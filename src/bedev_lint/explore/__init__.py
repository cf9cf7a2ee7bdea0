"""A linked program made ready for people: what `effects` and `graph` show."""
