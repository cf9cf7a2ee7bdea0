"""Texts of SQL, and where the values that are put into them come from."""
