// Echo is the backend of cluster tests: it says what it saw, answers slowly or at length when asked, speaks
// WebSocket, dies on demand, and ends politely: for a while it answers on, and asks every connection to go.
package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	name := env("NAME", "echo")
	var ending atomic.Bool
	goAway := make(chan struct{})
	server := &http.Server{Addr: ":" + env("PORT", "9000")}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/die" {
			os.Exit(1)
		}
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			webSocket(w, r, goAway)
			return
		}
		if ending.Load() {
			w.Header().Set("Connection", "close")
		}
		answer(w, r, name)
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		<-signals
		ending.Store(true)
		// Until no HAProxy and no kube-proxy sends new connections here.
		politeness, _ := strconv.Atoi(env("POLITE_SECONDS", "10"))
		time.Sleep(time.Duration(politeness) * time.Second)
		close(goAway)
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		panic(err)
	}
	<-done
}

func answer(w http.ResponseWriter, r *http.Request, name string) {
	_, _ = io.Copy(io.Discard, r.Body)
	if wait, err := strconv.Atoi(r.URL.Query().Get("waitMs")); err == nil {
		time.Sleep(time.Duration(wait) * time.Millisecond)
	}
	headers := map[string]string{"host": r.Host}
	for key, values := range r.Header {
		headers[strings.ToLower(key)] = strings.Join(values, ", ")
	}
	host, _ := os.Hostname()
	text, _ := json.Marshal(map[string]any{"backend": name, "pod": host, "method": r.Method, "target": r.RequestURI, "headers": headers})
	if bytes, err := strconv.Atoi(r.URL.Query().Get("bytes")); err == nil && bytes > len(text) {
		text = append(text, strings.Repeat(" ", bytes-len(text))...)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Backend", name)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

// RFC 6455: echoes text frames of up to 65,535 bytes; a close frame when the server ends.
func webSocket(w http.ResponseWriter, r *http.Request, goAway <-chan struct{}) {
	connection, buffer, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
	_ = buffer.Flush()
	ended := make(chan struct{})
	go func() {
		select {
		case <-goAway:
			_, _ = connection.Write([]byte{0x88, 2, 0x03, 0xe9})
			_ = connection.(*net.TCPConn).CloseWrite()
		case <-ended:
		}
	}()
	defer close(ended)
	for {
		opcode, payload, err := frame(buffer.Reader)
		if err != nil || opcode == 8 {
			return
		}
		head := []byte{0x80 | opcode, byte(len(payload))}
		if len(payload) > 125 {
			head = binary.BigEndian.AppendUint16([]byte{0x80 | opcode, 126}, uint16(len(payload)))
		}
		if _, err := connection.Write(append(head, payload...)); err != nil {
			return
		}
	}
}

func frame(reader *bufio.Reader) (byte, []byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(reader, head); err != nil {
		return 0, nil, err
	}
	length := int(head[1] & 0x7f)
	if length == 126 {
		long := make([]byte, 2)
		if _, err := io.ReadFull(reader, long); err != nil {
			return 0, nil, err
		}
		length = int(binary.BigEndian.Uint16(long))
	}
	body := make([]byte, 4+length)
	if _, err := io.ReadFull(reader, body); err != nil {
		return 0, nil, err
	}
	for at := range length {
		body[4+at] ^= body[at%4]
	}
	return head[0] & 0x0f, body[4:], nil
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
