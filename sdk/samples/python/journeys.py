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
    """What the bank refused, in its own words."""


def send(method, url, headers, body=None):
    """One call; again after a 429 or 503, as late as the bank says, with the same Idempotency-Key."""
    for attempt in range(4):
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=tls, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            if error.code not in (429, 503) or attempt == 3:
                raise Refused(f"{error.code} {text}") from None
            time.sleep(min(30, int(error.headers.get("Retry-After", "1"))))


def post_form(url, **form):
    body = urllib.parse.urlencode({"client_id": CLIENT_ID, **form}).encode()
    return send("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, body)


discovered = send("GET", f"{ISSUER}/.well-known/openid-configuration", {})
assert discovered["issuer"] == ISSUER
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
    assert back["state"] == state and back["iss"] == ISSUER
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
        headers["Idempotency-Key"] = str(uuid.uuid4())
        body = json.dumps(body).encode()
    return send(method, GATEWAY + path, headers, body)


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
    for _ in range(120):
        if call(token, "GET", f"/payments/v1/payments/{made}")["status"] == "ACSC":
            break
        time.sleep(0.5)
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
print(json.dumps(journeys[sys.argv[1]](), ensure_ascii=False))
