"""Who needs what: the packages of a project with the declarations that ask for them."""

from psmp.words.values import Dependency
from psmp_gateway.rules.records import packages
from tests.unit.cli.examples import BLOCKED


def test_every_package_is_listed_with_all_who_need_it_and_why() -> None:
    found = packages(BLOCKED)
    assert [(each.ecosystem, each.name) for each in found] == sorted((each.ecosystem, each.name) for each in found)
    needs = {(need.need.name, need.artifact) for each in found for need in each.needs}
    standing = [each for each in BLOCKED.artifacts if each.status != "ARCHIVED"]
    assert needs == {(need.name, each.artifact) for each in standing for need in each.dependencies}
    for package in found:
        for need in package.needs:
            [artifact] = [each for each in standing if each.artifact == need.artifact]
            assert (need.agent, need.sequence, need.version) == (artifact.agent, artifact.sequence, artifact.version)


def test_a_conflict_stands_at_the_package_that_it_is_about_and_at_no_other() -> None:
    found = {package.name: package.conflicts for package in packages(BLOCKED)}
    [conflict] = BLOCKED.conflicts
    assert {name for name, conflicts in found.items() if conflicts} == {conflict.subject}
    elsewhere = conflict.model_copy(update={"ecosystem": "npm"})
    assert not any(each.conflicts for each in packages(BLOCKED.model_copy(update={"conflicts": (elsewhere,)})))
    nobodys = conflict.model_copy(update={"parties": ()})
    assert not any(each.conflicts for each in packages(BLOCKED.model_copy(update={"conflicts": (nobodys,)})))


def test_a_package_is_one_however_its_name_is_spelled() -> None:
    first, *_ = [each for each in BLOCKED.artifacts if each.status != "ARCHIVED"]
    needs = (Dependency(name="Typing_Extensions"), Dependency(name="left-Pad", ecosystem="npm"))
    other = first.model_copy(update={"artifact": "other", "dependencies": (Dependency(name="typing-extensions"),)})
    status = BLOCKED.model_copy(update={"artifacts": (first.model_copy(update={"dependencies": needs}), other)})
    found = {(each.ecosystem, each.name): [need.artifact for need in each.needs] for each in packages(status)}
    assert found == {("npm", "left-Pad"): [first.artifact], ("pypi", "typing-extensions"): [first.artifact, "other"]}


def test_what_is_withdrawn_needs_nothing() -> None:
    gone = tuple(each.model_copy(update={"status": "ARCHIVED"}) for each in BLOCKED.artifacts)
    assert packages(BLOCKED.model_copy(update={"artifacts": gone})) == ()
