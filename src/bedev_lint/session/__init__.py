"""One run: configuration, discovery, suppressions, and Session.run() over them."""
