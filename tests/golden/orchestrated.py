"""A graph of agents as a log: a review that fails, a slot that fails, persons who agree, a settlement, a graph given up.

May be changed until it is released. Each step is who wrote it, in whose name, how many events back is its cause (0: a
command), and the event as it is stored.
"""
# ruff: noqa: E501 - stored events are lines of their own

from typing import Final

from psmp.words.commands import (
    AbandonMaeg,
    ApproveMaeg,
    Command,
    CorrectSubPac,
    ReportSubPac,
    ReviewSubPac,
    SubmitMaeg,
)
from psmp.words.events import EVENTS
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.checks import ReportedTests
from tests.golden.steps import Step

WHOLE: Final = "orchestrated.jsonl"
KEY: Final = ProjectKey("default", "site")
SALT: Final = 16

_KINDS: Final = {event.KIND: event for event in EVENTS}
_TOLD: Final[tuple[tuple[str, str, int, str, str], ...]] = (
    (
        "intake",
        "owner",
        0,
        "project.created",
        r"""{"name":"Site","targets":[{"python":"3.11","platform":"linux"}],"policy":{"strict_mode":true,"auto_resolve":false,"max_concurrent_agents":5,"lease_seconds":30,"stall_seconds":3600}}""",
    ),
    (
        "intake",
        "owner",
        0,
        "project.transitioned",
        r"""{"origin":"INITIALIZED","to":"PLANNING","reason":"go","conflicts":[]}""",
    ),
    (
        "intake",
        "owner",
        0,
        "maeg.created",
        r"""{"maeg":"MAEG-P1","pac":"P1","graph":"542821e13d39eae2844575c23d1124966eb34a10544ff1c6ce6d87ab47bb794f","nodes":2,"packed":"eNqNUsFuozAQ/ZXKZ9ISpN1Dbl5wU6QGkOPd1WoVIQdcigo2AtOqivj3HRtoaLSVcvJ4/GbevOc5oVfRdqWSaIPWt+6tixxUc1HAdYfJdpWsIdHwDG1O44FspuJSdGjz92QjyGYqF2hwPu65yjo0HBzEm6ZVwAG5SvAcarnWom40lHsO6jLViLG5fjYdUddmdwgKtVKVTRSlNvdjnxdCp3WZtQry31zXHQYHSSAeJzERsLRKaWDR76Yviqn/kNI4Zna4CSLXZwDekoilURwQM1ohpIakPVfrOZNKXlusudzM+mfVIKI/pqM5+/64SrAPtq2wwaleN72RejKhOSbaUmpRgCtGQvYsspdRgw3hmZE926eUJDFlJDCEgndQ7xkVMwhTFt5jn6XY90licMNhqdK7SqX3f5XelSq9a1WW8gMjxfVOPPzc4Qic+BWS30DVqkqcV6kTmZI5FHyHZVhq51W1FL+lZItZGEfLLRAyP2MYobswwo92Zyel4yBff67m3Ytd9RvYUNP4a4c+Q4FCwDKP/Z9aVS/WVl3sZ0ASEgUk8v9Yigk9ItTFLweY4fT+MTZGPVXq7fwj1vNh2cCbG3yy6gemNCR0STW9q0vHloMdhn9lq08N"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "subpac.issued",
        r"""{"maeg":"MAEG-P1","node":"n1","sub_pac":"Sub-PAC-P1-A1","attempt":1,"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "subpac.issued",
        r"""{"maeg":"MAEG-P1","node":"n2","sub_pac":"Sub-PAC-P1-A2","attempt":1,"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":1,"inputs":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","token":{"agent":"agent-1","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "slot.granted",
        r"""{"agent":"agent-1","lease_seconds":30,"term_seconds":3600,"assignment":{"maeg":"MAEG-P1","node":"n1","attempt":1,"token":"01a1fd8c-8070-7dfe-ab4b-bcb45201ceff"}}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "artifact.declared",
        r"""{"artifact":"app","version":1,"type":"code","summary":"","dependencies":[],"paths":[{"path":"src/app.py","mode":"write"}],"metadata":{},"fence":7}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "subpac.executed",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":1,"fence":7,"outputs":{"out":1},"tools":["git"],"used":[],"cost_micros":1000}""",
    ),
    (
        "checker",
        "psmp_checker",
        2,
        "artifact.accepted",
        r"""{"artifact":"app","version":1,"witness":{},"warnings":[],"unchecked":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "ber.generated",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":1,"ber":{"verdict":"FAIL","findings":[{"check":"NO_OPEN_CONFLICT","verdict":"PASS","text":""},{"check":"OUTPUTS_VALID","verdict":"PASS","text":""},{"check":"SCOPE_KEPT","verdict":"PASS","text":""},{"check":"LANE_KEPT","verdict":"PASS","text":""},{"check":"NO_SIDE_CHANNEL","verdict":"PASS","text":""},{"check":"TIME_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"COST_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"TESTS_REPORTED","verdict":"FAIL","text":"no tests are reported"},{"check":"ARTIFACT_ACCEPTED","verdict":"PASS","text":""}]},"made":[{"artifact":"app","version":1,"type":"code","accepted":true,"paths":["src/app.py"],"dependencies":[]}],"cost_micros":1000}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "subpac.issued",
        r"""{"maeg":"MAEG-P1","node":"n1","sub_pac":"Sub-PAC-P1-A1","attempt":2,"correction":{"findings":[{"check":"TESTS_REPORTED","verdict":"FAIL","text":"no tests are reported"}],"reason":""},"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":2,"inputs":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","token":{"agent":"agent-1","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "slot.granted",
        r"""{"agent":"agent-1","lease_seconds":30,"term_seconds":3600,"assignment":{"maeg":"MAEG-P1","node":"n1","attempt":2,"token":"01a1fd8c-9bc8-75ce-a3e0-33ca0f42f51b"}}""",
    ),
    ("intake", "agent-1", 0, "slot.failed", r"""{"agent":"agent-1","fence":14,"failure":"the disk is full"}"""),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "subpac.failed",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":2,"cause":"EXECUTION_ERROR","reason":"the disk is full"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "alert.raised",
        r"""{"alert":"maeg-P1-n1-failed","severity":"high","text":"n1 of MAEG-P1 has failed 2 times, last: the disk is full","hint":"psmp maeg correct MAEG-P1 n1, or psmp maeg abandon MAEG-P1","person":true}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "command.refused",
        r"""{"command":"subpac.correct","code":"NOT_ALLOWED","reason":"agent-1 does not govern the project","hint":"ask owner","conflicts":[]}""",
    ),
    (
        "intake",
        "owner",
        0,
        "subpac.issued",
        r"""{"maeg":"MAEG-P1","node":"n1","sub_pac":"Sub-PAC-P1-A1","attempt":3,"correction":{"findings":[],"cause":"EXECUTION_ERROR","reason":"there is room again","by":"owner"},"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":3,"inputs":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","token":{"agent":"agent-1","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "alert.cleared",
        r"""{"alert":"maeg-P1-n1-failed","reason":"nobody is waited for any more"}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "slot.granted",
        r"""{"agent":"agent-1","lease_seconds":30,"term_seconds":3600,"assignment":{"maeg":"MAEG-P1","node":"n1","attempt":3,"token":"01a1fd8c-b720-7495-8f6e-bfd8a69f6041"}}""",
    ),
    (
        "intake",
        "agent-1",
        0,
        "subpac.executed",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":3,"fence":22,"outputs":{"out":1},"tools":[],"used":[],"cost_micros":500,"tests":{"passed":2,"failed":0}}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "ber.generated",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":3,"ber":{"verdict":"PASS","findings":[{"check":"NO_OPEN_CONFLICT","verdict":"PASS","text":""},{"check":"OUTPUTS_VALID","verdict":"PASS","text":""},{"check":"SCOPE_KEPT","verdict":"PASS","text":""},{"check":"LANE_KEPT","verdict":"PASS","text":""},{"check":"NO_SIDE_CHANNEL","verdict":"PASS","text":""},{"check":"TIME_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"COST_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"TESTS_REPORTED","verdict":"PASS","text":""},{"check":"ARTIFACT_ACCEPTED","verdict":"PASS","text":""}]},"made":[{"artifact":"app","version":1,"type":"code","accepted":true,"paths":["src/app.py"],"dependencies":[]}],"cost_micros":500}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":1,"inputs":"335929a4e59b0860ec04c620c1284dace74c00f7eadaadce7a18d6deba6c544e","token":{"agent":"agent-2","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "pdo.finalized",
        r"""{"maeg":"MAEG-P1","node":"n1","attempt":3,"pdo":"1dfb855812b08a5472cad72a9c0e9bbd770f9a71e7b7e48c453cf8ba4e7c101f"}""",
    ),
    (
        "intake",
        "agent-2",
        0,
        "command.refused",
        r"""{"command":"slot.request","code":"GS_203","reason":"agent-2 works in MAEG-P1 and starts by a token: n2 is DISPATCHED","hint":"listen for what is dispatched to you, and show its token","conflicts":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "subpac.failed",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":1,"cause":"TOKEN_EXPIRED","reason":"agent-2 did not begin by 2026-11-21T00:01:00.025000Z"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "subpac.issued",
        r"""{"maeg":"MAEG-P1","node":"n2","sub_pac":"Sub-PAC-P1-A2","attempt":2,"correction":{"findings":[],"cause":"TOKEN_EXPIRED","reason":"agent-2 did not begin by 2026-11-21T00:01:00.025000Z"},"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"inputs":"335929a4e59b0860ec04c620c1284dace74c00f7eadaadce7a18d6deba6c544e","token":{"agent":"agent-2","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    (
        "intake",
        "agent-2",
        0,
        "slot.granted",
        r"""{"agent":"agent-2","lease_seconds":30,"term_seconds":3600,"assignment":{"maeg":"MAEG-P1","node":"n2","attempt":2,"token":"01a1fd8c-de30-7f45-ad04-18f9d3e8c31b"}}""",
    ),
    (
        "intake",
        "agent-2",
        0,
        "subpac.executed",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"fence":31,"outputs":{"out":2},"tools":[],"used":[["n1","out"]],"cost_micros":0,"tests":{"passed":2,"failed":0}}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "ber.generated",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"ber":{"verdict":"PENDING","findings":[{"check":"NO_OPEN_CONFLICT","verdict":"PASS","text":""},{"check":"OUTPUTS_VALID","verdict":"PASS","text":""},{"check":"SCOPE_KEPT","verdict":"PASS","text":""},{"check":"LANE_KEPT","verdict":"PASS","text":""},{"check":"NO_SIDE_CHANNEL","verdict":"PASS","text":""},{"check":"TIME_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"COST_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"HUMAN_REVIEW","verdict":"PENDING","text":"a lead has yet to speak"}]},"made":[],"cost_micros":0}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "alert.raised",
        r"""{"alert":"maeg-P1-n2-review","severity":"high","text":"the result of n2 of MAEG-P1 waits for the word of a lead","hint":"psmp maeg review MAEG-P1 n2 --role 'lead'","person":true}""",
    ),
    (
        "intake",
        "owner",
        0,
        "command.refused",
        r"""{"command":"maeg.approve","code":"GS_205","reason":"1 outcomes are not final: n2","hint":"there is no aggregation before every node's outcome is final","conflicts":[]}""",
    ),
    (
        "intake",
        "owner",
        0,
        "subpac.reviewed",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"role":"lead","agrees":true,"reason":"good"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "ber.generated",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"ber":{"verdict":"PASS","findings":[{"check":"NO_OPEN_CONFLICT","verdict":"PASS","text":""},{"check":"OUTPUTS_VALID","verdict":"PASS","text":""},{"check":"SCOPE_KEPT","verdict":"PASS","text":""},{"check":"LANE_KEPT","verdict":"PASS","text":""},{"check":"NO_SIDE_CHANNEL","verdict":"PASS","text":""},{"check":"TIME_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"COST_WITHIN_LIMIT","verdict":"PASS","text":""},{"check":"HUMAN_REVIEW","verdict":"PASS","text":"owner: good"}]},"made":[],"cost_micros":0}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "pdo.finalized",
        r"""{"maeg":"MAEG-P1","node":"n2","attempt":2,"pdo":"7d295b7598a2f3910fb139b884d4c99c84544410a57480e51b0c8fb1456b15dc"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "pdo.aggregated",
        r"""{"maeg":"MAEG-P1","root":"fb65afd974d8e1e297cd2ccbc0ed520d7634e3dfb4eb0c7e234c10ec487c9228"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "alert.raised",
        r"""{"alert":"maeg-P1-approval","severity":"high","text":"all of MAEG-P1 is done and waits for a lead to agree","hint":"psmp maeg approve MAEG-P1","person":true}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "alert.cleared",
        r"""{"alert":"maeg-P1-n2-review","reason":"nobody is waited for any more"}""",
    ),
    (
        "intake",
        "owner",
        0,
        "maeg.approved",
        r"""{"maeg":"MAEG-P1","root":"fb65afd974d8e1e297cd2ccbc0ed520d7634e3dfb4eb0c7e234c10ec487c9228","reason":"all of it is good"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "alert.cleared",
        r"""{"alert":"maeg-P1-approval","reason":"nobody is waited for any more"}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "wrap.accepted",
        r"""{"maeg":"MAEG-P1","root":"fb65afd974d8e1e297cd2ccbc0ed520d7634e3dfb4eb0c7e234c10ec487c9228","checkpoint":"1000000 0000000000000000000000000000000000000000000000000000000000000000"}""",
    ),
    (
        "intake",
        "owner",
        0,
        "maeg.created",
        r"""{"maeg":"MAEG-P2","pac":"P2","graph":"2bb554e2b66d1c94c2044f9f907955311ea3a225c5d03c3eb2abc1dfea8cae75","nodes":2,"packed":"eNqNUlFvmzAQ/iuVn0lHkLaHvHngpkgNIMfbNE0RcoxLUcFGYDZNEf99Z0MaGq1Snnw+f3fffZ/vhH7Lrq+0Qhu0vvfvfeShhssSrjtMtqssgETLBdqcpgO5TM2V7NHm18lFkBW6kGj03u6FFj0aDx7ibdtp4IBcLXkBtdwY2bQGygMP9UK3cmpuXmxH1HfiE4JCo3XtEmVl7P04FKU0eVOJTkP+s+/74+ghBcTTJDYClk5rAyzmr+2LUho+5jRNmRtuhqj1BYC3JGF5kkbEjlZKZSDpztX6nMkVbxzWXu7Ws/6zahAxHPPJnP1wXGU4BNtW2OL0YNrBSj3Z0B4zbaWMLMEVK0G8SPE6aXAhPDOyZ/uckiyljESWUPIe6gOr4gzClMUPOGQ5DkOSWdx4WKoMblIZ/F9lcKPK4FaVlXrDKHm7E4/fdjgBJ77H5AdQdbqWl1XqpdCqgIIvsAxL7byul+K3lGwxi9NkuQVSFRcMI3QXJ/jJ7eysdBrk4881vH91q34HG2obf+zQeyhQSFjmqf9zp5vF2uqr/YxIRpKIJOFPRzGjJ4S++uUIM5w/PKXWqOda/7n8iPN8XDYIzg3eWfUVUxoTuqSa3/W1Y8vBDuM/dNxPEw=="}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        1,
        "subpac.issued",
        r"""{"maeg":"MAEG-P2","node":"n1","sub_pac":"Sub-PAC-P2-A1","attempt":1,"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        2,
        "subpac.issued",
        r"""{"maeg":"MAEG-P2","node":"n2","sub_pac":"Sub-PAC-P2-A2","attempt":1,"changed":[]}""",
    ),
    (
        "orchestrator",
        "psmp_orchestrator",
        3,
        "subpac.dispatched",
        r"""{"maeg":"MAEG-P2","node":"n1","attempt":1,"inputs":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","token":{"agent":"agent-1","seconds":60,"key":"psmp.localhost/dispatch+37bfc0fe+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"}}""",
    ),
    ("intake", "owner", 0, "maeg.abandoned", r"""{"maeg":"MAEG-P2","reason":"it was the wrong plan"}"""),
)
STEPS: Final = tuple(
    Step(service, actor, _KINDS[kind].model_validate_json(said), back) for service, actor, back, kind, said in _TOLD
)

GOLDEN: Final = frozenset(
    {
        *("maeg.created", "maeg.approved", "maeg.abandoned", "subpac.issued", "subpac.dispatched", "subpac.executed"),
        *("subpac.failed", "subpac.reviewed", "ber.generated", "pdo.finalized", "pdo.aggregated", "wrap.accepted"),
    }
)
"""The kinds of which the last event in this story is the golden one."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    (
        "owner",
        SubmitMaeg(
            graph="eNqNUsFuozAQ/ZXKZ9ISpN1Dbl5wU6QGkOPd1WoVIQdcigo2AtOqivj3HRtoaLSVcvJ4/GbevOc5oVfRdqWSaIPWt+6tixxUc1HAdYfJdpWsIdHwDG1O44FspuJSdGjz92QjyGYqF2hwPu65yjo0HBzEm6ZVwAG5SvAcarnWom40lHsO6jLViLG5fjYdUddmdwgKtVKVTRSlNvdjnxdCp3WZtQry31zXHQYHSSAeJzERsLRKaWDR76Yviqn/kNI4Zna4CSLXZwDekoilURwQM1ohpIakPVfrOZNKXlusudzM+mfVIKI/pqM5+/64SrAPtq2wwaleN72RejKhOSbaUmpRgCtGQvYsspdRgw3hmZE926eUJDFlJDCEgndQ7xkVMwhTFt5jn6XY90licMNhqdK7SqX3f5XelSq9a1WW8gMjxfVOPPzc4Qic+BWS30DVqkqcV6kTmZI5FHyHZVhq51W1FL+lZItZGEfLLRAyP2MYobswwo92Zyel4yBff67m3Ytd9RvYUNP4a4c+Q4FCwDKP/Z9aVS/WVl3sZ0ASEgUk8v9Yigk9ItTFLweY4fT+MTZGPVXq7fwj1vNh2cCbG3yy6gemNCR0STW9q0vHloMdhn9lq08N"
        ),
    ),
    ("owner", ApproveMaeg(maeg="MAEG-P1", reason="all of it is good")),
    ("owner", AbandonMaeg(maeg="MAEG-P2", reason="it was the wrong plan")),
    (
        "agent-1",
        ReportSubPac(
            fence=7,
            outputs={"out": 1},
            tools=("git",),
            used=(("n1", "out"),),
            cost_micros=1000,
            tests=ReportedTests(passed=2, failed=0),
        ),
    ),
    ("owner", ReviewSubPac(maeg="MAEG-P1", node="n2", role="lead", agrees=True, reason="good")),
    ("owner", CorrectSubPac(maeg="MAEG-P1", node="n1", reason="there is room again")),
)
