"""Commands whose help is printed as all else is, and the group of them."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from bedev_lint import streams

__all__ = ["CheckByDefault", "HelpfulCommand"]


def _show_help(context: click.Context, _parameter: click.Parameter, is_given: bool) -> None:
    if is_given and not context.resilient_parsing:
        streams.emit(f"{context.get_help()}\n")
        context.exit()


class HelpfulCommand(click.Command):
    """A command whose help is printed as everything else is."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class CheckByDefault(HelpfulCommand, click.Group):
    """A group whose arguments, unless they begin with a command, are those of `check`."""

    command_class = HelpfulCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name for param in self.get_params(ctx) for name in param.opts}
        completes_first = ctx.resilient_parsing and not args  # what could be the first argument
        if not completes_first and not (args and (args[0] in self.commands or args[0] in options)):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may come first: a command, or what `check` takes."""
        check = self.commands["check"]
        inner = check.make_context("check", [], parent=ctx, resilient_parsing=True)
        commands = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return [*commands, *check.shell_complete(inner, incomplete)]
        paths = next(param for param in check.params if isinstance(param, click.Argument))
        return commands or paths.shell_complete(inner, incomplete)  # a shell takes no mixture
