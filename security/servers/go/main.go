// Two application servers on net/http for the security suite: `app mux HOST PORT` routes with ServeMux, `app func HOST PORT` with a
// HandlerFunc that compares r.URL.Path and also supports HTTP/2 without TLS (h2c, by prior knowledge and by Upgrade).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

var restricted = map[string]string{
	"/admin/users": "admin",
	"/team/list":   "team",
	"/secret":      "secret",
	"/v1/private":  "private",
	"/write":       "write",
	"/upload":      "upload",
	"/beta":        "beta",
}

var printing sync.Mutex

func record(fields map[string]any) {
	line, _ := json.Marshal(fields)
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(line))
}

func run(handler string, w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "portico-tunnel" {
		tunnel(w, r)
		return
	}
	body, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	headers := [][2]string{}
	for name, values := range r.Header {
		for _, value := range values {
			headers = append(headers, [2]string{name, value})
		}
	}
	record(map[string]any{
		"handler": handler, "method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery,
		"host": r.Host, "headers": headers, "body": body,
	})
	w.WriteHeader(http.StatusNonAuthoritativeInfo)
	fmt.Fprintf(w, "%s %s\n", handler, r.URL.RawQuery)
}

// A server that upgrades to anything: what follows is out of the edge's sight.
func tunnel(w http.ResponseWriter, r *http.Request) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	record(map[string]any{"handler": "tunnel", "method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery,
		"host": r.Host, "headers": [][2]string{}, "body": 0})
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: portico-tunnel\r\n\r\n")
}

func main() {
	address := os.Args[2] + ":" + os.Args[3]
	var handler http.Handler
	if os.Args[1] == "mux" {
		mux := http.NewServeMux()
		for path, name := range restricted {
			mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { run(name, w, r) })
		}
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { run("any", w, r) })
		handler = mux
	} else {
		handler = h2c.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name, found := restricted[r.URL.Path]
			if !found {
				name = "any"
			}
			run(name, w, r)
		}), &http2.Server{})
	}
	server := &http.Server{Addr: address, Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	log.Fatal(server.ListenAndServe())
}
