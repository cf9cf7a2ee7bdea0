"""The language server: findings in an editor, while a text is written. Needs the extra `lsp`.

There are two threads: one talks with the editor and answers at once from what was found last, the
main thread checks projects, since it alone may fork and can limit the time of each file.
"""

from __future__ import annotations

from bedev_lint.server.analysis import Loading
from bedev_lint.server.language_server import serve

__all__ = ["Loading", "serve"]
