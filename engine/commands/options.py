"""Command-line options made from tables of settings, and the other shared ones."""

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from engine.dmft.scheme.settings import SOLVER
from engine.fields import Field, ParameterError
from engine.parameters import TABLE, Parameters

METAVARS = {"real": "number", "integer": "integer", "coefficients": "c0,c1,...",
            "groups": "number|size:factor[:v0[:sign]],...", "overlaps": "file.json",
            "directions": "n:c_n,...", "start": "v1,..."}

Command = Callable[..., None]


class FieldType(click.ParamType[Any]):
    """The text of one field; the rule, and the message when it is broken, are the field's."""

    def __init__(self, field: Field):
        self.field = field
        self.name = METAVARS.get(field.kind, "|".join(field.choices))

    def convert(self, value: Any, param: click.Parameter | None,
                ctx: click.Context | None) -> Any:
        try:
            if self.field.kind == "overlaps":
                value = _text_of(value)
            return self.field.read(value)
        except ParameterError as error:
            raise click.UsageError(str(error)) from None


def parameter_options(without: Collection[str] = ()) -> Callable[[Command], Command]:
    """Decorator: one option per row of `TABLE`, and `Parameters` as the first argument.

    Rows named in `without` get no option and keep their default.  A setting that breaks a
    rule ends the command with a click.UsageError (exit code 2).
    """
    names = [name for name in TABLE if name not in without]

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            given = {name: values.pop(name) for name in names}
            one_by_one = values.pop("group", ())
            if one_by_one and given["groups"] is not None:
                raise click.UsageError("group: is not used with --groups. Give one of the two.")
            try:
                if one_by_one:
                    given["groups"] = TABLE["groups"].read(",".join(one_by_one))
                parameters = Parameters(**{k: v for k, v in given.items() if v is not None})
            except ParameterError as error:
                raise click.UsageError(str(error)) from None
            function(parameters, **values)

        with_groups = _one_by_one(run) if "groups" in names else run
        return _options([TABLE[name] for name in names])(with_groups)

    return decorate


def table_options(table: Mapping[str, Field], make: Callable[..., Any]
                  ) -> Callable[[Command], Command]:
    """Decorator: one option per row of `table`, and `make(**those given)` as an argument.

    It comes after the arguments of decorators further out.  Errors as in `parameter_options`.
    """
    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def run(*made: Any, **values: Any) -> None:
            given = {name: values.pop(name) for name in table}
            try:
                settings = make(**{k: v for k, v in given.items() if v is not None})
            except ParameterError as error:
                raise click.UsageError(str(error)) from None
            function(*made, settings, **values)

        return _options(table.values())(run)

    return decorate


def solver_option(name: str, **changes: Any) -> Callable[[Command], Command]:
    """The option of a row of `SOLVER`, with another default, say."""
    field = replace(SOLVER[name], **changes)
    return _option(field, default=field.write(field.default))


_one_by_one = click.option(
    "--group", multiple=True, metavar="size:factor[:v0[:sign]]",
    help="One group of neurons; to be given once for each, in place of --groups.")


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError) as error:
        raise click.UsageError(f"overlaps: must be a JSON file that can be read; got {path!r}."
                               f" {error}") from None


def _options(fields: Collection[Field]) -> Callable[[Command], Command]:
    def decorate(function: Command) -> Command:
        for field in reversed(list(fields)):
            function = _option(field)(function)
        return function

    return decorate


def _option(field: Field, default: str | None = None) -> Callable[[Command], Command]:
    if field.kind == "flag":
        return click.option(f"{field.option}/{field.off}", field.name,
                            default=None, help=field.explain())
    kind = FieldType(field)
    return click.option(field.option, field.name, type=kind, metavar=kind.name, default=default,
                        help=field.explain())


def writable(out: Path, endings: Collection[str]) -> Path:
    """`out`, looked at before the run, so that no result is lost to a mistyped name."""
    if out.suffix not in endings:
        raise click.UsageError(f"out: must end in {' or '.join(endings)}; got {str(out)!r}."
                               f" Try run{next(iter(endings))}.")
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


def _file(ctx: click.Context, param: click.Parameter, out: Path | None) -> Path | None:
    return None if out is None or str(out) == "-" else writable(out, (".csv", ".json"))


out_option = click.option(
    "--out", type=click.Path(path_type=Path), callback=_file,
    help="Where to write: NAME.csv (settings go to NAME.csv.json beside it) or NAME.json."
         " Left out, or -: CSV to the terminal.")
