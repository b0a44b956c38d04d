"""The subcommands of `python -m engine`, one file each.

A file `engine/commands/NAME.py` with a `click.Command` called `command` is the subcommand
NAME; nothing needs to be registered.  What they share:

- `options.parameter_options()` adds one option for each row of `engine.parameters.TABLE` and
  calls the function with a validated `Parameters` as its first argument; `table_options` does so
  for another table;
- `options.solver_option("rtol")`, `options.solver_option("max_nodes")` and `options.out_option`;
- `console.running()` gives the `engine.monitor.Monitor` of a computation: a bar on a terminal,
  and Ctrl-C that keeps the partial result;
- `console.deliver()` writes a `Trajectory`, reports its status and ends with the exit code.

Example::

    @click.command()
    @parameter_options(without=("m",))
    @solver_option("rtol")
    @out_option
    def command(parameters, rtol, out):
        \"\"\"One line that `--help` shows.\"\"\"
        with running() as monitor:
            result = solve_limit(parameters, rtol=rtol, monitor=monitor)
        deliver(result, out)
"""

SHARED = frozenset({"options", "console"})
"""Modules of this package that are not subcommands."""
