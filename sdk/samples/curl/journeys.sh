#!/usr/bin/env bash
# The three journeys with curl, openssl and sed.
set -euo pipefail

back=https://partner.example/back
tls=(--silent --show-error --fail-with-body --max-time 30 --cacert "$PORTICO_CA_FILE" --cert "$PORTICO_CERT_FILE" --key "$PORTICO_KEY_FILE")
# curl tries again after 429 and 503, as late as Retry-After says, and after a broken line, with the same key.
again=(--retry 3 --retry-connrefused --retry-max-time 60)

# The first member of a name in JSON on standard input.
member() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -1; }
chance() { openssl rand -hex 32; }
# The value of a name in an address.
asked() { sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p" <<<"$2" | sed 's/%3A/:/Ig; s/%2F/\//Ig'; }

# With a certificate the addresses that ask for one (RFC 8705, section 5).
known=$(curl "${tls[@]}" "${again[@]}" "$PORTICO_ISSUER/.well-known/openid-configuration")
aliases=$(sed 's/.*"mtls_endpoint_aliases" *: *{\([^}]*\)}.*/{\1}/' <<<"$known")
authorization=$(sed 's/"mtls_endpoint_aliases" *: *{[^}]*}//' <<<"$known" | member authorization_endpoint)
token_endpoint=$(member token_endpoint <<<"$aliases")
pushed_endpoint=$(member pushed_authorization_request_endpoint <<<"$aliases")

# Secrets go by standard input and files: arguments can be read by every program of the machine.
form() {
  local url=$1 field
  shift
  for field in "client_id=$PORTICO_CLIENT_ID" "$@"; do
    field=${field//\\/\\\\}
    echo "data-urlencode = \"${field//\"/\\\"}\""
  done | curl "${tls[@]}" --config - "$url"
}
own_token() { form "$token_endpoint" grant_type=client_credentials "scope=$1" | member access_token; }

# Sends the customer to the bank, and waits until they are back; the token is in $token then.
consented() {
  local verifier state challenge request came
  verifier=$(chance)
  state=$(chance)
  challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)
  request=$(form "$pushed_endpoint" response_type=code "redirect_uri=$back" "scope=$1" "state=$state" \
    "code_challenge=$challenge" code_challenge_method=S256 "authorization_details=[$2]" | member request_uri)
  echo "open: $authorization?client_id=$PORTICO_CLIENT_ID&request_uri=$request"
  read -r came
  # RFC 9207: a code of another server is not sent to this one.
  if [ "$(asked state "$came")" != "$state" ] || [ "$(asked iss "$came")" != "$PORTICO_ISSUER" ]; then
    echo 'the customer came back from elsewhere' >&2
    exit 1
  fi
  if [ -n "$(asked error "$came")" ]; then
    echo "the customer said no: $(asked error "$came")" >&2
    exit 1
  fi
  token=$(form "$token_endpoint" grant_type=authorization_code "code=$(asked code "$came")" \
    "redirect_uri=$back" "code_verifier=$verifier" | member access_token)
}

bearer() { printf 'Authorization: Bearer %s' "$1"; }
get() { curl "${tls[@]}" "${again[@]}" -H @<(bearer "$1") "$PORTICO_GATEWAY$2"; }
post() {
  curl "${tls[@]}" "${again[@]}" -H @<(bearer "$1") -H 'Content-Type: application/json' \
    -H "Idempotency-Key: $(chance)" --data-binary @- "$PORTICO_GATEWAY$2" <<<"$3"
}
account() { printf '"schemeName":"UZ.AccountNumber","identification":"%s","bankCode":"09998"' "$1"; }

government() {
  post "$(own_token accounts:verify)" /accounts/v1/ownership-verifications \
    "{\"account\":{$(account 80206000880000001001)},\"name\":\"Dilnoza Rahimova\",\"purpose\":\"BENEFIT_PAYMENT\",\"legalReference\":\"Decree 123, case 4711\"}"
}

telecom() {
  consented 'cards:issue cards:read' '{"type":"urn:bank:card-issue:v1","cardType":"virtual","currency":"UZS","purpose":{"code":"card-programme","text":"A virtual card in our app"}}'
  post "$token" /cards/v1/cards '{"cardType":"virtual","currency":"UZS"}'
}

# Asks now and then. A program that runs for long learns it from the webhook payments.settled.
wait_until_settled() {
  local status
  for _ in $(seq 120); do
    status=$(get "$token" "/payments/v1/payments/$1" | member status)
    case $status in
    ACSC) return ;;
    RJCT | CANC) echo "the payment ended as $status" >&2 && exit 1 ;;
    esac
    sleep 0.5
  done
  echo 'the payment has not settled within a minute' >&2
  exit 1
}

marketplace() {
  local own programme account_of payment made
  own=$(own_token payments:split)
  programme=$(get "$own" /payments/v1/programme-account)
  account_of=$(sed 's/.*"account" *: *{\([^}]*\)}.*/\1/' <<<"$programme")
  payment="\"instructedAmount\":{\"amount\":\"1000000.00\",\"currency\":\"UZS\"},\"creditorAccount\":{$account_of},\"creditorName\":\"$(sed 's/"account" *: *{[^}]*}//' <<<"$programme" | member name)\",\"endToEndIdentification\":\"ORDER-$(date +%s)\""
  consented payments "{\"type\":\"urn:bank:payment:v1\",$payment}"
  made=$(post "$token" /payments/v1/payments "{$payment}" | member paymentId)
  wait_until_settled "$made"
  post "$own" /payments/v1/split-payments "{\"paymentId\":\"$made\",\"grossAmount\":{\"amount\":\"1000000.00\",\"currency\":\"UZS\"},\"legs\":[
    {\"legId\":\"textiles\",\"destination\":{$(account 80208000480000102001),\"name\":\"Chorsu Tekstil\"},\"role\":\"seller\",\"sharePpm\":600000},
    {\"legId\":\"bread\",\"destination\":{$(account 80208000180000103001),\"name\":\"Samarqand Non\"},\"role\":\"seller\",\"sharePpm\":233333},
    {\"legId\":\"fee\",\"destination\":{$(account 80208000180000101003),\"name\":\"Bozor Market\"},\"role\":\"platform_fee\"},
    {\"legId\":\"vat\",\"destination\":{$(account 89802000780000106001),\"name\":\"Davlat soliq qoʻmitasi gʻaznasi\"},\"role\":\"tax\",\"amount\":{\"amount\":\"107142.86\",\"currency\":\"UZS\"}}],
    \"remainderTo\":\"fee\"}"
}

case ${1:-} in
# Not behind `&&`: there a step that fails would not end the journey.
government | telecom | marketplace)
  "$1"
  echo
  ;;
*) echo 'which journey? government, telecom, marketplace' >&2 && exit 2 ;;
esac
