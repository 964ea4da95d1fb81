"""``psmp signing-key make|public``: the keys that the ledger is signed with, and what others verify it by."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.output import writing
from psmp.ledger.keys import Use, misnamed, read_private
from psmp.ledger.notes import Malformed
from psmp.stack.keyfiles import add

KeyFile = Annotated[Path, Parameter(name="--file", help="The file of private keys.")]


def make(
    use: Annotated[Use, Parameter(help="What is signed with it.")],
    name: Annotated[
        str,
        Parameter(
            help="What it is called: psmp.example.org for log, psmp.example.org/receipts for receipt, "
            "psmp.example.org/statements for statement, anything for witness."
        ),
    ],
    *,
    file: KeyFile,
) -> Exit:
    """Append a new private key to a file for nobody else's eyes, and print its public line."""
    if right := misnamed(use, name):
        why = f"no {use} key is called {name}: nothing that it signs would be believed"
        raise Complaint(Exit.USAGE, why, f"psmp signing-key make {use} {right} --file {file}")
    try:
        verifier = add(file, use, name)
    except Malformed as error:
        raise Complaint(Exit.USAGE, str(error), "a log's is the name of the deployment, as psmp.example.org") from None
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror}", "name a file in a folder that is yours") from None
    with writing() as stdout:
        stdout.write(f"{use} {verifier}\n")
    return Exit.DONE


def public(*, file: KeyFile) -> Exit:
    """Print the public line of every key in a file of private keys."""
    try:
        keys = read_private(file.read_text(encoding="utf-8").splitlines())
    except Malformed as error:
        raise Complaint(Exit.USAGE, f"{file}: {error}", "psmp signing-key make writes such a file") from None
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror}", "psmp signing-key make writes such a file") from None
    with writing() as stdout:
        for use, signers in keys.items():
            stdout.writelines(f"{use} {signer.verifier}\n" for signer in signers)
    return Exit.DONE
