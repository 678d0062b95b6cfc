// Generated from the schema by scripts/write-schema.ts: change src/description/schema, then run `npm run schema`.

/** One edge: the entrance of a Kubernetes cluster. */
export interface Edge {
  /** The name of the edge. Kubernetes objects and cloud resources are named after it. */
  edge: string;
  /** The Kubernetes namespace of the edge, and of Services that are written without a namespace. Default: default. */
  namespace?: string | undefined;
  /** The DNS domain of the cluster. Default cluster.local. */
  clusterDomain?: string | undefined;
  /** The public entrance: from outside the cluster, through the load balancer. */
  public?: {
    /** The load balancer in front of the cluster. */
    loadBalancer?: "aws-classic-elb" | "aws-nlb" | "http" | "service" | "none" | {
      /** The kind of load balancer. `aws-classic-elb` and `aws-nlb` are rendered as Terraform; `service` is a Service of type LoadBalancer; `http` is a load balancer of layer 7 that exists already, such as an ALB, whose X-Forwarded-For is trusted from `sources` only; `none` means that clients connect to the nodes. */
      kind: "aws-classic-elb" | "aws-nlb" | "http" | "service" | "none";
      /** With `service`: the cloud provider or controller that creates the load balancer. It determines annotations, PROXY protocol and health check. Default: none; the Service has no provider's annotations. */
      provider?: "aws-nlb-controller" | "aws-in-tree" | "google" | "azure" | "digitalocean" | "hetzner" | "scaleway" | "openstack" | "ovh" | "linode" | "oracle" | "ibm" | "civo" | "metallb" | undefined;
      /** With `service`: whether it is reachable from private networks only. Default false. */
      internal?: boolean | undefined;
      /** With `service`: additional annotations of the Service, such as a location or a name. */
      annotations?: Record<string, string> | undefined;
      /** The version of the PROXY protocol that the load balancer sends, for all ports or per port. Default: v1 for aws-classic-elb, v2 for aws-nlb, the version of the provider for service, none for others. */
      proxyProtocol?: "v1" | "v2" | "none" | {
        /** On the HTTP port. */
        http?: "v1" | "v2" | "none" | undefined;
        /** On the HTTPS port. */
        https?: "v1" | "v2" | "none" | undefined;
      } | undefined;
      /** The networks that the load balancer connects from. PROXY headers from other addresses are refused; with `http` all connections from other addresses are. Required for `http`, and for `aws-classic-elb` and `aws-nlb` with PROXY protocol (the CIDR blocks of the VPC). Default for others: the private networks. */
      sources?: string[] | undefined;
      /** The idle timeout of the load balancer. Default: 60s for aws-classic-elb and http, 350s for aws-nlb, the value of the provider but at least 60s for service. */
      idleTimeout?: string | undefined;
      /** The health check of the load balancer: a TCP connection; for `aws-nlb` and `http` an HTTP request to a separate port. */
      healthCheck?: {
        /** The interval between two checks. Default: the value of the provider, otherwise 10s. */
        interval?: string | undefined;
        /** The timeout of a check. Default: the value of the provider, otherwise 5s. */
        timeout?: string | undefined;
        /** Successful checks until a node is healthy. Default: as the provider, otherwise 2. */
        healthy?: number | undefined;
        /** Failed checks until a node is unhealthy. Default: as the provider, otherwise 2. */
        unhealthy?: number | undefined;
      } | undefined;
      /** Settings that only AWS load balancers have. */
      aws?: {
        /** The name of the load balancer, at most 26 characters. Default: the name of the edge followed by -edge, as in app-edge. */
        name?: string | undefined;
        /** Whether the load balancer is reachable from private networks only. Default false. */
        internal?: boolean | undefined;
        /** The security policy: the TLS versions and ciphers that the load balancer accepts. Default: the policy that AWS recommends. */
        tlsPolicy?: string | undefined;
        /** The ALPN policy of an NLB that terminates TLS. Default HTTP2Preferred. */
        alpn?: "HTTP1Only" | "HTTP2Only" | "HTTP2Optional" | "HTTP2Preferred" | "None" | undefined;
        /** Cross-zone load balancing. Default true for a classic ELB, and for an NLB with `externalTrafficPolicy: Local`; otherwise false. */
        crossZone?: boolean | undefined;
        /** The deregistration delay, or connection draining timeout: how long connections through a deregistered node may continue. Default: the time that HAProxy gives connections when a pod is terminated. */
        draining?: string | undefined;
        /** The access log of the load balancer. Default: none. */
        accessLogs?: {
          /** The S3 bucket. Its policy must allow Elastic Load Balancing to write to it. */
          bucket: string;
          /** The prefix of the log objects in the bucket. */
          prefix?: string | undefined;
          /** How often a classic ELB publishes its log. Default 60m. */
          interval?: "5m" | "60m" | undefined;
        } | undefined;
        /** Route 53 records in one zone: for all hosts (true), or for a list. Default: none. */
        dns?: true | string[] | undefined;
      } | undefined;
    } | undefined;
    /** Where TLS is terminated. Default: no TLS; the public entrance is plain HTTP. */
    tls?: {
      /** The load balancer terminates TLS. HAProxy receives plain HTTP on a port of its own, and treats the requests there as HTTPS. */
      terminatedAt: "loadBalancer";
      /** The certificate of the load balancer: its ARN; `acm`, for a certificate that AWS Certificate Manager issues for the hosts of the sites; { hosts }, for one that it issues for these hosts; with kind `service`, the identifier that the provider uses. Default: a Terraform variable. */
      certificate?: string | {
        /** The names of the certificate. Default: the hosts of the public sites. */
        hosts?: string[] | undefined;
      } | undefined;
    } | {
      /** HAProxy terminates TLS. The load balancer forwards the TCP connection. */
      terminatedAt: "haproxy";
      /** The certificates, selected by SNI. The first one is the default. */
      certificates: ({
        /** The path of a PEM file in HAProxy's container, with certificate chain and key. */
        file?: string | undefined;
        /** A Secret of type kubernetes.io/tls in the namespace of the edge, which is mounted into the pod; instead of `file`. */
        secret?: string | undefined;
        /** The hosts that the certificate covers. `portico check` compares them with the hosts of the sites, and the lab issues a test certificate for them. HAProxy uses the names in the certificate itself. */
        hosts?: string[] | undefined;
      })[];
      /** The lowest TLS version that HAProxy accepts. Default 1.2. */
      minVersion?: "1.2" | "1.3" | undefined;
      /** Whether HAProxy offers HTTP/2 by ALPN. Default true. */
      http2?: boolean | undefined;
    } | undefined;
    /** What happens to plain HTTP requests: redirect to HTTPS with status 301 or another one ({ redirect: 308 }), serve them, or no listener (off). Sites and routes can be excepted from the redirect. Default: redirect if there is TLS, otherwise serve. */
    plainHttp?: "redirect" | "serve" | "off" | {
      /** The status of the redirect. With 307 and 308, clients keep the method. */
      redirect: 301 | 302 | 307 | 308;
    } | undefined;
    /** The client addresses and networks whose requests are allowed; other requests get 403. Does not apply to the stats page. Default: all clients. */
    allow?: string[] | undefined;
    /** Request headers that the load balancer or CDN in front of the edge sets and backends read, as in CF-Connecting-IP. HAProxy removes them from requests of other clients, because any client can send them. Default: none. */
    trustedHeaders?: string[] | undefined;
    /** The ports of the load balancer. Default 80 and 443. */
    ports?: {
      /** The port for HTTP. Default 80. */
      http?: number | undefined;
      /** The port for HTTPS. Default 443. */
      https?: number | undefined;
    } | undefined;
    /** HAProxy directives that are added verbatim to the public frontends. */
    raw?: string[] | undefined;
  } | undefined;
  /** The internal entrance: a port for in-cluster clients, without redirect to HTTPS. */
  internal?: {
    /** Host names by which in-cluster clients reach `site`, such as the name of the Service. */
    hosts?: string[] | undefined;
    /** The site that `hosts` are aliases for, by a host name. Required for several sites. */
    site?: string | undefined;
    /** Recognize in-cluster clients by the Host header on the public plain HTTP port, instead of a port of their own. Any client can send such a Host; `portico check` reports it. */
    sharesPublicPort?: {
      /** Requests whose Host begins with this text, in any case, are treated as internal. */
      hostPrefix: string;
    } | undefined;
    /** HAProxy directives that are added verbatim to the internal frontend. */
    raw?: string[] | undefined;
  } | undefined;
  /** The sites: host names with their routes. */
  sites: ({
    /** A host name, `*.example.com` for names under it, `*` for other hosts, or a list. */
    host: string | string[];
    /** The entrances that serve this site. Default: all. */
    through?: ("public" | "internal")[] | undefined;
    /** Strict-Transport-Security (RFC 6797) on every HTTPS response. Default: none. */
    hsts?: {
      /** How long browsers use HTTPS only. */
      maxAge: string;
      /** Whether HSTS also applies to all names under this host. Default false. */
      includeSubDomains?: boolean | undefined;
      /** Whether the host may be added to the preload lists of browsers, from which it is hard to remove. Default false. */
      preload?: boolean | undefined;
    } | undefined;
    /** What happens to a path that servers may interpret as another path: with an encoded slash (%2F), a backslash, a semicolon, an encoded control character or double encoding (%252F). `refuse` responds with 400. Default: refuse if a route of the site restricts requests (`allow`, `deny`, `maxBody`, `method`, or an error response), otherwise allow. */
    ambiguousPaths?: "refuse" | "allow" | undefined;
    /** Whether plain HTTP requests for this site are served although the entrance redirects them to HTTPS. Routes can override it. Default: redirect. */
    plainHttp?: "redirect" | "serve" | undefined;
    /** Changes to the request headers on every route of this site, after those of the edge and before those of the route. */
    requestHeaders?: {
      /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
      set?: Record<string, string> | undefined;
      /** Headers to add to those of the same name. */
      add?: Record<string, string> | undefined;
      /** Headers to set only if the message has none of that name after all other changes. */
      setIfAbsent?: Record<string, string> | undefined;
      /** Names of headers to remove. */
      remove?: string[] | undefined;
    } | undefined;
    /** Changes to the response headers on every route of this site, after those of the edge and before those of the route. */
    responseHeaders?: {
      /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
      set?: Record<string, string> | undefined;
      /** Headers to add to those of the same name. */
      add?: Record<string, string> | undefined;
      /** Headers to set only if the message has none of that name after all other changes. */
      setIfAbsent?: Record<string, string> | undefined;
      /** Names of headers to remove. */
      remove?: string[] | undefined;
      /** Security headers, each set only if the response has none of that name: the values of the OWASP Secure Headers Project at that date, or a basic set; both are listed in docs/concepts/routing.md. It replaces the preset of the site or the edge; `none` removes it. */
      preset?: "owasp-2024-07" | "basic-2026-11" | "none" | undefined;
      /** Which responses these changes apply to: `all`, including those of HAProxy itself such as redirects and errors, or `servers`, only those that a server sent. Default all. */
      responsesFrom?: "all" | "servers" | undefined;
    } | undefined;
    /** A redirect for all requests of this site; instead of `routes`. */
    redirect?: {
      /** The whole Location header, as in https://www.example.com/. It is sent verbatim. */
      to?: string | undefined;
      /** A new scheme; host, path and query are kept. */
      scheme?: "http" | "https" | undefined;
      /** A new host name. */
      host?: string | undefined;
      /** A new port; requires `host` or `scheme`. Ports 80 with http and 443 with https are omitted from the location. Default: the port of the load balancer for the scheme. */
      port?: number | undefined;
      /** A new path that replaces the whole path; the query is kept. */
      path?: string | undefined;
      /** Replaces the prefix that the route matched; the rest of the path and the query are kept. */
      prefix?: string | undefined;
      /** The status of the redirect. Browsers cache 301 and 308 permanently. Default 302. */
      status?: 301 | 302 | 303 | 307 | 308 | undefined;
    } | undefined;
    /** The routes, in any order: the most specific match wins. */
    routes?: ({
      /** The name of the route in logs and `portico explain`. Default: from host and path. */
      name?: string | undefined;
      /** The paths that match: a prefix of whole segments, { exact } or { regex }. Default: all paths. */
      path?: string | {
        /** A prefix of whole path segments. */
        prefix: string;
      } | {
        /** The whole path. */
        exact: string;
      } | {
        /** A regular expression (PCRE) that may match anywhere in the path; anchor it with ^ and $. */
        regex: string;
      } | undefined;
      /** The methods that match, one or a list. Default: all methods. */
      method?: string | string[] | undefined;
      /** Headers that must match: a value, { present: true } or { regex }. If a header is repeated, the last line is compared as a whole. */
      header?: Record<string, string | {
        /** The exact value. */
        exact: string;
      } | {
        /** Matches any value, including an empty one. */
        present: true;
      } | {
        /** A regular expression that may match anywhere in the value. */
        regex: string;
      }> | undefined;
      /** Query parameters that must match, decoded. Of a repeated one, the first is compared. */
      query?: Record<string, string | {
        /** The exact value. */
        exact: string;
      } | {
        /** Matches any value, including an empty one. */
        present: true;
      } | {
        /** A regular expression that may match anywhere in the value. */
        regex: string;
      }> | undefined;
      /** The name of a backend, or several names with weights: { app: 90, app-next: 10 }. */
      to?: string | Record<string, number> | undefined;
      /** Respond with a redirect. */
      redirect?: {
        /** The whole Location header, as in https://www.example.com/. It is sent verbatim. */
        to?: string | undefined;
        /** A new scheme; host, path and query are kept. */
        scheme?: "http" | "https" | undefined;
        /** A new host name. */
        host?: string | undefined;
        /** A new port; requires `host` or `scheme`. Ports 80 with http and 443 with https are omitted from the location. Default: the port of the load balancer for the scheme. */
        port?: number | undefined;
        /** A new path that replaces the whole path; the query is kept. */
        path?: string | undefined;
        /** Replaces the prefix that the route matched; the rest of the path and the query are kept. */
        prefix?: string | undefined;
        /** The status of the redirect. Browsers cache 301 and 308 permanently. Default 302. */
        status?: 301 | 302 | 303 | 307 | 308 | undefined;
      } | undefined;
      /** Respond without a backend. */
      respond?: {
        /** The status of the response. */
        status: number;
        /** The body, sent verbatim. Default: empty. */
        body?: string | undefined;
        /** The Content-Type of the body. Default: text/plain; charset=utf-8. */
        contentType?: string | undefined;
      } | undefined;
      /** Changes to the host and path that the backend receives. */
      rewrite?: {
        /** The Host header that the backend receives. */
        host?: string | undefined;
        /** The path that the backend receives instead of the whole path; the query is kept. */
        path?: string | undefined;
        /** Replaces the prefix that the route matched. */
        prefix?: string | undefined;
      } | undefined;
      /** Changes to the request headers. */
      requestHeaders?: {
        /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
        set?: Record<string, string> | undefined;
        /** Headers to add to those of the same name. */
        add?: Record<string, string> | undefined;
        /** Headers to set only if the message has none of that name after all other changes. */
        setIfAbsent?: Record<string, string> | undefined;
        /** Names of headers to remove. */
        remove?: string[] | undefined;
      } | undefined;
      /** Changes to the response headers. */
      responseHeaders?: {
        /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
        set?: Record<string, string> | undefined;
        /** Headers to add to those of the same name. */
        add?: Record<string, string> | undefined;
        /** Headers to set only if the message has none of that name after all other changes. */
        setIfAbsent?: Record<string, string> | undefined;
        /** Names of headers to remove. */
        remove?: string[] | undefined;
        /** Security headers, each set only if the response has none of that name: the values of the OWASP Secure Headers Project at that date, or a basic set; both are listed in docs/concepts/routing.md. It replaces the preset of the site or the edge; `none` removes it. */
        preset?: "owasp-2024-07" | "basic-2026-11" | "none" | undefined;
        /** Which responses these changes apply to: `all`, including those of HAProxy itself such as redirects and errors, or `servers`, only those that a server sent. Default all. */
        responsesFrom?: "all" | "servers" | undefined;
      } | undefined;
      /** The timeouts of this route, instead of those of the backend. */
      timeouts?: {
        /** The maximum time until the response begins, and between two parts of it. */
        server?: string | undefined;
        /** The idle timeout of a WebSocket. */
        tunnel?: string | undefined;
      } | undefined;
      /** How often HAProxy retries a failed connection, instead of the number of the backend. */
      retries?: number | undefined;
      /** Whether WebSocket handshakes on this route are forwarded. The connection may then be idle for one hour, or for `timeouts.tunnel`. On other routes HAProxy removes the Upgrade header, so that a handshake is an ordinary request. */
      websocket?: true | undefined;
      /** Whether plain HTTP requests on this route are served although the entrance redirects them to HTTPS, as for ACME HTTP-01 challenges. Default: as the site. */
      plainHttp?: "redirect" | "serve" | undefined;
      /** The client addresses and networks that are allowed; other clients get 403. Default: all. */
      allow?: string[] | undefined;
      /** The client addresses and networks that get 403. Default: none. */
      deny?: string[] | undefined;
      /** The maximum size of the request body: requests with a larger body get 413, those with a body of unknown length 411. Does not apply to redirects. Default: `limits.maxBody`. */
      maxBody?: string | {
        /** The maximum size: requests with a larger Content-Length get 413. */
        size: string;
        /** What happens to bodies without Content-Length (chunked, or HTTP/2 without the header), which HAProxy cannot measure in advance: `refuse` responds with 411; `allow` forwards them, whatever their size. Default refuse. */
        unknownLength?: "refuse" | "allow" | undefined;
      } | undefined;
    })[] | undefined;
  })[];
  /** Changes to the request headers on every route. Sites and routes can override them. */
  requestHeaders?: {
    /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
    set?: Record<string, string> | undefined;
    /** Headers to add to those of the same name. */
    add?: Record<string, string> | undefined;
    /** Headers to set only if the message has none of that name after all other changes. */
    setIfAbsent?: Record<string, string> | undefined;
    /** Names of headers to remove. */
    remove?: string[] | undefined;
  } | undefined;
  /** Changes to the response headers on every route, not on responses without a route, such as 404 for an unknown host. Sites and routes can override them. */
  responseHeaders?: {
    /** Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`. */
    set?: Record<string, string> | undefined;
    /** Headers to add to those of the same name. */
    add?: Record<string, string> | undefined;
    /** Headers to set only if the message has none of that name after all other changes. */
    setIfAbsent?: Record<string, string> | undefined;
    /** Names of headers to remove. */
    remove?: string[] | undefined;
    /** Security headers, each set only if the response has none of that name: the values of the OWASP Secure Headers Project at that date, or a basic set; both are listed in docs/concepts/routing.md. It replaces the preset of the site or the edge; `none` removes it. */
    preset?: "owasp-2024-07" | "basic-2026-11" | "none" | undefined;
    /** Which responses these changes apply to: `all`, including those of HAProxy itself such as redirects and errors, or `servers`, only those that a server sent. Default all. */
    responsesFrom?: "all" | "servers" | undefined;
  } | undefined;
  /** The backends, by name. */
  backends?: Record<string, {
    /** The Kubernetes Service: `name` or `name.namespace`. */
    service?: string | undefined;
    /** The port of the Service. With `endpoints: headless`: the port of its pods. */
    port?: number | undefined;
    /** `service`: HAProxy connects to the cluster IP, and Kubernetes chooses the pod. `headless`: the Service has no cluster IP; HAProxy resolves the addresses of its pods by DNS and balances over up to 10 of them, or the number in { headless }. A terminating pod must continue to serve requests for the TTL of the DNS record, often 30 s. Default service. */
    endpoints?: "service" | "headless" | {
      /** The number of servers that HAProxy reserves: the maximum number of pods. */
      headless: number;
    } | undefined;
    /** Servers outside Kubernetes, instead of `service`. */
    servers?: (string | {
      /** The server as address:port. HAProxy resolves a name at run time. */
      address: string;
      /** The share of requests relative to the other servers. Default 1. */
      weight?: number | undefined;
      /** Whether the server gets requests only while all other servers are down. Default false. */
      backup?: boolean | undefined;
    })[] | undefined;
    /** The balancing algorithm (HAProxy manual 4.2). Default: leastconn for several servers. */
    balance?: "roundrobin" | "leastconn" | "random" | "first" | "source" | {
      /** Requests with the same value of this header go to the same server. */
      header: string;
    } | {
      /** Requests for the same path go to the same server. */
      uri: true;
    } | undefined;
    /** How HAProxy checks the health of a server: by an HTTP request ({ path, … }), by a TCP connection (tcp), or not at all (false). Default: tcp. */
    health?: false | "tcp" | {
      /** The path of the health check request. */
      path: string;
      /** The Host header of the health check request. Default: the name of the Service or of the server; localhost if servers have IP addresses only. */
      host?: string | undefined;
      /** The method of the health check request. Default GET. */
      method?: string | undefined;
      /** The response statuses of a healthy server: a status, a range or a list. Default 200-399. */
      status?: string | undefined;
      /** The interval between two health checks. Default 2s. */
      interval?: string | undefined;
      /** How long a health check may take. Default 1s. */
      timeout?: string | undefined;
      /** Consecutive successful checks until a server is up. Default 2. */
      rise?: number | undefined;
      /** Consecutive failed checks until a server is down. Default 3. */
      fall?: number | undefined;
    } | undefined;
    /** The timeouts of this backend, instead of the timeouts of the edge. */
    timeouts?: {
      /** The maximum time to establish a connection. */
      connect?: string | undefined;
      /** The maximum time until the response begins, and between two parts of it. */
      server?: string | undefined;
      /** The maximum time that a request waits in the queue for a connection. */
      queue?: string | undefined;
      /** The idle timeout of a WebSocket. */
      tunnel?: string | undefined;
    } | undefined;
    /** How often HAProxy retries a failed connection. Default 3. */
    retries?: number | undefined;
    /** Whether HAProxy reuses connections to servers, for all clients. Default true. */
    keepAlive?: boolean | undefined;
    /** Whether HAProxy connects to the servers by TLS, and how. Default false. */
    tls?: boolean | {
      /** How HAProxy verifies the certificate of a server: the path of a CA file that is in the image or in a mount of yours, or false for no verification. Default: the CAs of the system. */
      verify?: false | string | undefined;
      /** The CAs that sign the certificates of the servers, from a ConfigMap or Secret that is mounted into the pod; instead of `verify`. */
      ca?: {
        /** A ConfigMap in the namespace of the edge. */
        configMap: string;
        /** The key that holds the certificates (PEM). Default ca.crt. */
        key?: string | undefined;
      } | {
        /** A Secret in the namespace of the edge. */
        secret: string;
        /** The key that holds the certificates (PEM). Default ca.crt. */
        key?: string | undefined;
      } | undefined;
      /** The server name (SNI) that HAProxy sends with requests and health checks, and that the certificate must contain. Default: the Host of the request; for health checks `health.host`, or the first host of the routes to this backend. */
      sni?: string | undefined;
    } | undefined;
    /** The version of the PROXY protocol that HAProxy sends to the servers. Default: none. */
    proxyProtocol?: "v1" | "v2" | undefined;
    /** The maximum number of concurrent connections to one server; further requests are queued (HAProxy manual 5.2, maxconn). Default: no limit. */
    maxConnections?: number | undefined;
    /** Session affinity: HAProxy sets a cookie by which later requests of a client go to the same server. Its value is a hash of the address of the server and the `stickyKey` of the edge. */
    sticky?: {
      /** The name of the cookie. */
      cookie: string;
      /** Whether browsers send the cookie over HTTPS only. Default true. */
      secure?: boolean | undefined;
    } | undefined;
    /** HAProxy directives that are added verbatim to the section of this backend. */
    raw?: string[] | undefined;
  }> | undefined;
  /** The key of the session affinity cookies (`sticky`): { secret, key } of a Secret that you create, or the key itself, which is rendered into a Secret. */
  stickyKey?: string | {
    /** A Secret in the namespace of the edge. */
    secret: string;
    /** The key that holds the value. */
    key: string;
  } | undefined;
  /** Whether HAProxy normalizes paths before it routes and forwards them. With `as-is`, a spelling such as //api can bypass a route. Default normal. */
  paths?: "normal" | "as-is" | undefined;
  /** The timeouts of HAProxy. Backends and routes can override them. */
  timeouts?: {
    /** How long a client may be idle in the middle of a request. The total time of a body that is larger than HAProxy's buffer is not limited: see docs/concepts/security.md. Default 30s. */
    client?: string | undefined;
    /** The maximum total time of a TLS handshake and a PROXY header, on HAProxy 3.0 and newer; on older versions `client` applies. Default 10s. */
    handshake?: string | undefined;
    /** The maximum time until a response begins, and between two parts of it. Default 30s. */
    server?: string | undefined;
    /** The maximum time to establish a connection to a server. Default 2s. */
    connect?: string | undefined;
    /** The maximum time until the request headers are complete. Default 10s. */
    request?: string | undefined;
    /** How long HAProxy keeps an idle client connection open. Default 30s, or half the idle timeout of the load balancer if that is shorter. */
    keepAlive?: string | undefined;
    /** The maximum time that a request waits for a connection to a server. Default 10s. */
    queue?: string | undefined;
    /** How long a health check may take. Default 1s. */
    check?: string | undefined;
  } | undefined;
  /** The limits of one HAProxy. */
  limits?: {
    /** The maximum number of concurrent client connections to one HAProxy, shared by its listeners. A listener that only redirects gets a quarter of the share of others. Default 8000. */
    maxConnections?: number | undefined;
    /** The maximum size of the request line and headers of a request, and of those of a response. Larger requests get 400, or 431 on HAProxy 3.2 and newer. HAProxy's buffer size and the memory request of the pod are computed from it. Default 15360B. */
    maxHeader?: string | undefined;
    /** The default for `maxBody` of routes: requests with a larger body get 413, those with a body of unknown length 411. Does not apply to redirects. Default: no limit. */
    maxBody?: string | {
      /** The maximum size: requests with a larger Content-Length get 413. */
      size: string;
      /** What happens to bodies without Content-Length (chunked, or HTTP/2 without the header), which HAProxy cannot measure in advance: `refuse` responds with 411; `allow` forwards them, whatever their size. Default refuse. */
      unknownLength?: "refuse" | "allow" | undefined;
    } | undefined;
  } | undefined;
  /** Whether HAProxy compresses responses with gzip, or for which media types. Default false: compression costs CPU at the edge, and applications can do it. */
  compression?: boolean | {
    /** The media types that HAProxy compresses, as in text/html. */
    types: string[];
  } | undefined;
  /** HTML error pages by status, instead of HAProxy's own. */
  errorPages?: Record<string, string> | undefined;
  /** The log of HAProxy. */
  logs?: {
    /** Where HAProxy sends its log: stdout, the path of a socket (/dev/log), or address:port of a syslog server. Default stdout. */
    to?: string | undefined;
    /** The format of the access log: `json`, `httplog` (HAProxy manual 8.2.3), or `off` for no access log. Default json. */
    format?: "json" | "httplog" | "off" | undefined;
    /** The syslog facility. Default local0. */
    facility?: string | undefined;
    /** The lowest severity that is logged. Default info. */
    level?: "emerg" | "alert" | "crit" | "err" | "warning" | "notice" | "info" | "debug" | undefined;
  } | undefined;
  /** The stats page of HAProxy; false disables it. Default: on port 8404, reachable from inside the cluster only. */
  stats?: false | {
    /** The port of the stats page. Default 8404. */
    port?: number | undefined;
    /** Whether the stats page is reachable through the load balancer. Default false. */
    public?: boolean | undefined;
    /** The user and password that the stats page requires. Default: none. */
    user?: {
      /** The user name, without colons and white space. */
      name: string;
      /** The password: { secret, key } of a Secret that you create, or the password itself. HAProxy reads it from an environment variable. */
      password: string | {
        /** A Secret in the namespace of the edge. */
        secret: string;
        /** The key that holds the value. */
        key: string;
      };
    } | undefined;
  } | undefined;
  /** The HAProxy process. */
  haproxy?: {
    /** The ports that HAProxy binds. Default 8080, 8443, 8081, 8405 and 8406. */
    ports?: {
      /** The port for public HTTP requests. Default 8080. */
      http?: number | undefined;
      /** The port for public HTTPS requests. Default 8443. */
      https?: number | undefined;
      /** The port for in-cluster clients. Default 8081. */
      internal?: number | undefined;
      /** The port for probes and metrics. Default 8405. */
      health?: number | undefined;
      /** The port for HTTP health checks of the load balancer. Default 8406. */
      check?: number | undefined;
    } | undefined;
    /** HAProxy's threads. Default: twice `kubernetes.resources.cpu`, at least 2. */
    threads?: number | undefined;
    /** HAProxy directives that are added verbatim to the global section. */
    raw?: string[] | undefined;
  } | undefined;
  /** The container image. */
  image?: {
    /** The base image: `debian` (trixie-slim), `ubuntu` (24.04), `official` (the Docker Official Image of HAProxy), `minimal` (HAProxy and its libraries only), `alpine` (musl). Default debian. */
    base?: "debian" | "ubuntu" | "official" | "minimal" | "alpine" | undefined;
    /** The digest (sha256:…) that pins the base image. Default: none; the build uses the image that the tag refers to at that time. */
    baseDigest?: string | undefined;
    /** A part of the image tag. A new revision builds a new image and reinstalls its packages. Change it after a security update of HAProxy or of the base image. */
    revision?: string | undefined;
    /** The image name with its registry and without a tag, as in registry.example.com/web/app-edge. The tag is derived from the content. Default: the name of the edge followed by -edge. */
    repository?: string | undefined;
    /** Packages for debugging in the pod, as in [dnsutils, telnet]. Not with base `minimal`. */
    tools?: string[] | undefined;
    /** How log lines get to stdout of the container: `stdout`, written by HAProxy itself, or `rsyslog`, by an rsyslogd in the container that receives HAProxy's syslog messages. Default stdout. */
    logs?: "stdout" | "rsyslog" | undefined;
    /** Where haproxy.cfg is: in a ConfigMap, or part of the image. Default configMap. */
    config?: "configMap" | "image" | undefined;
  } | undefined;
  /** DNS in the HAProxy pods. */
  dns?: {
    /** Name servers for HAProxy and for resolv.conf of the pod. An entry with a port other than 53 is used by HAProxy only, because resolv.conf has no ports. Default: the name servers that Kubernetes configures. */
    nameServers?: string[] | undefined;
    /** HAProxy sends DNS queries over TCP, for responses with the addresses of many pods. Requires `nameServers`: HAProxy uses those of resolv.conf with UDP only. */
    tcp?: true | undefined;
    /** Options of resolv.conf in the pod. HAProxy's own resolver does not use them. Default: options that suit the C library of the image. */
    options?: string[] | undefined;
  } | undefined;
  /** The Kubernetes objects of the edge. */
  kubernetes?: {
    /** The kind of workload that runs the HAProxy pods. Default deployment; daemonSet with host ports if the load balancer is `none`. */
    workload?: "deployment" | "daemonSet" | undefined;
    /** The number of pods; with { min, max } a HorizontalPodAutoscaler sets it. Default 3. */
    replicas?: number | {
      /** The minimum number of pods. */
      min: number;
      /** The maximum number of pods. */
      max: number;
      /** The target average CPU utilization, in percent of the CPU request. Default 70. */
      cpu?: number | undefined;
    } | undefined;
    /** The node ports that the load balancer forwards to. */
    nodePorts?: {
      /** The node port for HTTP. Default 30080. */
      http?: number | undefined;
      /** The node port for HTTPS. Default 30443. */
      https?: number | undefined;
      /** The node port of the stats page, if it is public. Default 30404. */
      stats?: number | undefined;
      /** The node port for HTTP health checks of the load balancer. Default 30406. */
      check?: number | undefined;
    } | undefined;
    /** `Local`: a node forwards connections to its own pods only, and preserves the client address. `Cluster`: a node forwards to the pods of all nodes. Default Cluster if the load balancer sends PROXY headers, otherwise Local. */
    externalTrafficPolicy?: "Cluster" | "Local" | undefined;
    /** The readiness probe: an HTTP request to the health listener, or a TCP connection to the stats port. Default health. */
    readiness?: "health" | "stats" | undefined;
    /** The resource requests of a pod. There is no CPU limit, to avoid throttling. */
    resources?: {
      /** The CPU request of a pod. Default 500m. */
      cpu?: string | undefined;
      /** The memory request of a pod. Default: computed from `limits.maxConnections`. */
      memory?: string | undefined;
    } | undefined;
    /** Whether a NetworkPolicy restricts connections to and from the HAProxy pods. Default true. */
    networkPolicy?: boolean | {
      /** The networks that may connect to the public ports, as the pods see them: behind a node port these are the addresses of the nodes. Default: all. */
      publicFrom?: string[] | undefined;
    } | undefined;
    /** Whether to create a PodMonitor for the Prometheus operator. Default false. */
    podMonitor?: boolean | undefined;
    /** The image pull Secrets, in the namespace of the edge. */
    pullSecrets?: string[] | undefined;
    /** Connection draining: how a pod is terminated without losing a request. */
    drain?: {
      /** The time until a terminating pod receives no new connections. Default: 10s, or the time that the health check of the load balancer needs. */
      detection?: string | undefined;
      /** How long in-flight requests may continue. Default: twice their longest idle time. */
      hardStop?: string | undefined;
      /** The termination grace period of the pod. Default: detection + hardStop + 5s. */
      gracePeriod?: string | undefined;
    } | undefined;
  } | undefined;
  /** The expectations: requests with their expected outcomes, which `portico test` sends. */
  expect?: ({
    /** The URL of a GET request. */
    get?: string | undefined;
    /** Method and URL, as in `POST https://app.example.com/x`; instead of `get`. */
    request?: string | undefined;
    /** The request headers; a list sends the header several times. */
    headers?: Record<string, string | string[]> | undefined;
    /** The body of the request. */
    body?: string | undefined;
    /** Opens a WebSocket: the headers of the handshake are added, and after status 101 a message is sent and must be echoed. The expected status is 101, unless `status`, `location` or `responseBody` is given. */
    websocket?: true | undefined;
    /** The entrance. `untrusted` connects to HAProxy's public port from an address that is not in `sources`. `pod` connects from an address in `sources`, without the load balancer, and sends the header with the client address itself. Default public. */
    through?: "public" | "internal" | "untrusted" | "pod" | undefined;
    /** The client address; not for `through: internal`. Default 203.0.113.7. */
    from?: string | undefined;
    /** The expected status. */
    status?: number | undefined;
    /** The expected Location header; a relative one is resolved first. */
    location?: string | undefined;
    /** The backend that must receive the request, or a list of backends of which one must. */
    backend?: string | string[] | undefined;
    /** The request that the backend receives. */
    seen?: {
      /** The path and query that the backend receives. */
      path?: string | undefined;
      /** The Host header that the backend receives. */
      host?: string | undefined;
      /** The method that the backend receives. */
      method?: string | undefined;
      /** The server name (SNI) that HAProxy sends to the backend, if it connects by TLS. */
      serverName?: string | undefined;
      /** Headers that the backend receives; null means that the header must be absent. */
      headers?: Record<string, string | null> | undefined;
    } | undefined;
    /** Headers of the response; null means that the header must be absent. */
    responseHeaders?: Record<string, string | null> | undefined;
    /** The body of the response, if HAProxy itself sends the response. */
    responseBody?: string | undefined;
    /** All names of the certificate that the client receives, in any order. */
    certificate?: string | string[] | undefined;
    /** The connection is refused, or closed without a response. */
    refused?: true | undefined;
  })[] | undefined;
  /** What holds for all requests. `portico test` proves it, or shows a request for which it does not hold. */
  invariants?: ({
    /** Requests and an outcome: no such request has it. */
    never?: {
      /** The path: a prefix of whole segments, { exact } or { regex }. Default: all paths. */
      path?: string | {
        /** A prefix of whole path segments. */
        prefix: string;
      } | {
        /** The whole path. */
        exact: string;
      } | {
        /** A regular expression (PCRE) that may match anywhere in the path; anchor it with ^ and $. */
        regex: string;
      } | undefined;
      /** The host, or `*.` and a domain for its subdomains. */
      host?: string | undefined;
      /** The method, or a list of methods. */
      method?: string | string[] | undefined;
      /** How clients connect. */
      scheme?: "http" | "https" | undefined;
      /** Client addresses: networks separated by commas, or `not` and networks. */
      from?: string | undefined;
      /** Request headers with exact values. */
      header?: Record<string, string> | undefined;
      /** Where requests enter: `http`, `https`, `internal`, or the address of a bind. */
      listener?: string | undefined;
      /** The backend that gets the request. */
      backend?: string | undefined;
      /** The status, or a class as in 2xx. A backend decides the status of its responses: they count as success. */
      status?: number | string | undefined;
      /** The Location of a redirect by HAProxy; `*` is any text without /, `**` any text, as in https://**. */
      redirect?: string | undefined;
      /** No route, and no backend, is there for the request. */
      noRoute?: true | undefined;
    } | undefined;
    /** Requests that all have the outcome in `then`. */
    always?: {
      /** The path: a prefix of whole segments, { exact } or { regex }. Default: all paths. */
      path?: string | {
        /** A prefix of whole path segments. */
        prefix: string;
      } | {
        /** The whole path. */
        exact: string;
      } | {
        /** A regular expression (PCRE) that may match anywhere in the path; anchor it with ^ and $. */
        regex: string;
      } | undefined;
      /** The host, or `*.` and a domain for its subdomains. */
      host?: string | undefined;
      /** The method, or a list of methods. */
      method?: string | string[] | undefined;
      /** How clients connect. */
      scheme?: "http" | "https" | undefined;
      /** Client addresses: networks separated by commas, or `not` and networks. */
      from?: string | undefined;
      /** Request headers with exact values. */
      header?: Record<string, string> | undefined;
      /** Where requests enter: `http`, `https`, `internal`, or the address of a bind. */
      listener?: string | undefined;
    } | undefined;
    /** The outcome of all requests in `always`. */
    then?: {
      /** The backend that gets the request. */
      backend?: string | undefined;
      /** The status, or a class as in 2xx. A backend decides the status of its responses: they count as success. */
      status?: number | string | undefined;
      /** The Location of a redirect by HAProxy; `*` is any text without /, `**` any text, as in https://**. */
      redirect?: string | undefined;
      /** No route, and no backend, is there for the request. */
      noRoute?: true | undefined;
    } | undefined;
  })[] | undefined;
  /** Settings of `portico check`. */
  check?: {
    /** Suppressed findings: they are known and accepted, and do not change the exit status. */
    allow?: ({
      /** The code of the finding, as `portico check` shows it. */
      code: string;
      /** Why the finding is accepted. */
      because: string;
      /** Only findings that name this object in backquotes. Default: all with the code. */
      for?: string | undefined;
    })[] | undefined;
  } | undefined;
}
