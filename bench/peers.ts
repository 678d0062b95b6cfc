// Hand-written HAProxy configurations for comparison, and their backends and log reader.

/** The backend: answers 1 kB immediately. It is a HAProxy too, because that needs less CPU than the one under test. */
export function answering(address: string, bodyFile: string): string {
  return `
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 1s
    timeout http-keep-alive 60s
frontend answers
    bind ${address}
    maxconn 20000
    http-request return status 200 content-type text/plain file ${bodyFile}
`;
}

/** The minimal proxy: one frontend, one backend, no log, no rule. `accept-proxy` as the rendered one. */
export function lean(address: string, backend: string): string {
  return `
defaults
    mode http
    timeout client 30s
    timeout server 30s
    timeout connect 1s
frontend in
    bind ${address} accept-proxy
    default_backend app
backend app
    server app ${backend}
`;
}

/** A typical hand-written edge: a connection to the server per request, httplog to the local syslog socket. */
export function handWritten(address: string, backend: string, syslog: string): string {
  return `
global
    maxconn 4096
defaults
    mode http
    balance leastconn
    retries 3
    option http-server-close
    option dontlognull
    timeout connect 30ms
    timeout check 1000ms
    timeout client 30000ms
    timeout server 30000ms
frontend app.example.com-https
    bind ${address} accept-proxy
    log ${syslog} local2 info
    option httplog
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto https
    acl HOST_app hdr(host) -i app.example.com
    redirect location https://www.example.com/ code 301 if !HOST_app
    default_backend BACKEND_app
backend BACKEND_app
    server app ${backend}
`;
}
