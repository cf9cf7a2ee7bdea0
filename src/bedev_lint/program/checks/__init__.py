"""What breaks a rule of the whole program: boundaries, call rules, and what excuses a handler."""
