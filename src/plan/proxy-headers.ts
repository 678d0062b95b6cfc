// Request headers that only a proxy may write: applications read them as the client's address, the scheme, the user, or another request than the routed one.
import type { Lowering } from "./lowering.ts";

/**
 * Names in lower case; `*` at the end: every name that begins so. Each `-` matches any one character, because CGI, WSGI, Rack and PHP map `-`, `_`, `.`
 * and others to `_`: `X-Forwarded-For`, `X_Forwarded_For` and `X.Forwarded.For` are one variable there (RFC 3875 section 4.1.18).
 */
export const REMOVED_HEADERS: readonly string[] = [
  // The client's address, scheme and host. RFC 7239; npm request-ip; Rack::Request; Werkzeug ProxyFix; PHP applications read HTTP_CLIENT_IP and similar.
  "forwarded* x-forwarded* x-forward-for x-real-* x-original-* x-envoy-* remote-* x-remote-*",
  "client-ip* x-client-ip* x-clientip* x-cluster-client-ip* true-client-ip* x-true-client-ip*",
  "x-originating-ip* x-proxyuser-ip* proxy-client-ip* wl-proxy-*",
  "x-scheme x-url-scheme front-end-https x-host x-http-host-override",
  // CDNs and clouds: Cloudflare, CloudFront, Fastly, Azure, App Engine, DigitalOcean, Fly.io, Netlify, Imperva, Sucuri, Vercel.
  "cf-connecting-ip* cf-pseudo-ipv4 cf-visitor cloudfront-viewer-address cloudfront-forwarded-proto",
  "fastly-client-ip fastly-ssl x-azure-clientip x-azure-socketip appengine-user-ip",
  "x-appengine-* do-connecting-ip fly-client-ip x-nf-client-connection-ip incap-client-ip",
  "x-sucuri-clientip x-vercel-forwarded* x-vercel-ip*",
  // Who the user is. Authelia, oauth2-proxy, Grafana's auth proxy; AWS ALB, Google IAP, Azure App Service, Cloudflare Access.
  "x-auth-request-* x-webauth-* x-amzn-oidc-* x-amzn-mtls-* x-goog-authenticated-user-*",
  "x-goog-iap-* x-ms-client-principal* cf-access-authenticated-user-*",
  // The same by Authentik, Pomerium, Kong and Tailscale, and the name that Apache modules use.
  "x-authentik-* x-pomerium-* x-consumer-* tailscale-user-* x-authenticated-user*",
  // The client's certificate. RFC 9440; Tomcat SSLValve; Keycloak's x509 lookup; ASP.NET certificate forwarding.
  "client-cert* x-client-cert* x-clientcert* x-client-verify ssl-* x-ssl x-ssl-* x-arr-* ms-aspnetcore-*",
  // Another URL or file than the routed one. Symfony and WordPress (IIS rewriting); gunicorn's forwarder_headers; Rack::Sendfile, CVE-2025-61780; Next.js, CVE-2025-29927.
  "x-rewrite-url script-name x-script-name path-info x-accel-* x-sendfile-type x-middleware-*",
  // Another method. Rack::MethodOverride, Symfony, Express method-override.
  "x-http-method x-http-method-override x-method-override",
  // CGI maps it to HTTP_PROXY, which HTTP clients use as their proxy (httpoxy, CVE-2016-5385).
  "proxy",
  // Hop-by-hop (RFC 9110 section 7.6.1). HAProxy itself removes keep-alive and close from Connection; the rest
  // names headers that the next proxy would remove, such as X-Forwarded-For.
  "connection http2-settings upgrade",
].flatMap((names) => names.split(" "));

/** HAProxy sets these itself, or they are hop-by-hop: no proxy in front can be trusted with them. */
const NEVER_TRUSTED = new Set(
  "connection http2-settings proxy upgrade x-forwarded-for x-forwarded-proto".split(" "),
);

const REMOVED = REMOVED_HEADERS.map(
  (name) => new RegExp(`^${name.replaceAll("-", ".").replace("*", ".*")}$`, "s"),
);

/** Whether a client's header of this name is removed before routing, in any spelling. */
export function isRemovedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return REMOVED.some((pattern) => pattern.test(lower));
}

/** `public.trustedHeaders` in lower case; a header that the edge does not remove, or writes by itself, is reported. */
export function lowerTrustedHeaders({ edge, report }: Lowering): readonly string[] {
  const described = edge.public?.trustedHeaders ?? [];
  for (const [index, name] of described.entries()) {
    const lower = name.toLowerCase();
    const own = NEVER_TRUSTED.has(lower);
    if (!own && isRemovedHeader(lower)) continue;
    report({
      code: "invalid-value",
      what: own
        ? `\`${name}\` is a header that HAProxy always sets or removes itself`
        : `\`${name}\` is a header that HAProxy does not remove`,
      why: own
        ? "HAProxy sets the header from the connection, or the header belongs to one connection only."
        : "`trustedHeaders` keeps headers that HAProxy would otherwise remove because any client can write them.",
      remedy: "Remove it from `trustedHeaders`.",
      path: ["public", "trustedHeaders", index],
    });
  }
  return [...new Set(described.map((name) => name.toLowerCase()))].sort();
}
