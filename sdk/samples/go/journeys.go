// The three journeys with Go's own library.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

const back = "https://partner.example/back"

var (
	issuer   = os.Getenv("PORTICO_ISSUER")
	gateway  = os.Getenv("PORTICO_GATEWAY")
	clientID = os.Getenv("PORTICO_CLIENT_ID")
	client   *http.Client
	known    object
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func text(from object, name string) string {
	value, ok := from[name].(string)
	if !ok {
		check(fmt.Errorf("the answer has no %s", name))
	}
	return value
}

func chance() string {
	bytes := make([]byte, 32)
	_, err := rand.Read(bytes)
	check(err)
	return base64.RawURLEncoding.EncodeToString(bytes)
}

// send makes one call; again after a 429 or 503, as late as the bank says, with the same Idempotency-Key.
func send(method, address string, headers map[string]string, body []byte) object {
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequest(method, address, bytes.NewReader(body))
		check(err)
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		answer, err := client.Do(request)
		check(err)
		said, err := io.ReadAll(answer.Body)
		check(err)
		answer.Body.Close()
		if answer.StatusCode < 400 {
			parsed := object{}
			check(json.Unmarshal(said, &parsed))
			return parsed
		}
		later := answer.StatusCode == 429 || answer.StatusCode == 503
		if !later || attempt == 4 {
			check(fmt.Errorf("%d %s", answer.StatusCode, said))
		}
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil || seconds > 30 {
			seconds = 1
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

func postForm(address string, form map[string]string) object {
	values := url.Values{"client_id": {clientID}}
	for name, value := range form {
		values.Set(name, value)
	}
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	return send("POST", address, headers, []byte(values.Encode()))
}

// endpoint is the address that asks for a certificate (RFC 8705, section 5).
func endpoint(name string) string {
	aliases, _ := known["mtls_endpoint_aliases"].(object)
	return text(aliases, name)
}

func ownToken(scope string) string {
	form := map[string]string{"grant_type": "client_credentials", "scope": scope}
	return text(postForm(endpoint("token_endpoint"), form), "access_token")
}

// consented sends the customer to the bank, and waits until they are back.
func consented(scope string, details object) string {
	verifier, state := chance(), chance()
	digest := sha256.Sum256([]byte(verifier))
	asked, err := json.Marshal([]object{details})
	check(err)
	pushed := postForm(endpoint("pushed_authorization_request_endpoint"), map[string]string{
		"response_type":         "code",
		"redirect_uri":          back,
		"scope":                 scope,
		"state":                 state,
		"code_challenge":        base64.RawURLEncoding.EncodeToString(digest[:]),
		"code_challenge_method": "S256",
		"authorization_details": string(asked),
	})
	query := url.Values{"client_id": {clientID}, "request_uri": {text(pushed, "request_uri")}}
	fmt.Printf("open: %s?%s\n", text(known, "authorization_endpoint"), query.Encode())
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	check(err)
	came, err := url.Parse(strings.TrimSpace(line))
	check(err)
	// RFC 9207: a code of another server is not sent to this one.
	if came.Query().Get("state") != state || came.Query().Get("iss") != issuer {
		check(fmt.Errorf("the customer came back from elsewhere"))
	}
	return text(postForm(endpoint("token_endpoint"), map[string]string{
		"grant_type":    "authorization_code",
		"code":          came.Query().Get("code"),
		"redirect_uri":  back,
		"code_verifier": verifier,
	}), "access_token")
}

func call(token, method, path string, body object) object {
	headers := map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json"}
	var sent []byte
	if body != nil {
		var err error
		sent, err = json.Marshal(body)
		check(err)
		headers["Content-Type"] = "application/json"
		headers["Idempotency-Key"] = chance()
	}
	return send(method, gateway+path, headers, sent)
}

func account(identification string) object {
	return object{"schemeName": "UZ.AccountNumber", "identification": identification, "bankCode": "09998"}
}

func named(identification, name string) object {
	found := account(identification)
	found["name"] = name
	return found
}

func government() object {
	return call(ownToken("accounts:verify"), "POST", "/accounts/v1/ownership-verifications", object{
		"account":        account("80206000880000001001"),
		"name":           "Dilnoza Rahimova",
		"purpose":        "BENEFIT_PAYMENT",
		"legalReference": "Decree 123, case 4711",
	})
}

func telecom() object {
	token := consented("cards:issue cards:read", object{
		"type":     "urn:bank:card-issue:v1",
		"cardType": "virtual",
		"currency": "UZS",
		"purpose":  object{"code": "card-programme", "text": "A virtual card in our app"},
	})
	return call(token, "POST", "/cards/v1/cards", object{"cardType": "virtual", "currency": "UZS"})
}

func marketplace() object {
	own := ownToken("payments:split")
	programme := call(own, "GET", "/payments/v1/programme-account", nil)
	amount := object{"amount": "1000000.00", "currency": "UZS"}
	payment := object{
		"instructedAmount":       amount,
		"creditorAccount":        programme["account"],
		"creditorName":           programme["name"],
		"endToEndIdentification": fmt.Sprintf("ORDER-%d", time.Now().UnixMilli()),
	}
	details := object{"type": "urn:bank:payment:v1"}
	for name, value := range payment {
		details[name] = value
	}
	token := consented("payments", details)
	made := text(call(token, "POST", "/payments/v1/payments", payment), "paymentId")
	for tries := 0; tries < 120; tries++ {
		if text(call(token, "GET", "/payments/v1/payments/"+made, nil), "status") == "ACSC" {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	return call(own, "POST", "/payments/v1/split-payments", object{
		"paymentId":   made,
		"grossAmount": amount,
		"legs": []object{
			{"legId": "textiles", "destination": named("80208000480000102001", "Chorsu Tekstil"), "role": "seller", "sharePpm": 600000},
			{"legId": "bread", "destination": named("80208000180000103001", "Samarqand Non"), "role": "seller", "sharePpm": 233333},
			{"legId": "fee", "destination": named("80208000180000101003", "Bozor Market"), "role": "platform_fee"},
			{"legId": "vat", "destination": named("89802000780000106001", "Davlat soliq qoʻmitasi gʻaznasi"), "role": "tax", "amount": object{"amount": "107142.86", "currency": "UZS"}},
		},
		"remainderTo": "fee",
	})
}

func main() {
	authority, err := os.ReadFile(os.Getenv("PORTICO_CA_FILE"))
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	identity, err := tls.LoadX509KeyPair(os.Getenv("PORTICO_CERT_FILE"), os.Getenv("PORTICO_KEY_FILE"))
	check(err)
	client = &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{
			RootCAs: roots, Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12,
		}},
	}
	known = send("GET", issuer+"/.well-known/openid-configuration", nil, nil)
	if text(known, "issuer") != issuer {
		check(fmt.Errorf("the document is of another issuer"))
	}
	journeys := map[string]func() object{"government": government, "telecom": telecom, "marketplace": marketplace}
	said, err := json.Marshal(journeys[os.Args[1]]())
	check(err)
	fmt.Println(string(said))
}
