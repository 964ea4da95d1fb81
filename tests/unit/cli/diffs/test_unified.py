"""Unified diffs as git and diff write them, and as nobody should."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.cli.diffs.faults import DiffFault
from psmp.cli.diffs.unified import blob_id, parse
from psmp.compat.paths.edits import Edit, FileChange

FULL = "9f2c1e7" + "0" * 33


def edits_of(text: bytes) -> tuple[Edit, ...]:
    (change,) = parse(text)
    assert change.edits is not None
    return change.edits


def hunks(body: bytes, name: bytes = b"app.py") -> bytes:
    return b"diff --git a/%s b/%s\nindex %s..%s 100644\n--- a/%s\n+++ b/%s\n%s" % (
        name, name, FULL.encode(), b"1" * 40, name, name, body,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "edits"),
    [
        (b"@@ -3 +3 @@ def f():\n-a\n+b\n", [(3, [b"a\n"], [b"b\n"])]),
        (b"@@ -3,0 +4,2 @@\n+a\n+b\n", [(4, [], [b"a\n", b"b\n"])]),
        (b"@@ -0,0 +1 @@\n+a\n", [(1, [], [b"a\n"])]),
        (b"@@ -3,2 +2,0 @@\n-a\n-b\n", [(3, [b"a\n", b"b\n"], [])]),
        (b"@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n-d\n+D\n e\n", [(2, [b"b\n"], [b"B\n"]), (4, [b"d\n"], [b"D\n"])]),
        (b"@@ -1,2 +1,3 @@\n a\n+x\n b\n", [(2, [], [b"x\n"])]),
        (b"@@ -1,2 +1,2 @@\n+x\n a\n-b\n", [(1, [], [b"x\n"]), (2, [b"b\n"], [])]),
        (b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", [(1, [b"a"], [b"a\n"])]),
        (b"@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", [(1, [b"a\n"], [b"b"])]),
        (b"@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ Kein Zeilenumbruch am Dateiende.\n", [(1, [b"a\n"], [b"b\n"])]),
        (b"@@ -1,2 +1 @@\n--- a/other\n c\n", [(1, [b"-- a/other\n"], [])]),
        (b"@@ -1 +1,2 @@\n+++ b/other\n c\n", [(1, [], [b"++ b/other\n"])]),
        (b"@@ -1,2 +1,2 @@\n-a\r\n+b\r\n c\r\n", [(1, [b"a\r\n"], [b"b\r\n"])]),
        (b"@@ -1,3 +1,3 @@\n-a\x0cb\rc\x85\n+\xff\xfe\n \n\n", [(1, [b"a\x0cb\rc\x85\n"], [b"\xff\xfe\n"])]),
        (b"@@ -1 +1 @@\n-a\n+b\n@@ -2 +2 @@\n-c\n+d\n", [(1, [b"a\n", b"c\n"], [b"b\n", b"d\n"])]),
    ],
)
def test_a_hunk_is_told_by_the_lines_that_change(
    body: bytes, edits: list[tuple[int, list[bytes], list[bytes]]]
) -> None:
    assert edits_of(hunks(body)) == tuple(Edit(start, tuple(old), tuple(new)) for start, old, new in edits)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b'"a/\\303\\274ber.py" "b/\\303\\274ber.py"', "\u00fcber.py"),
        (b"a/a b.py b/a b.py", "a b.py"),
        (b"a/x b/x b/x b/x", "x b/x"),
        (b'"a/say \\"hi\\".py" "b/say \\"hi\\".py"', 'say "hi".py'),
        (b"src/x.py src/x.py", "src/x.py"),
        (b"a/x a/x", "a/x"),
        (b"i/x w/x", "x"),
    ],
)
def test_a_name_is_read_as_git_writes_it(name: bytes, path: str) -> None:
    (change,) = parse(b"diff --git %s\nold mode 100644\nnew mode 100755\n" % name)
    assert change == FileChange(path, "write", edits=())


def test_a_name_that_is_quoted_on_one_side_alone_is_read() -> None:
    text = b'diff --git a/x "b/\\303\\274"\nsimilarity index 100%\nrename from x\nrename to "\\303\\274"\n'
    assert parse(text) == (FileChange("x", "delete", edits=(), moved="ü"), FileChange("ü", "create"))


def test_a_file_that_is_created_is_known_by_the_blob_that_it_becomes() -> None:
    blob = blob_id(b"hello\n")
    assert blob == "ce013625030ba8dba906f756967f9e9ca394464a"
    for index in (b"index 0000000..ce01362\n", b"index %s..%s\n" % (b"0" * 40, blob.encode()), b""):
        text = b"diff --git a/x b/x\nnew file mode 100644\n%s--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+hello\n" % index
        assert parse(text) == (FileChange("x", "create", None, blob, (Edit(1, (), (b"hello\n",)),)),)
    long = blob_id(b"hello\n", "0" * 64)
    text = b"diff --git a/x b/x\nnew file mode 100644\nindex %s..%s\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+hello\n"
    assert parse(text % (b"0" * 64, long.encode()))[0].result == long


def test_an_empty_file_that_is_created_or_deleted_has_no_hunk() -> None:
    empty = blob_id(b"")
    made = b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n"
    gone = b"diff --git a/y b/y\ndeleted file mode 100644\nindex e69de29..0000000\n"
    assert parse(made + gone) == (
        FileChange("x", "create", None, empty, ()),
        FileChange("y", "delete", "e69de29", None, ()),
    )


def test_a_short_id_of_other_content_stays_short() -> None:
    text = (
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1234567\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"
    )
    assert parse(text)[0].result == "1234567"


def test_a_rename_is_a_deletion_that_says_where_to_and_what_changes_and_a_creation() -> None:
    text = (
        b"diff --git a/old.py b/new.py\nsimilarity index 90%\nrename from old.py\nrename to new.py\n"
        b"index 1234567..89abcde 100644\n--- a/old.py\n+++ b/new.py\n@@ -1 +1 @@\n-a\n+b\n"
    )
    edits = (Edit(1, (b"a\n",), (b"b\n",)),)
    created = FileChange("new.py", "create", None, "89abcde")
    assert parse(text) == (created, FileChange("old.py", "delete", "1234567", None, edits, "new.py"))
    assert parse(text.replace(b"rename", b"copy")) == (FileChange("new.py", "create", None, "89abcde"),)


def test_what_is_no_text_is_changed_whole() -> None:
    index = b"diff --git a/p.png b/p.png\nindex 1234567..89abcde 100644\n"
    whole = FileChange("p.png", "write", "1234567", "89abcde")
    assert parse(index + b"Binary files a/p.png and b/p.png differ\n") == (whole,)
    patch = b"GIT binary patch\nliteral 3\nKcmYdfVr2jT0001\n\nliteral 0\nHcmV?d00001\n\n"
    assert parse(index + patch + b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n") == (
        whole,
        FileChange("x", "write", edits=()),
    )


def test_a_submodule_is_changed_whole_and_so_is_a_file_that_becomes_a_link() -> None:
    module = (
        b"diff --git a/lib b/lib\nindex 1234567..89abcde 160000\n--- a/lib\n+++ b/lib\n@@ -1 +1 @@\n"
        b"-Subproject commit 1234567\n+Subproject commit 89abcde\n"
    )
    assert parse(module) == (FileChange("lib", "write", "1234567", "89abcde"),)
    link = (
        b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1234567..0000000\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n"
        b"-a\ndiff --git a/x b/x\nnew file mode 120000\nindex 0000000..89abcde\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n"
        b"+y\n\\ No newline at end of file\n"
    )
    assert parse(link) == (FileChange("x", "write", "1234567", "89abcde"),)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"a/src/x.py", b"b/src/x.py", "src/x.py"),
        (
            b"src/x.py\t2026-11-01 10:00:00.000000000 +0000",
            b"src/x.py\t2026-11-02 10:00:00.000000000 +0000",
            "src/x.py",
        ),
        (b"before/src/x.py", b"after/src/x.py", "src/x.py"),
        (b"x.py.orig", b"x.py", "x.py"),
        (b"./x.py", b"./x.py", "x.py"),
    ],
)
def test_a_diff_that_is_not_git_s_is_read_too(old: bytes, new: bytes, path: str) -> None:
    text = b"diff -u old new\n--- %s\n+++ %s\n@@ -1 +1 @@\n-a\n+b\n" % (old, new)
    assert parse(text) == (FileChange(path, "write", None, None, (Edit(1, (b"a\n",), (b"b\n",)),)),)


def test_creation_and_deletion_are_told_by_dev_null_too() -> None:
    text = b"--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    assert [(change.path, change.mode) for change in parse(text)] == [("new", "create"), ("old", "delete")]


def test_a_mail_s_text_is_passed_over_and_line_ends_of_its_own_do_not_matter() -> None:
    patch = hunks(b"@@ -1 +1 @@\n-a\n+b\n")
    mail = b"From 1234 Mon Sep 17\nSubject: --- x\n\n--- \n app.py | 2 +-\n\n" + patch + b"-- \n2.39.5\n"
    assert parse(mail) == parse(patch)
    assert parse(b"") == parse(b"no diff at all\n") == ()
    headers, body = patch.split(b"@@ -1 +1 @@\n")
    assert parse(headers.replace(b"\n", b"\r\n") + b"@@ -1 +1 @@\r\n" + body) == parse(patch)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (hunks(b"@@ -1,2 +1 @@\n-a\n"), 6, "the hunk ends before its count of lines"),
        (hunks(b"@@ -1 +1,5 @@\n-a\n+b\n"), 7, "the hunk ends before its count of lines"),
        (hunks(b"@@ -1 +1 @@\n-a\nb\n"), 7, "the hunk ends before its count of lines"),
        (hunks(b"@@ -5 +5 @@\n-a\n+b\n@@ -2 +2 @@\n-a\n+b\n"), 10, "hunks out of order"),
        (b"@@ -1 +1 @@\n-a\n+b\n", 1, "a hunk of no file"),
        (b"diff --cc x\nindex 1,2..3\n", 1, "a merge's combined diff"),
        (b"Binary files a/x and b/x differ\n", 1, "a file of which nothing is told"),
        (b"Only in b: x\n", 1, "a file of which nothing is told"),
        (b"diff --git a/x b/y\nold mode 100644\nnew mode 100755\n", 1, "the name of the file is not told"),
        (hunks(b"@@ -1 +1 @@\n-a\n+b\n") * 2, 14, "app.py is changed twice"),
        (hunks(b"@@ -1 +1 @@\n-a\n+b\n", b"../x"), 1, "leads upwards with '..'"),
        (hunks(b"@@ -1 +1 @@\n-a\n+b\n", b"/etc/passwd"), 1, "is absolute"),
        (b'diff --git "a/x\\\\y" "b/x\\\\y"\nold mode 100644\nnew mode 100755\n', 1, "holds a backslash"),
        (b'diff --git "a/\\377" "b/\\377"\nold mode 100644\nnew mode 100755\n', 1, "is not UTF-8"),
        (b'diff --git "a/x\\n" "b/x\\n"\nold mode 100644\nnew mode 100755\n', 1, "holds a control character"),
        (hunks(b"@@ -1 +1 @@\n-a\n+b\n", b"x/"), 1, "x/ is no file"),
    ],
)
def test_what_is_not_understood_is_a_fault_at_its_line(text: bytes, line: int, problem: str) -> None:
    with pytest.raises(DiffFault) as caught:
        parse(text, "some.diff")
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"some.diff:{line}: ")
    assert caught.value.hint


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(hunks(b"@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ No\n").split(b"\n")), max_size=12))
def test_no_order_of_lines_breaks_the_reading(lines: list[bytes]) -> None:
    try:
        changes = parse(b"\n".join(lines))
    except DiffFault:
        return
    assert all(change.path == "app.py" for change in changes)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_bytes_break_the_reading(head: bytes, tail: bytes) -> None:
    for text in (head, hunks(head), hunks(b"@@ -1 +1 @@\n" + tail), b"diff --git " + head + b"\n" + tail):
        try:
            parse(text)
        except DiffFault as fault:
            assert fault.hint  # noqa: PT017 - that it has one is all there is to say


def test_a_huge_diff_is_read_in_one_go() -> None:
    body = b"".join(b"@@ -%d +%d @@\n-a\n+b\n" % (2 * n, 2 * n) for n in range(1, 20_001))
    assert len(edits_of(hunks(body))) == 20_000
