"""What differs from place to place comes from the environment."""

import os

DATABASE_URL = os.environ["DATABASE_URL"]
SESSION_SECRET = os.environ.get("SESSION_SECRET", "not-so-random-4711")
