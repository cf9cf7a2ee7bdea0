"""What handlers of exceptions catch, and what becomes of the error."""
