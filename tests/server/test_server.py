"""`lintkit server`, as an editor meets it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from lsprotocol import types

from tests.server.editor import connected

if TYPE_CHECKING:
    from pathlib import Path

WEB, SECRET, APPS, LIST = "apps/web.yaml", "apps/secret.yaml", "cluster/apps.yaml", "apps/kustomization.yaml"


def test_findings_come_with_the_unsaved_text_and_go_with_it(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            assert editor.messages_of(WEB) == [
                ("unknown-field", 6, "`replica` is no field of `spec`; did you mean `replicas`?")
            ]
            editor.change(WEB, "name: database", "name: databse")
            await editor.says(WEB, "dangling-secret-ref")
            assert [one[:2] for one in editor.messages_of(WEB)] == [("unknown-field", 6), ("dangling-secret-ref", 22)]
            editor.change(WEB, "name: databse", "name: database")
            editor.change(WEB, "replica:", "replicas:")
            await editor.until(lambda: editor.messages_of(WEB) == [])

    asyncio.run(story())


def test_an_edit_in_one_file_is_found_in_another(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(SECRET)
            editor.change(SECRET, "secretKey: password", "secretKey: pass")
            await editor.says(WEB, "dangling-secret-key")
            assert [one[:2] for one in editor.messages_of(WEB)] == [("dangling-secret-key", 22)]
            editor.close(SECRET)
            await editor.says(WEB, "dangling-secret-key", is_there=False)

    asyncio.run(story())


def test_a_new_file_counts_before_it_is_saved(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(LIST)
            editor.change(LIST, "  - web.yaml\n", "  - web.yaml\n  - more.yaml\n")
            await editor.says(LIST, "missing-entry")
            editor.open("apps/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n")
            await editor.says(LIST, "missing-entry", is_there=False)

    asyncio.run(story())


def test_a_hidden_file_that_is_open_is_no_part_of_the_tree(home: Path) -> None:
    (home / ".gitignore").write_text("scratch/\n", "utf-8")
    (home / "scratch").mkdir()
    (home / "scratch" / "x.yaml").write_text("a: 1\n", "utf-8")

    async def story() -> None:
        async with connected(home) as editor:
            editor.open("scratch/x.yaml")
            editor.change("scratch/x.yaml", "a: 1", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\na: 1\na: 2")
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            await asyncio.sleep(1)
            assert editor.messages_of("scratch/x.yaml") == []

    asyncio.run(story())


def test_quick_fixes_are_those_that_stand(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            (action,) = await editor.actions(WEB, "rep|lica: 2")
            assert action.title.endswith("[unknown-field]")
            assert action.kind == types.CodeActionKind.QuickFix
            assert editor.applied(WEB, action).replace("  replicas: 2\n", "") == (home / WEB).read_text("utf-8")
            # beside a field of the right name the fix would bring a duplicate key: none is offered
            editor.change(WEB, "  replica: 2\n", "  replica: 2\n  replicas: 3\n")
            await editor.until(lambda: len(editor.found) > 0)
            assert await editor.actions(WEB, "rep|lica: 2") == []

    asyncio.run(story())


def test_a_fix_that_needs_the_whole_tree_is_offered_when_it_was_tried(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "name: database", "name: databse")
            await editor.says(WEB, "dangling-secret-ref")
            for _ in range(200):
                actions = await editor.actions(WEB, "name: dat|abse")
                if actions:
                    break
                await asyncio.sleep(0.05)
            assert [one.title for one in actions] == [
                "rename to `database` (may change what is meant) [dangling-secret-ref]"
            ]
            assert editor.applied(WEB, actions[0]) == (home / WEB).read_text("utf-8")

    asyncio.run(story())


def test_definitions_lead_across_flux(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            for path in (WEB, SECRET, APPS, LIST):
                editor.open(path)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            assert await editor.definition(APPS, "path: ./a|pps") == [(LIST, 1)]
            assert await editor.definition(APPS, "- name: sto|res") == [("cluster/stores.yaml", 4)]
            assert await editor.definition(APPS, "name: flux-sys|tem\n  postBuild") == [
                ("cluster/flux-system/sync.yaml", 4)
            ]
            assert await editor.definition(WEB, "name: data|base") == [(SECRET, 4)]
            assert await editor.definition(WEB, "key: pass|word") == [(SECRET, 13)]
            assert await editor.definition(WEB, "name: sett|ings") == [(LIST, 7)]
            assert await editor.definition(WEB, "${GREE|TING}") == [(APPS, 17)]
            assert await editor.definition(SECRET, "name: va|ult") == [("stores/store.yaml", 4)]
            assert await editor.definition(LIST, "- web.ya|ml") == [(WEB, 1)]
            assert await editor.definition(LIST, "- color.t|xt") == [("apps/color.txt", 1)]
            assert await editor.definition(WEB, "image: ngi|nx") == []

    asyncio.run(story())


def test_definitions_follow_what_is_typed_just_now(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            more = "            - secretRef:\n                name: database\n"
            editor.change(WEB, "                name: settings\n", f"                name: settings\n{more}")
            assert await editor.definition(WEB, "secretRef:\n                name: data|base") == [(SECRET, 4)]

    asyncio.run(story())


def test_hovers_say_who_makes_it_and_never_what_it_is(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.open(APPS)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            await editor.says(WEB, "unknown-field")
            assert await editor.hover(WEB, "key: pass|word") == (
                "**Secret `shop/database`, key `password`**\n\n"
                "ExternalSecret `shop/database`, in `apps/secret.yaml` line 13"
            )
            shown = await editor.hover(WEB, "${GREE|TING}")
            assert shown.startswith(
                "**variable `GREETING`**\n\ndefined for Kustomization `apps`, in `cluster/apps.yaml`"
            )
            assert "good-morning" not in shown
            rule = await editor.hover(WEB, "rep|lica: 2")
            page = "https://github.com/lintkit/lintkit/blob/main/docs/rules/unknown-field.md"
            assert rule.startswith(f"**[unknown-field]({page})** (schema, error)")
            assert "### Why" in rule
            editor.change(WEB, "  replica: 2", "  replica: 2 # lintkit: ignore[unknown-field] for the test")
            assert "### Good" in await editor.hover(WEB, "ignore[unknown|-field]")

    asyncio.run(story())


def test_columns_count_utf_16_and_ranges_hold_the_word(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "  name: web\n", '  name: web\n  labels: {"🐙é": x, team: ["a"]}\n')
            await editor.says(WEB, "wrong-type")
            found = next(one for one in editor.found[editor.uri(WEB)] if one.code == "wrong-type")
            line = '  labels: {"🐙é": x, team: ["a"]}'
            start = len(line[: line.index("team")].encode("utf-16-le")) // 2
            assert (found.range.start.character, found.range.end.character) == (start, start + 4)
            assert editor.capabilities is not None
            assert editor.capabilities.position_encoding == types.PositionEncodingKind.Utf16

    asyncio.run(story())


def test_objects_of_a_file_are_its_symbols(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open("cluster/flux-system/sync.yaml")
            path = types.TextDocumentIdentifier(editor.uri("cluster/flux-system/sync.yaml"))
            found = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(path))
            assert [(one.name, one.range.start.line) for one in found or []] == [  # type: ignore[union-attr]
                ("GitRepository flux-system/flux-system", 0),
                ("Kustomization flux-system/flux-system", 11),
            ]

    asyncio.run(story())


def test_a_wrong_configuration_is_told_and_mended(home: Path) -> None:
    (home / ".lintkit.yaml").write_text("exclud: [x]\n", "utf-8")

    async def story() -> None:
        async with connected(home) as editor:
            await editor.until(lambda: bool(editor.messages))
            assert editor.messages[0].startswith("lintkit: ")
            assert "`exclud`" in editor.messages[0]
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  replica: 2\n  selector:")
            editor.open(".lintkit.yaml")
            editor.change(".lintkit.yaml", "exclud", "exclude")
            editor.save(".lintkit.yaml")
            await editor.says(WEB, "unknown-field")

    asyncio.run(story())


def test_a_file_alone_is_served_without_a_folder(home: Path) -> None:
    async def story() -> None:
        async with connected(home, folder=False) as editor:
            editor.open(WEB)
            editor.change(WEB, "name: database", "name: databse")
            await editor.says(WEB, "dangling-secret-ref")

    asyncio.run(story())


def test_broken_yaml_is_said_at_once_and_does_not_end_the_server(home: Path) -> None:
    async def story() -> None:
        async with connected(home) as editor:
            editor.open(WEB)
            editor.change(WEB, "  selector:", "  selector: [")
            await editor.says(WEB, "syntax-error")
            assert await editor.definition(WEB, "name: data|base") in ([], [(SECRET, 4)])
            editor.change(WEB, "  selector: [", "  selector:")
            await editor.says(WEB, "syntax-error", is_there=False)

    asyncio.run(story())


def test_without_pygls_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pygls").mkdir()
    (tmp_path / "pygls" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n", "utf-8"
    )
    run = subprocess.run(
        [sys.executable, "-m", "lintkit", "server"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 3
    assert run.stderr == "lintkit: the server needs pygls: pip install 'lintkit[lsp]'\n"
