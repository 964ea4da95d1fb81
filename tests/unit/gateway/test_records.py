"""Who needs what: the packages of a project with the declarations that ask for them."""

from psmp.rules.status import describe
from psmp.words.ids import ProjectKey
from psmp_gateway.rules.records import packages
