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
        "FR401",
        "a module cannot be imported",
        "A Python file of the project fails while it is imported. Only jobs that need a class from it are affected; "
        "in others this is a warning. The place is the line of your code that failed.",
    ),
    ErrorCode(
        "FR402",
        "no class of this name",
        "Nothing that was searched has a class of this name with the right decorator: `@task` above a task, `@logger` "
        "above a logger, and so on. Searched are `tasks/`, `extensions/` and `loggers/` below the project root, "
        "`config.extension_directories`, `config.extension_packages`, and installed plugins. A module that cannot be "
        "imported offers no classes.",
        "task: Lod",
        "task: Load",
    ),
    ErrorCode(
        "FR403",
        "two classes of one name",
        "Two files of the project have a class of this name, and nothing says which is meant. Rename one of them.",
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
        "A task names a pool that is not under `pools:`.",
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
)

ERROR_CODES: dict[str, ErrorCode] = {entry.code: entry for entry in _ALL}
"""Every code, in ascending order."""
