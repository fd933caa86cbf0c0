"""The `livecrew` command: name guard, lazy command table, entry point. Each command's imports wait until it runs."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
_PACKAGES = ("knowledge", "prompts", "agents", "api", "evals")
_MARKER = '"""LiveCrew'

_COMMANDS = {
    "demo": ("api.commands.serve", "Start LiveCrew with a demo shop and print the page to open."),
    "serve": ("api.commands.serve", "Start the service for the shops in the database."),
    "worker": ("api.commands.worker", "Run background jobs only; start as many as you like."),
    "ingest": ("api.commands.ingest", "Add files or folders to a shop's knowledge, with progress."),
    "import": ("api.commands.import_", "Import products, stock, orders and more from csv, xlsx or json."),
    "search": ("api.commands.search", "Show what a question finds, with scores."),
    "ask": ("api.commands.ask", "Put one question to the service desk and print its cited answer."),
    "doctor": ("api.commands.doctor", "Check database, index and model; repair what has drifted."),
    "shop": ("api.commands.shop", "Create a shop, or an API key for one."),
    "operator": ("api.commands.operator", "Accounts of the console: the first one, or a lost password."),
    "chatwoot": ("api.commands.chatwoot", "Connect a shop to Chatwoot as an agent bot, and watch over it."),
    "eval": ("evals.command", "Run an evaluation suite; figures as a table, JSON or an HTML report."),
    "vectors": ("evals.vectors", "Rebuild the shipped vector pack of law cards and demo documents."),
}


def _foreign_package() -> str | None:
    """One sentence naming the first of our packages that another distribution shadows, or None."""
    for name in _PACKAGES:
        spec = find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None:
            return f"The package {name} is missing beside {_ROOT}; reinstall LiveCrew in an environment of its own."
        ours = origin.parent.parent == _ROOT and origin.read_text(encoding="utf-8").startswith(_MARKER)
        if not ours:
            return f"The package {name} is taken by {origin.parent}; install LiveCrew in an environment of its own."
    return None


def _usage() -> str:
    width = max(map(len, _COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in _COMMANDS.items()]
    return "\n".join(
        ["usage: livecrew COMMAND [options]", "", "The AI crew of a live-commerce shop.", "", "commands:", *lines, "",
         "`livecrew COMMAND --help` shows the options of one command."]
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if culprit := _foreign_package():
        print(culprit, file=sys.stderr)
        return 3
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_usage())
        return 0
    if arguments[0] == "--version":
        from importlib.metadata import version

        print(version("livecrew"))
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in _COMMANDS:
        print(f"livecrew: there is no command {name}; `livecrew --help` lists them.", file=sys.stderr)
        return 2
    from api.logs import configure
    from knowledge.kit.errors import LiveCrewError

    configure("console", quiet=True)
    try:
        return int(import_module(_COMMANDS[name][0]).run(name, rest))
    except LiveCrewError as error:
        print(f"livecrew {name}: {error.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
