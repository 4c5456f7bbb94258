"""What a caller of ours adds to each generated call: a token that fits it, a key of its own, and now and then an id that exists."""
import json
import os
import random
import urllib.request
import uuid

import schemathesis

DESK = os.environ["PORTICO_WALK_DESK"]
chance = random.Random(2026)


def ask(question, about="token"):
    request = urllib.request.Request(
        DESK + about, json.dumps(question, default=str).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Tokens live five minutes and are bound to what the customer approved: each call gets its own."""
    body = case.body if isinstance(case.body, dict) else None
    operation = case.operation.definition.raw["operationId"]
    told = ask({"operation": operation, "body": body})
    headers = dict(case.headers or {})
    headers["Authorization"] = f"Bearer {told['token']}"
    if case.method.upper() == "POST" and chance.random() < 0.9:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    case.headers = headers
    for name, known in told["known"].items():
        if case.path_parameters and name in case.path_parameters and chance.random() < 0.7:
            case.path_parameters[name] = chance.choice(known)


@schemathesis.hook
def after_call(context, case, response):
    """What came, for the figures: a run in which everything was refused would prove little."""
    operation = case.operation.definition.raw["operationId"]
    ask({"operation": operation, "status": response.status_code}, "heard")
