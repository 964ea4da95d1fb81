"""Who wants to know what: the TOML file of endpoints, read and checked as a whole before anything is sent."""

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from psmp.wire.webhooks import key_of
from psmp.words.ids import Id, ProjectKey
from psmp.words.values import Word
from psmp.words.webhooks import Kind

DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class Receiver(Protocol):
    """Who gets events: an endpoint of the file, or a webhook of a tenant.

    ``version`` changes with what it is, ``forbidden`` says why nothing may be posted there, if so.
    """

    @property
    def name(self) -> str:
        """What it is called among all."""

    @property
    def version(self) -> int:
        """Changes with what it is."""

    @property
    def forbidden(self) -> str:
        """Why nothing may be posted there at all."""

    @property
    def where(self) -> SplitResult:
        """The URL, taken apart."""

    @property
    def port(self) -> int:
        """The port to connect to."""

    @property
    def allow_private(self) -> bool:
        """Whether it may be inside."""

    @property
    def ca(self) -> Path | None:
        """A PEM file of authorities to trust instead of the usual ones."""

    def signing(self, now: float) -> tuple[str, ...]:
        """What to sign with at that Unix time; raises OSError and ValueError."""

    def wants(self, key: ProjectKey, kind: str, position: int) -> bool:
        """Whether an event of ``kind`` in that project, at ``position`` of the log, is to be posted to it."""


class Endpoint(Word):
    """One receiver: what happens in ``tenants`` (all, if none is named) of ``kinds`` is posted to ``url``.

    ``secret``, or the file ``secret_file``, has one secret, or two parted by a space while a new one is introduced.
    ``allow_http`` lets it be without TLS, ``allow_private`` lets it be inside: on this machine or in a private network.
    ``ca`` is a PEM file of authorities to trust instead of the usual ones.
    """

    name: Id
    url: Annotated[str, StringConstraints(max_length=2000)]
    secret: str | None = Field(default=None, repr=False)
    secret_file: Path | None = None
    tenants: tuple[Id, ...] = ()
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = ("alert.*",)
    allow_http: bool = False
    allow_private: bool = False
    ca: Path | None = None

    @field_validator("secret_file", "ca", mode="before")
    @classmethod
    def _as_path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) else value

    @field_validator("tenants", "kinds", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            where, port = self.where, self.where.port
        except ValueError as error:
            raise ValueError(f"url: {error}") from None
        if where.scheme not in DEFAULT_PORTS or not where.hostname:
            raise ValueError("url: it must be https://host/path")
        if where.scheme == "http" and not self.allow_http:
            raise ValueError("url: it is not https; allow_http = true lets it be so")
        if where.username is not None or where.password is not None or where.fragment or port == 0:
            raise ValueError("url: it must have no name, password or fragment")
        if not self.url.isascii() or any(character <= " " for character in self.url):
            raise ValueError("url: write it in ASCII, with % for everything else")
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("secret: give either secret or secret_file")
        if not self.secrets:
            raise ValueError("secret: there is none")
        for secret in self.secrets:
            key_of(secret)
        return self

    @property
    def where(self) -> SplitResult:
        """The URL, taken apart."""
        return urlsplit(self.url)

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self.where.port or DEFAULT_PORTS[self.where.scheme]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What to sign with; read anew each time where it stands in a file, so that it can be changed."""
        return tuple((self.secret if self.secret_file is None else self.secret_file.read_text()).split())  # type: ignore[union-attr]

    @property
    def version(self) -> int:
        """A file knows of no other."""
        return 0

    @property
    def forbidden(self) -> str:
        """Why nothing may be posted there; whoever wrote the file has said that it may."""
        return ""

    def signing(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - see Receiver
        """What to sign with; raises what reading the file does."""
        return self.secrets

    def wants(self, key: ProjectKey, kind: str, position: int = 0) -> bool:  # noqa: ARG002 - see Receiver
        """Whether an event of ``kind`` in that project is to be posted to it."""
        return (not self.tenants or key.tenant in self.tenants) and any(fnmatchcase(kind, each) for each in self.kinds)


class Unusable(ValueError):
    """A file of endpoints cannot be used; the text says what is wrong with each."""


class _Listed(Word):
    version: Literal[1] = 1
    webhook: tuple[Endpoint, ...] = ()

    @field_validator("webhook", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


def read(path: Path) -> tuple[Endpoint, ...]:
    """The endpoints in a file, one ``[[webhook]]`` each; raises ``Unusable``."""
    try:
        found = _Listed.model_validate(tomllib.loads(path.read_text())).webhook
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        text = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
        raise Unusable(f"{path}: {text}") from None
    except (OSError, ValueError) as error:
        raise Unusable(f"{path}: {error}") from None
    if double := _double(each.name for each in found):
        raise Unusable(f"{path}: two are called {double}")
    return found


def _double(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]
