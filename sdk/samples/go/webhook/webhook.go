// Webhook is an endpoint for the bank's events: PORTICO_WEBHOOK_KEYS='whpk_…' go run ./webhook
package main

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tolerance = 5 * time.Minute
	longest   = 1 << 20
)

type event struct {
	ID   string `json:"-"`
	Type string `json:"type"`
	Data struct {
		Challenge string `json:"challenge"`
	} `json:"data"`
}

// holds says whether a key made a signature. A key checks its own scheme and no other: a public key must never be
// taken for a shared secret.
func holds(key, scheme string, content, signature []byte) bool {
	kind, encoded, _ := strings.Cut(key, "_")
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case err != nil:
		return false
	case kind == "whsec" && scheme == "v1":
		own := hmac.New(sha256.New, bytes)
		own.Write(content)
		return hmac.Equal(own.Sum(nil), signature)
	case kind == "whpk" && scheme == "v1a" && len(bytes) == ed25519.PublicKeySize:
		return ed25519.Verify(bytes, content, signature)
	}
	return false
}

// verified reads the event of a message where a pinned key holds. The body is the bytes that came.
func verified(keys []string, header http.Header, body []byte, now time.Time) (*event, error) {
	id, stamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil {
		return nil, errors.New("a header is missing")
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return nil, errors.New("it is too old, or from the future")
	}
	content := append([]byte(id+"."+stamp+"."), body...)
	for one := range strings.SplitSeq(header.Get("webhook-signature"), " ") {
		scheme, encoded, _ := strings.Cut(one, ",")
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, key := range keys {
			if holds(key, scheme, content, signature) {
				told := &event{ID: id}
				return told, json.Unmarshal(body, told)
			}
		}
	}
	return nil, errors.New("no signature of it holds")
}

type endpoint struct {
	keys []string
	// In a program of yours a table with a unique key: an event may come twice, also after a restart.
	handled sync.Map
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	if err != nil {
		http.Error(w, "it is too long", http.StatusRequestEntityTooLarge)
		return
	}
	told, err := verified(e.keys, r.Header, body, time.Now())
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if told.Type == "webhooks.challenge" {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"challenge": told.Data.Challenge})
		return
	}
	// Answer at once; what takes long belongs behind a queue.
	w.WriteHeader(http.StatusNoContent)
	if _, before := e.handled.LoadOrStore(told.ID, true); !before {
		fmt.Println(told.Type, told.ID)
	}
}

func main() {
	keys := strings.Fields(os.Getenv("PORTICO_WEBHOOK_KEYS"))
	if len(keys) == 0 {
		log.Fatal("PORTICO_WEBHOOK_KEYS: which keys were pinned?")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	server := &http.Server{
		Addr: "127.0.0.1:" + port, Handler: &endpoint{keys: keys}, ReadTimeout: 15 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}
