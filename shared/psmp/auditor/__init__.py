"""Verifies a bundle of PSMP's record, offline, trusting nobody but the keys it is given.

    python -m auditor BUNDLE --keys FILE [--since FILE]... [--receipts FILE]... [--witnesses N] [--signed] [--json]

This folder needs Python 3.11 and the ``cryptography`` package and nothing else of PSMP: copied anywhere, it can be read
and run alone. Begin reading with ``audit.py``; ``signed.py`` is what it believes, ``bundle.py`` what it reads.
BUNDLE is a folder with a ``manifest.json`` or a .zip of one, or a single log as .jsonl, for which it needs ``--since``.

1. The manifest has the fields that it should and no other; where ``manifest.note`` is there, or ``--signed`` asks for
   it, a trusted statement key has signed the manifest; the files have the SHA-256 that the manifest says.
2. Every checkpoint is a C2SP signed note of this log that a trusted log key of this deployment has signed, each of more
   records than the one before; with ``--witnesses`` the last of a log is cosigned by so many that are trusted.
3. Every record is one line of JSON without a name twice, of this project, numbered 1, 2, 3, ... without a gap, and it
   names in ``prev`` the hash of the record before it: SHA-256(0x00 || bytes), RFC 6962. Of the first records only the
   hashes may be left (``{"pruned":"..."}``), where a checkpoint covers them.
4. At the size of every checkpoint the records have the signed root; no checkpoint is of more records than there are.
5. The same for checkpoints that were kept from before (``--since``: a note, or one JSON string a line); and the anchor
   log, where there is one, is whole and names each log's checkpoints, these and no others.
6. Every receipt (``--receipts``, as ``--since``) is signed by a trusted receipt key, and the record that it promises is
   there with that hash.

Ends with 0 when all of it holds, with 7 when it does not, with 2 when it was asked wrongly or cannot read what it was
given, with 4 when nothing is there. Memory does not grow with the number of records.
"""
