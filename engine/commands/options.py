"""Command-line options made from the table of parameters, and the other shared ones."""

import functools
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click

from engine.dmft.scheme.stepping import MAX_NODES, MOST_NODES, check_rtol
from engine.parameters import TABLE, Field, ParameterError, Parameters, preset_name

NEGATIVE_FLAGS = {"train_second_layer": "--freeze-second-layer"}
"""What to type to switch a flag of the table off."""


class FieldType(click.ParamType):
    """Reads the text of one field.

    Text that is not of the field's kind is passed on as it is: the rule, and the message when
    it is broken, are those of `Parameters` alone.
    """

    def __init__(self, field: Field):
        self.field = field
        self.name = {"real": "number", "integer": "integer", "coefficients": "c0,c1,..."}.get(
            field.kind, "|".join(field.choices))

    def convert(self, value: Any, param, ctx) -> Any:
        read = {"real": float, "integer": _integer, "coefficients": _numbers}.get(
            self.field.kind, str)
        try:
            return read(value)
        except ValueError:
            return value


def parameter_options(without: Collection[str] = ()) -> Callable:
    """Decorator: one option per row of `TABLE`, and `Parameters` as the first argument.

    Rows named in `without` get no option and keep their default.  A setting that breaks a
    rule ends the command with a click.UsageError (exit code 2).
    """
    names = [name for name in TABLE if name not in without]

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def run(**values):
            given = {name: values.pop(name) for name in names}
            try:
                parameters = Parameters(**{k: v for k, v in given.items() if v is not None})
            except ParameterError as error:
                raise click.UsageError(str(error)) from None
            return function(parameters, **values)

        for name in reversed(names):
            run = _option(TABLE[name])(run)
        return run

    return decorate


def _option(field: Field) -> Callable:
    if field.kind == "flag":
        return click.option(f"{field.option}/{NEGATIVE_FLAGS[field.name]}", field.name,
                            default=None, help=_help(field))
    kind = FieldType(field)
    return click.option(field.option, field.name, type=kind, metavar=kind.name, help=_help(field))


def _help(field: Field) -> str:
    facts = []
    if field.kind in ("real", "integer"):
        facts.append(f"{field.low:g} to {field.high:g}")
    if field.kind == "coefficients" and field.default is not None:
        facts.append(f"default: {preset_name(field.default)}")
    elif field.default is not None and field.kind != "flag":
        facts.append(f"default: {field.default}")
    return field.meaning + (f"  [{'; '.join(facts)}]" if facts else "")


def _integer(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _accuracy(ctx, param, rtol: float) -> float:
    try:
        check_rtol(rtol)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return rtol


def _writable(ctx, param, out: Path | None) -> Path | None:
    """Looked at before the run, so that no result is lost to a mistyped name."""
    if out is None or str(out) == "-":
        return None
    if out.suffix not in (".csv", ".json"):
        raise click.UsageError(f"out: must end in .csv or .json; got {str(out)!r}."
                               " Try run.csv.")
    if not out.parent.is_dir():
        raise click.UsageError(f"out: must lie in a folder that exists; got {str(out)!r}."
                               f" Make the folder {str(out.parent)!r} first.")
    new = not out.exists()
    try:
        out.open("a").close()
        if new:
            out.unlink()
    except OSError as error:
        raise click.UsageError(f"out: must be a file that can be written; got {str(out)!r}."
                               f" The system says: {error.strerror}.") from None
    return out


rtol_option = click.option(
    "--rtol", type=float, default=1e-2, show_default=True, callback=_accuracy,
    help="Relative accuracy wanted of the curves, 1e-6 to 0.1.")
max_nodes_option = click.option(
    "--max-nodes", type=click.IntRange(3, MOST_NODES), default=MAX_NODES, show_default=True,
    help="Time steps after which to stop.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path), callback=_writable,
    help="Where to write: NAME.csv (settings go to NAME.csv.json beside it) or NAME.json."
         " Left out, or -: CSV to the terminal.")
