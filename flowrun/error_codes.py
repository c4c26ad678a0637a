"""The codes of mistakes in job files: what each means, why it is refused, and an example that is mended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code. `wrong` is a piece of a job file that has the mistake, `right` the same without it."""

    code: str
    title: str
    explanation: str
    wrong: str = ""
    right: str = ""


_ALL = (
    ErrorCode(
        "FR101",
        "the job file cannot be read",
        "There is no such file, or it is a directory, a pipe or a device, or you may not read it. "
        "A relative path starts in the directory in which the command was given.",
        "flowrun -j job.yaml",
        "flowrun -j jobs/job.yaml",
    ),
    ErrorCode(
        "FR102",
        "the file is not a YAML document with sections",
        "The text is not YAML in UTF-8, or it is not one document with a mapping at the top. "
        "Often the indentation is wrong, a tab was used to indent, or a quote is not closed.",
        "tasks:\n\tload:\n\t\ttask: Load",
        "tasks:\n  load:\n    task: Load",
    ),
    ErrorCode(
        "FR103",
        "a key is given twice",
        "The second value would silently replace the first. Remove one of them. "
        "`task` and `variant`, `dependencies` and `depends_on` are two spellings of one key.",
        "tasks:\n  load: {task: Load}\n  load: {task: LoadAgain}",
        "tasks:\n  load: {task: Load}\n  load-again: {task: LoadAgain}",
    ),
    ErrorCode(
        "FR104",
        "an unknown key",
        "The key has no meaning here; perhaps it is misspelt or stands one level too deep or too high. "
        "`flowrun explain tasks` lists the keys of a task.",
        "tasks:\n  load:\n    task: Load\n    dependancies: [extract]",
        "tasks:\n  load:\n    task: Load\n    dependencies: [extract]",
    ),
    ErrorCode(
        "FR105",
        "a value of the wrong kind",
        "The key takes another kind of value, or one from a closed list, or one within limits. "
        "Text that looks like a number must be quoted to be text, and the other way round.",
        "tasks:\n  load:\n    task: Load\n    dependencies: extract",
        "tasks:\n  load:\n    task: Load\n    dependencies: [extract]",
    ),
    ErrorCode(
        "FR106",
        "a key is missing",
        "Without this key the entry means nothing. Each task names its class under `task`.",
        "tasks:\n  load:\n    parameters: {day: monday}",
        "tasks:\n  load:\n    task: Load\n    parameters: {day: monday}",
    ),
    ErrorCode(
        "FR107",
        "files include each other in a circle",
        "A file that includes itself, directly or by way of others, can never be complete. "
        "The same file may be reached twice, but not from within itself.",
        "# a.yaml\ninclude: [./b.yaml]\n# b.yaml\ninclude: [./a.yaml]",
        "# a.yaml\ninclude: [./b.yaml]\n# b.yaml includes nothing",
    ),
    ErrorCode(
        "FR108",
        "an included file cannot be read",
        "There is no such file, or it is no plain file, or you may not read it. "
        "A relative path starts at the project root, not at the including file.",
        "include: [defaults.yaml]",
        "include: [./jobs/defaults.yaml]",
    ),
    ErrorCode(
        "FR109",
        "the file is too large",
        "A limit is exceeded: of the size of a file, of its keys and values (aliases count as often as they are used), "
        "of nesting, or of the digits of a number. The limits are far above what a person writes, "
        "and protect the machine from files that were made to harm it.",
    ),
    ErrorCode(
        "FR110",
        "a tag that is not allowed",
        "A job file holds text, numbers, lists and mappings. Tags that make other objects, such as `!!python/object`, "
        "could run code and are refused.",
        "label: !!python/object/apply:os.getcwd []",
        "label: $SYS{APP_ROOT_DIR}",
    ),
    ErrorCode(
        "FR111",
        "the job has no tasks",
        "Neither the file nor any that it includes has a task under `tasks:`.",
        "config: {name: nightly}",
        "config: {name: nightly}\ntasks:\n  load: {task: Load}",
    ),
    ErrorCode(
        "FR112",
        "a variable has no value",
        "The variable is neither set nor given a default. Set it in the environment (`$ENV{}`), "
        "give it with `--var NAME=VALUE` (`$VAR{}`), or write a default after a colon.",
        "day: $VAR{day}",
        "day: $VAR{day:2026-01-01}",
    ),
    ErrorCode(
        "FR113",
        "a variable is not complete",
        "A variable is written `$ENV{NAME}`, `$VAR{NAME}` or `$SYS{NAME}`, with `:default` before the closing brace "
        "if it may be missing. A closing brace inside the default is written `\\}`. "
        "`$${` stands for the plain text `${`.",
        "day: $VAR{day",
        "day: $VAR{day}",
    ),
    ErrorCode(
        "FR114",
        "a variable that nothing names (a warning)",
        "A variable was given with `--var`, and no `$VAR{}` in the job names it. "
        "Most likely it is misspelt, and the job would run with a default in its place.",
        "flowrun -j job.yaml --var dya=2026-01-01",
        "flowrun -j job.yaml --var day=2026-01-01",
    ),
    ErrorCode(
        "FR115",
        "items that cannot be read",
        "`foreach` takes a list, a mapping, an expression, or a mapping with `items` or `file`; `matrix` takes axes, "
        "each with a list of values, and lists of mappings under `include` and `exclude`. "
        "The keys of items are all different.",
        "foreach: eu, us",
        "foreach: [eu, us]",
    ),
    ErrorCode(
        "FR116",
        "no job of this name",
        "A word without a slash and a dot names a job: `NAME.yaml` in `jobs/` or `jobdefs/` of the project, among the "
        "jobs of the user, or in an installed package. `flowrun list jobs` shows them all, `flowrun list paths` the "
        "directories.",
        "flowrun -j nigthly",
        "flowrun -j nightly",
    ),
    ErrorCode(
        "FR117",
        "a file of test cases that cannot be used",
        "A file that ends with `.test.yaml` has the keys `job` and `cases`, and may have `vars`, `env`, `stubs`, "
        "`fails` and `approvals` for all cases. The message says what was found and what is allowed.",
        "job: nightly.yaml\ncase:\n  loads: {}",
        "job: nightly.yaml\ncases:\n  loads: {}",
    ),
    ErrorCode(
        "FR207",
        "a parameter has a wrong value",
        "The value does not fit the type that the class declares for this field, or a validator of the class "
        "refuses it.",
        "parameters: {batch_size: 5k}",
        "parameters: {batch_size: 5000}",
    ),
    ErrorCode(
        "FR208",
        "an unknown parameter",
        "The class has no field of this name. `flowrun list tasks` shows the fields of every task class.",
        "parameters: {batchsize: 5000}",
        "parameters: {batch_size: 5000}",
    ),
    ErrorCode(
        "FR209",
        "a parameter is missing",
        "The class has a field without a default, and the job gives no value for it.",
        "load: {task: Load}",
        "load:\n  task: Load\n  parameters: {day: 2026-01-01}",
    ),
    ErrorCode(
        "FR210",
        "a result has no such part",
        "An expression follows a path into the result of a task, and what the task declares to return has nothing "
        "there: no field of this name, no item at this position. Where a value may be missing and that is in order, "
        "say with the filter `default` what follows.",
        "parameters: {rows: '${{ tasks.load.result.row }}'}",
        "parameters: {rows: '${{ tasks.load.result.rows }}'}",
    ),
    ErrorCode(
        "FR211",
        "a result does not fit where it is used",
        "The task declares to return one type, and what is given the value takes another: no value of the first is "
        "one of the second. Only certain mistakes are told; an `int` where a `float` is taken is none. "
        "Text is not taken for a number, even if it happens to look like one: the filter `int` makes one of it.",
        "parameters: {rows: '${{ tasks.load.result.path }}'}",
        "parameters: {rows: '${{ tasks.load.result.rows }}'}",
    ),
    ErrorCode(
        "FR301",
        "tasks wait for each other",
        "Each task of the ring depends on the next, so none of them can ever start. Remove one of the dependencies.",
        "tasks:\n  a: {task: A, dependencies: [b]}\n  b: {task: B, dependencies: [a]}",
        "tasks:\n  a: {task: A}\n  b: {task: B, dependencies: [a]}",
    ),
    ErrorCode(
        "FR302",
        "a dependency that does not exist",
        "No task of the job has this name. Dependencies name tasks, not classes.",
        "dependencies: [Extract]",
        "dependencies: [extract]",
    ),
    ErrorCode(
        "FR303",
        "an expression cannot be read",
        "What stands between `${{` and `}}`, or under `when:`, is no expression. Often a quote or a bracket is not "
        "closed, a filter is misspelt, or `.result` is missing after the name of a task. `$${{` stands for the plain "
        "text `${{`.",
        "when: tasks.load.rows >",
        "when: tasks.load.result.rows > 0",
    ),
    ErrorCode(
        "FR304",
        "an expression refers to a task that does not exist",
        "No task of the job has this name. Expressions name tasks, not classes; a name with other characters than "
        "letters, digits, `_` and `-` is written `tasks['etl/load']`.",
        "parameters: {rows: '${{ tasks.laod.result.rows }}'}",
        "parameters: {rows: '${{ tasks.load.result.rows }}'}",
    ),
    ErrorCode(
        "FR305",
        "an expression begins with a name that means nothing there",
        "Expressions know `tasks`, `vars`, `env`, `secrets`, `item`, `matrix` and `run`; text stands in quotes. "
        "`item` is known where `foreach` is given, `matrix` where `matrix` is, and neither under `when:`. "
        "`run` has `id`, `job`, `started` and `is_restart`. "
        "The `vars` of a job are there before any task, and cannot refer to one.",
        "when: full == 'yes'",
        "when: vars.full == 'yes'",
    ),
    ErrorCode(
        "FR306",
        "an expression names a variable that does not exist",
        "The variable stands neither under `vars:` of the job, nor of a group around the task, and is not given with "
        "`--var`. Where it may be missing, say with the filter `default` what follows.",
        "when: vars.fulll",
        "when: vars.full",
    ),
    ErrorCode(
        "FR401",
        "a module cannot be imported",
        "A Python file of the project fails while it is imported. Only jobs that need a class from it are affected; "
        "in others this is a warning. The place is the line of your code that failed.",
    ),
    ErrorCode(
        "FR402",
        "no class of this name",
        "Nothing that was searched has a class of this name with the right decorator: `@task` above a task, which may "
        "be a function too, `@logger` above a logger, and so on. Searched are `tasks/`, `extensions/` and `loggers/` "
        "below the project root, `config.extension_directories`, `config.extension_packages`, and installed plugins. "
        "A module that cannot be imported offers no classes.",
        "task: Lod",
        "task: Load",
    ),
    ErrorCode(
        "FR403",
        "two classes of one name",
        "Two files of the project have a class or function of this name, and nothing says which is meant. "
        'Rename one of them, or give a task another name with `@task("name")`.',
    ),
    ErrorCode(
        "FR404",
        "no executor of this name",
        "A task names an executor that is neither `process`, `thread` or `async` nor a name under `executors:`.",
        "executor: proces",
        "executor: process",
    ),
    ErrorCode(
        "FR405",
        "no pool of this name",
        "A task names a pool that is neither under `pools:` nor among those that the jobs of this machine share.",
        "tasks:\n  load: {task: Load, pool: warehouse}",
        "pools: {warehouse: 4}\ntasks:\n  load: {task: Load, pool: warehouse}",
    ),
    ErrorCode(
        "FR406",
        "an extension directory does not exist",
        "An entry of `config.extension_directories` names a directory that is not there. "
        "A relative path starts at the project root.",
    ),
    ErrorCode(
        "FR407",
        "an extension directory is no directory",
        "An entry of `config.extension_directories` names something else. List the directory, not a file in it.",
        "config: {extension_directories: [./plugins/mine.py]}",
        "config: {extension_directories: [./plugins]}",
    ),
    ErrorCode(
        "FR408",
        "an extension package cannot be imported",
        "An entry of `config.extension_packages` is not installed for this Python, or fails while it is imported.",
    ),
    ErrorCode(
        "FR410",
        "a class is not complete",
        "The class lacks a method that its contract asks for, such as `run` of a task or `update` of a logger.",
    ),
    ErrorCode(
        "FR411",
        "a module does something while it is imported",
        "Importing a module should only define classes. What it did besides, such as starting a process "
        "or installing a signal handler, was taken back or may do harm. This is a warning.",
    ),
    ErrorCode(
        "FR412",
        "a function that cannot be a task",
        "No task can be made of the function or method with `@task` above it. A method needs an object: make one in "
        "the module and give it to `bind`. For a function the message says which parameter is the reason.",
        "class Warehouse:\n    @task\n    def load(self, day: str) -> None: ...",
        "class Warehouse:\n    @task\n    def load(self, day: str) -> None: ...\n\n\nbind(Warehouse())",
    ),
    ErrorCode(
        "FR413",
        "the module of a job in Python cannot be imported",
        "A job was named as `module:job` or `path/to/file.py:job`, and importing that module raised an error. The "
        "place is the line of your code that failed.",
    ),
    ErrorCode(
        "FR414",
        "the user's configuration cannot be used",
        "A task names a pool that the job does not have, so it is looked for in the user's `config.toml`, which cannot "
        "be read or has a mistake. The file is TOML: a table `[pools]` with a number of slots for each name.",
        '[pools]\nwarehouse = "4"',
        "[pools]\nwarehouse = 4",
    ),
    ErrorCode(
        "FR415",
        "no worker offers a task of this name",
        "The task has no class in the project, and none of the workers that are alive on the queue of its executor "
        "offers its name. Workers may still come, so this is a warning: the run waits for them for a while. "
        "`flowrun workers` lists who is alive and what they offer.",
    ),
    ErrorCode(
        "FR416",
        "the workers of an executor cannot be asked",
        "Tasks without a class in the project are checked against what their workers announce, and the service in "
        "between does not answer now, or what they announce cannot be read. This is a warning; wrong parameters are "
        "told when the task starts.",
    ),
    ErrorCode(
        "FR421",
        "a secret that nobody has",
        "None of the sources that were asked has a secret of this name: first the environment, then `.env` in the "
        "project, then those under `secrets:` in their order.",
        "tasks:\n  load:\n    task: Load\n    secrets: [DB_PASWORD]",
        "tasks:\n  load:\n    task: Load\n    secrets: [DB_PASSWORD]",
    ),
    ErrorCode(
        "FR422",
        "a secret is too short",
        "Wherever a secret would be shown, `***` is shown in its place. With a secret of fewer than four characters "
        "that would hide parts of ordinary words, and tell more than it hides. Choose a longer one, or hand the value "
        "on as a parameter if it is none.",
    ),
    ErrorCode(
        "FR423",
        "a source of secrets cannot be asked",
        "`.env` cannot be read or has a line that is not of the form `NAME=VALUE`, or a source under `secrets:` has "
        "failed. No value is shown in the message.",
    ),
)

ERROR_CODES: dict[str, ErrorCode] = {entry.code: entry for entry in _ALL}
"""Every code, in ascending order."""
