"""`lintkit server`: findings, fixes and references in an editor."""

from __future__ import annotations

import click

from lintkit.errors import ToolMissingError


@click.command("server")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output: the only way, and the default.")
def command(*, stdio: bool) -> int:
    r"""Serve an editor over the Language Server Protocol, on standard input and output.

    Editors start this themselves; docs/editors says how for VS Code, Neovim and Helix. It needs `pip install
    'lintkit[lsp]'`.

    \b
    Exit codes:
      0  the editor is done
      3  pygls is not installed
    """
    _ = stdio
    try:
        from lintkit.server.serve import serve  # noqa: PLC0415 - what it needs is not installed everywhere
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        message = f"the server needs {error.name}: pip install 'lintkit[lsp]'"
        raise ToolMissingError(message) from error
    serve()
    return 0
