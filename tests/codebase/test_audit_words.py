"""The operator reads the audit trail in words: every kind of object that the code records has one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from domivka.backoffice.audit import KINDS
from domivka.homes.api import SHARE

PACKAGE = Path(__file__).resolve().parents[2] / "domivka"
# What is not a text where it is recorded: constants, and fields of classes.
NAMED = {"SHARE": {SHARE}, "self.kind": {"application", "consultation"}}


def recorded() -> dict[str, set[str]]:
    """Kinds by the place that records them; a kind that is handed to a function is looked for where it is called."""
    return {
        f"{path.relative_to(PACKAGE)}:{call.lineno}": kinds_of(value, function, tree)
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "kernel/audit.py" and "demo" not in path.parts
        if "object_kind=" in path.read_text()
        for tree in [ast.parse(path.read_text())]
        for function, call in calls(tree)
        for value in [argument.value for argument in call.keywords if argument.arg == "object_kind"]
        if ast.unparse(call.func).endswith("record") or "AuditEntry" in ast.unparse(call.func)
    }


def calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    inside = {id(node): one for one in functions for node in ast.walk(one)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            yield inside.get(id(call)), call


def kinds_of(value: ast.expr, function: ast.FunctionDef | None, tree: ast.Module) -> set[str]:
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return kinds_of(value.body, function, tree) | kinds_of(value.orelse, function, tree)
    parameters = [one.arg for one in function.args.args] if function else []
    if function is None or not isinstance(value, ast.Name) or value.id not in parameters:
        return NAMED[ast.unparse(value)]
    place = parameters.index(value.id)
    handed = [call.args[place] for _of, call in calls(tree) if ast.unparse(call.func) == function.name]
    return {kind for one in handed for kind in kinds_of(one, None, tree)}


def test_every_kind_of_the_audit_trail_has_a_word() -> None:
    found = recorded()

    nameless = {place: kinds - set(KINDS) for place, kinds in found.items() if kinds - set(KINDS)}

    assert nameless == {}, "give them words in backoffice/audit.py"
    assert {"account", "cnap_office", "refusal_reason", SHARE, "print_run"} <= set().union(*found.values())
    assert len(found) > 40
