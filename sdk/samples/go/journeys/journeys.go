// Journeys walks the three journeys with nothing but Go's own library: go run ./journeys government
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const back = "https://partner.example/back"

type object = map[string]any

// bank is one environment as one application sees it.
type bank struct {
	issuer, gateway, clientID string
	client                    *http.Client
	known                     discovery
}

type discovery struct {
	Issuer                string    `json:"issuer"`
	AuthorizationEndpoint string    `json:"authorization_endpoint"`
	MTLS                  endpoints `json:"mtls_endpoint_aliases"`
}

// endpoints are those that ask for a certificate (RFC 8705, section 5).
type endpoints struct {
	Token  string `json:"token_endpoint"`
	Pushed string `json:"pushed_authorization_request_endpoint"`
}

func openBank(ctx context.Context) (*bank, error) {
	authority, err := os.ReadFile(os.Getenv("PORTICO_CA_FILE"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, errors.New("PORTICO_CA_FILE holds no certificate")
	}
	identity, err := tls.LoadX509KeyPair(os.Getenv("PORTICO_CERT_FILE"), os.Getenv("PORTICO_KEY_FILE"))
	if err != nil {
		return nil, err
	}
	b := &bank{
		issuer:   os.Getenv("PORTICO_ISSUER"),
		gateway:  os.Getenv("PORTICO_GATEWAY"),
		clientID: os.Getenv("PORTICO_CLIENT_ID"),
		client: &http.Client{
			Timeout: 30 * time.Second,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{
				RootCAs: roots, Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12,
			}},
		},
	}
	ask := request{method: "GET", url: b.issuer + "/.well-known/openid-configuration", repeatable: true}
	if err := b.send(ctx, ask, &b.known); err != nil {
		return nil, err
	}
	if b.known.Issuer != b.issuer {
		return nil, errors.New("the document is of another issuer")
	}
	return b, nil
}

type request struct {
	method, url string
	headers     map[string]string
	body        []byte
	// repeatable says that doing it twice does it once: a read, or a write with its key.
	repeatable bool
}

// refusal is what the bank refused, in its own words.
type refusal struct {
	status int
	body   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// send makes one call, and up to three more: after a 429 or 503 as late as the bank says, after a broken line
// where that does no harm.
func (b *bank) send(ctx context.Context, ask request, into any) error {
	for attempt := 1; ; attempt++ {
		wait, err := b.attempt(ctx, ask, into)
		if err == nil || wait == 0 || attempt == 4 {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// attempt answers, with its error, how long to wait before another; zero where there must be none.
func (b *bank) attempt(ctx context.Context, ask request, into any) (time.Duration, error) {
	outgoing, err := http.NewRequestWithContext(ctx, ask.method, ask.url, bytes.NewReader(ask.body))
	if err != nil {
		return 0, err
	}
	for name, value := range ask.headers {
		outgoing.Header.Set(name, value)
	}
	answer, err := b.client.Do(outgoing)
	var said []byte
	if err == nil {
		defer answer.Body.Close()
		said, err = io.ReadAll(answer.Body)
	}
	if err != nil {
		if ask.repeatable {
			return time.Second, err
		}
		return 0, err
	}
	if answer.StatusCode < 400 {
		return 0, json.Unmarshal(said, into)
	}
	err = &refusal{answer.StatusCode, string(said)}
	seconds, unreadable := strconv.Atoi(cmp.Or(answer.Header.Get("Retry-After"), "1"))
	later := answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable
	if !later || unreadable != nil || seconds > 30 {
		return 0, err
	}
	return time.Duration(max(1, seconds)) * time.Second, err
}

func (b *bank) postForm(ctx context.Context, address string, form url.Values, into any) error {
	form.Set("client_id", b.clientID)
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	return b.send(ctx, request{method: "POST", url: address, headers: headers, body: []byte(form.Encode())}, into)
}

func (b *bank) token(ctx context.Context, form url.Values) (string, error) {
	var given struct {
		AccessToken string `json:"access_token"`
	}
	err := b.postForm(ctx, b.known.MTLS.Token, form, &given)
	return given.AccessToken, err
}

func (b *bank) ownToken(ctx context.Context, scope string) (string, error) {
	return b.token(ctx, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}})
}

// consented sends the customer to the bank, and waits until they are back.
func (b *bank) consented(ctx context.Context, scope string, details object) (string, error) {
	asked, err := json.Marshal([]object{details})
	if err != nil {
		return "", err
	}
	verifier, state := rand.Text()+rand.Text(), rand.Text()
	digest := sha256.Sum256([]byte(verifier))
	var pushed struct {
		RequestURI string `json:"request_uri"`
	}
	if err := b.postForm(ctx, b.known.MTLS.Pushed, url.Values{
		"response_type":         {"code"},
		"redirect_uri":          {back},
		"scope":                 {scope},
		"state":                 {state},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(digest[:])},
		"code_challenge_method": {"S256"},
		"authorization_details": {string(asked)},
	}, &pushed); err != nil {
		return "", err
	}
	query := url.Values{"client_id": {b.clientID}, "request_uri": {pushed.RequestURI}}
	fmt.Printf("open: %s?%s\n", b.known.AuthorizationEndpoint, query.Encode())
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the customer did not come back: %w", err)
	}
	address, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		return "", err
	}
	came := address.Query()
	// RFC 9207: a code of another server is not sent to this one.
	if came.Get("state") != state || came.Get("iss") != b.issuer {
		return "", errors.New("the customer came back from elsewhere")
	}
	if came.Has("error") {
		return "", fmt.Errorf("the customer said no: %s %s", came.Get("error"), came.Get("error_description"))
	}
	return b.token(ctx, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {came.Get("code")},
		"redirect_uri":  {back},
		"code_verifier": {verifier},
	})
}

func (b *bank) get(ctx context.Context, token, path string, into any) error {
	headers := map[string]string{"Authorization": "Bearer " + token}
	return b.send(ctx, request{method: "GET", url: b.gateway + path, headers: headers, repeatable: true}, into)
}

func (b *bank) post(ctx context.Context, token, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	headers := map[string]string{
		"Authorization": "Bearer " + token,
		"Content-Type":  "application/json",
		// One key for all attempts. Keep it beside your order, and a restart does not do it twice either.
		"Idempotency-Key": rand.Text(),
	}
	ask := request{method: "POST", url: b.gateway + path, headers: headers, body: text, repeatable: true}
	return b.send(ctx, ask, into)
}

func account(identification string) object {
	return object{"schemeName": "UZ.AccountNumber", "identification": identification, "bankCode": "09998"}
}

func named(identification, name string) object {
	found := account(identification)
	found["name"] = name
	return found
}

func government(ctx context.Context, b *bank) (answer object, err error) {
	token, err := b.ownToken(ctx, "accounts:verify")
	if err != nil {
		return nil, err
	}
	err = b.post(ctx, token, "/accounts/v1/ownership-verifications", object{
		"account":        account("80206000880000001001"),
		"name":           "Dilnoza Rahimova",
		"purpose":        "BENEFIT_PAYMENT",
		"legalReference": "Decree 123, case 4711",
	}, &answer)
	return answer, err
}

func telecom(ctx context.Context, b *bank) (answer object, err error) {
	token, err := b.consented(ctx, "cards:issue cards:read", object{
		"type":     "urn:bank:card-issue:v1",
		"cardType": "virtual",
		"currency": "UZS",
		"purpose":  object{"code": "card-programme", "text": "A virtual card in our app"},
	})
	if err != nil {
		return nil, err
	}
	err = b.post(ctx, token, "/cards/v1/cards", object{"cardType": "virtual", "currency": "UZS"}, &answer)
	return answer, err
}

func marketplace(ctx context.Context, b *bank) (answer object, err error) {
	own, err := b.ownToken(ctx, "payments:split")
	if err != nil {
		return nil, err
	}
	var programme struct {
		Account object `json:"account"`
		Name    string `json:"name"`
	}
	if err := b.get(ctx, own, "/payments/v1/programme-account", &programme); err != nil {
		return nil, err
	}
	amount := object{"amount": "1000000.00", "currency": "UZS"}
	payment := object{
		"instructedAmount":       amount,
		"creditorAccount":        programme.Account,
		"creditorName":           programme.Name,
		"endToEndIdentification": fmt.Sprintf("ORDER-%d", time.Now().UnixMilli()),
	}
	details := object{"type": "urn:bank:payment:v1"}
	for name, value := range payment {
		details[name] = value
	}
	token, err := b.consented(ctx, "payments", details)
	if err != nil {
		return nil, err
	}
	var made struct {
		PaymentID string `json:"paymentId"`
	}
	if err := b.post(ctx, token, "/payments/v1/payments", payment, &made); err != nil {
		return nil, err
	}
	if err := b.settled(ctx, token, made.PaymentID); err != nil {
		return nil, err
	}
	err = b.post(ctx, own, "/payments/v1/split-payments", object{
		"paymentId":   made.PaymentID,
		"grossAmount": amount,
		"legs": []object{
			{"legId": "textiles", "destination": named("80208000480000102001", "Chorsu Tekstil"), "role": "seller", "sharePpm": 600000},
			{"legId": "bread", "destination": named("80208000180000103001", "Samarqand Non"), "role": "seller", "sharePpm": 233333},
			{"legId": "fee", "destination": named("80208000180000101003", "Bozor Market"), "role": "platform_fee"},
			{"legId": "vat", "destination": named("89802000780000106001", "Davlat soliq qoʻmitasi gʻaznasi"), "role": "tax", "amount": object{"amount": "107142.86", "currency": "UZS"}},
		},
		"remainderTo": "fee",
	}, &answer)
	return answer, err
}

// settled asks now and then. A program that runs for long learns it from the webhook payments.settled.
func (b *bank) settled(ctx context.Context, token, paymentID string) error {
	for range 120 {
		var payment struct {
			Status string `json:"status"`
		}
		if err := b.get(ctx, token, "/payments/v1/payments/"+url.PathEscape(paymentID), &payment); err != nil {
			return err
		}
		switch payment.Status {
		case "ACSC":
			return nil
		case "RJCT", "CANC":
			return fmt.Errorf("the payment ended as %s", payment.Status)
		}
		time.Sleep(500 * time.Millisecond)
	}
	return errors.New("the payment has not settled within a minute")
}

func run(ctx context.Context) error {
	journeys := map[string]func(context.Context, *bank) (object, error){
		"government": government, "telecom": telecom, "marketplace": marketplace,
	}
	if len(os.Args) != 2 || journeys[os.Args[1]] == nil {
		return errors.New("which journey? government, telecom, marketplace")
	}
	b, err := openBank(ctx)
	if err != nil {
		return err
	}
	answer, err := journeys[os.Args[1]](ctx, b)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
