"""How much of a program is understood, for `check --debug`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["as_lines"]

_MOST = 8


def as_lines(
    counts: Mapping[str, int],
    third_parties: Sequence[tuple[str, int]],
    causes: Sequence[tuple[str, int]],
) -> list[str]:
    """Return what how many calls are resolved to, and the leading causes of what is not."""
    total = sum(counts.values())
    lines = [f"calls: {total}"]
    for to, count in counts.items():
        lines.append(f"{count:>8} {100 * count / max(total, 1):5.1f} %  resolved to {to}")
    lines += _leading("unknown third parties", third_parties)
    lines += _leading("resolved to nothing, because all that is known is", causes)
    return lines


def _leading(heading: str, counted: Sequence[tuple[str, int]]) -> list[str]:
    if not counted:
        return []
    lines = [f"{heading}:", *(f"{count:>8}  {name}" for name, count in counted[:_MOST])]
    rest = counted[_MOST:]
    if rest:
        lines.append(f"{sum(count for _, count in rest):>8}  {len(rest)} others")
    return lines
