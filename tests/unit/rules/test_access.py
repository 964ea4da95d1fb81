"""Everybody changes what is its own or flexible; whoever governs decides over what is others'."""

from psmp.rules.access import governs, owners
from psmp.rules.project import Project
from psmp.words.events import ArtifactDeclared, ProjectCreated
from psmp.words.values import Change, Policy, Target
from tests.unit.rules.folding import told


def project(*, resolvers: tuple[str, ...] | None = None) -> Project:
    return told(
        ("ada", ProjectCreated(name="RAG", targets=(Target(),), policy=Policy(resolvers=resolvers))),
        ("bob", ArtifactDeclared(artifact="api", version=1, type="code")),
        ("eve", ArtifactDeclared(artifact="web", version=1, type="code", flexible=True)),
        ("eve", ArtifactDeclared(artifact="cli", version=1, type="code", flexible=False)),
    )


def change(artifact: str) -> Change:
    return Change(artifact=artifact, agent="x", name="numpy", constraint="")


def test_who_made_the_project_governs_it_and_so_do_its_resolvers() -> None:
    assert governs(project(), "ada")
    assert not governs(project(), "bob")
    assert governs(project(resolvers=("bob", "eve")), "bob")
    assert governs(project(resolvers=("bob", "eve")), "ada")
    assert not governs(project(resolvers=()), "eve")


def test_owners_agree_to_what_is_neither_flexible_nor_of_who_wants_it() -> None:
    changes = [change("web"), change("cli"), change("api"), change("api")]
    assert owners(project(), changes) == ("bob", "eve")
    assert owners(project(), changes, "bob") == ("eve",)
    assert owners(project(), [change("web")]) == ()
    assert owners(project(), []) == ()
