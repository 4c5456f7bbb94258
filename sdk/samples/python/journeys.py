"""The three journeys with Python's own library."""

import base64
import hashlib
import json
import os
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ISSUER = os.environ["PORTICO_ISSUER"]
GATEWAY = os.environ["PORTICO_GATEWAY"]
CLIENT_ID = os.environ["PORTICO_CLIENT_ID"]
BACK = "https://partner.example/back"

tls = ssl.create_default_context(cafile=os.environ["PORTICO_CA_FILE"])
tls.load_cert_chain(os.environ["PORTICO_CERT_FILE"], os.environ["PORTICO_KEY_FILE"])


class Refused(Exception):
    """What the bank or the customer refused, in their own words."""


def send(method, url, headers, body=None, repeatable=False):
    """One call; again after a 429 or 503, as late as the bank says; after a broken line where doing it twice does it once."""
    for attempt in range(1, 5):
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=tls, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After", "1")
            later = error.code in (429, 503) and wait.isdigit() and int(wait) <= 30
            if not later or attempt == 4:
                raise Refused(f"{error.code} {error.read().decode()}") from None
            time.sleep(int(wait))
        except OSError:
            if not repeatable or attempt == 4:
                raise
            time.sleep(attempt)


def post_form(url, **form):
    body = urllib.parse.urlencode({"client_id": CLIENT_ID, **form}).encode()
    return send("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, body)


discovered = send("GET", f"{ISSUER}/.well-known/openid-configuration", {}, repeatable=True)
if discovered["issuer"] != ISSUER:
    raise Refused("the document is of another issuer")
# With a certificate the addresses that ask for one (RFC 8705, section 5).
endpoints = {**discovered, **discovered["mtls_endpoint_aliases"]}


def own_token(scope):
    answer = post_form(endpoints["token_endpoint"], grant_type="client_credentials", scope=scope)
    return answer["access_token"]


def consented(scope, details):
    """Sends the customer to the bank, and waits until they are back."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    state = secrets.token_urlsafe(16)
    pushed = post_form(
        endpoints["pushed_authorization_request_endpoint"],
        response_type="code",
        redirect_uri=BACK,
        scope=scope,
        state=state,
        code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        code_challenge_method="S256",
        authorization_details=json.dumps(details),
    )
    query = urllib.parse.urlencode({"client_id": CLIENT_ID, "request_uri": pushed["request_uri"]})
    print(f"open: {discovered['authorization_endpoint']}?{query}", flush=True)
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(sys.stdin.readline().strip()).query))
    # RFC 9207: a code of another server is not sent to this one.
    if back.get("state") != state or back.get("iss") != ISSUER:
        raise Refused("the customer came back from elsewhere")
    if "error" in back:
        raise Refused(f"{back['error']}: {back.get('error_description', 'the customer said no')}")
    answer = post_form(
        endpoints["token_endpoint"],
        grant_type="authorization_code",
        code=back["code"],
        redirect_uri=BACK,
        code_verifier=verifier,
    )
    return answer["access_token"]


def call(token, method, path, body=None):
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
        # One key for all attempts. Keep it beside your order, and a restart does not do it twice either.
        headers["Idempotency-Key"] = str(uuid.uuid4())
        body = json.dumps(body).encode()
    return send(method, GATEWAY + path, headers, body, repeatable=True)


def account(identification, **more):
    return {
        "schemeName": "UZ.AccountNumber",
        "identification": identification,
        "bankCode": "09998",
        **more,
    }


def government():
    question = {
        "account": account("80206000880000001001"),
        "name": "Dilnoza Rahimova",
        "purpose": "BENEFIT_PAYMENT",
        "legalReference": "Decree 123, case 4711",
    }
    return call(
        own_token("accounts:verify"), "POST", "/accounts/v1/ownership-verifications", question
    )


def telecom():
    consent = {
        "type": "urn:bank:card-issue:v1",
        "cardType": "virtual",
        "currency": "UZS",
        "purpose": {"code": "card-programme", "text": "A virtual card in our app"},
    }
    token = consented("cards:issue cards:read", [consent])
    return call(token, "POST", "/cards/v1/cards", {"cardType": "virtual", "currency": "UZS"})


def wait_until_settled(token, payment_id):
    """Asks now and then. A program that runs for long learns it from the webhook `payments.settled`."""
    for _ in range(120):
        status = call(token, "GET", f"/payments/v1/payments/{payment_id}")["status"]
        if status == "ACSC":
            return
        if status in ("RJCT", "CANC"):
            raise Refused(f"the payment ended as {status}")
        time.sleep(0.5)
    raise TimeoutError("the payment has not settled within a minute")


def marketplace():
    own = own_token("payments:split")
    programme = call(own, "GET", "/payments/v1/programme-account")
    payment = {
        "instructedAmount": {"amount": "1000000.00", "currency": "UZS"},
        "creditorAccount": programme["account"],
        "creditorName": programme["name"],
        "endToEndIdentification": f"ORDER-{time.time_ns() // 1_000_000}",
    }
    token = consented("payments", [{"type": "urn:bank:payment:v1", **payment}])
    made = call(token, "POST", "/payments/v1/payments", payment)["paymentId"]
    wait_until_settled(token, made)
    return call(
        own,
        "POST",
        "/payments/v1/split-payments",
        {
            "paymentId": made,
            "grossAmount": payment["instructedAmount"],
            "legs": [
                {
                    "legId": "textiles",
                    "destination": account("80208000480000102001", name="Chorsu Tekstil"),
                    "role": "seller",
                    "sharePpm": 600_000,
                },
                {
                    "legId": "bread",
                    "destination": account("80208000180000103001", name="Samarqand Non"),
                    "role": "seller",
                    "sharePpm": 233_333,
                },
                {
                    "legId": "fee",
                    "destination": account("80208000180000101003", name="Bozor Market"),
                    "role": "platform_fee",
                },
                {
                    "legId": "vat",
                    "destination": account(
                        "89802000780000106001", name="Davlat soliq qoʻmitasi gʻaznasi"
                    ),
                    "role": "tax",
                    "amount": {"amount": "107142.86", "currency": "UZS"},
                },
            ],
            "remainderTo": "fee",
        },
    )


journeys = {"government": government, "telecom": telecom, "marketplace": marketplace}
if len(sys.argv) != 2 or sys.argv[1] not in journeys:
    sys.exit(f"which journey? {', '.join(journeys)}")
try:
    print(json.dumps(journeys[sys.argv[1]]()))
except Refused as refused:
    sys.exit(str(refused))
