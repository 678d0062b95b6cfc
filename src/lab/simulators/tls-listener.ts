// The TLS side of a simulated load balancer's listener: a certificate by name, a protocol by policy.
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { LabCertificate } from "../certificates.ts";

/** An NLB's ALPN policies (AWS, "TLS listeners for your Network Load Balancer", ALPN policies). */
export type AlpnPolicy = "none" | "http1-only" | "http2-only" | "http2-optional" | "http2-preferred";

export interface TlsAcceptor {
  /** Undefined when the handshake failed; the connection is then unusable. */
  accept(tcp: Socket): Promise<TLSSocket | undefined>;
}

/** The first certificate is used where no name matches. Throws without a certificate. */
export function createTlsListener(certificates: readonly LabCertificate[], alpn: AlpnPolicy): TlsAcceptor {
  const offers = certificates.map(({ key, certificate, authority, names }) => ({
    names,
    context: createSecureContext({ key, cert: `${certificate}${authority}` }),
  }));
  const [first] = offers;
  if (first === undefined) throw new Error("a TLS listener needs a certificate");
  const protocols = PROTOCOLS_OF[alpn];

  const contextFor = (servername: string): SecureContext =>
    (offers.find(({ names }) => names.some((name) => covers(name, servername))) ?? first).context;

  return {
    accept(tcp) {
      const secured = new TLSSocket(tcp, {
        isServer: true,
        secureContext: first.context,
        SNICallback: (servername, done) => done(null, contextFor(servername)),
        ...(protocols.length === 0 ? {} : { ALPNProtocols: protocols }),
      });
      return new Promise((resolve) => {
        secured.on("error", () => resolve(undefined));
        secured.on("close", () => resolve(undefined));
        secured.on("secure", () => resolve(secured));
      });
    },
  };
}

/** In the server's order of preference, which decides. Without a common protocol the handshake fails (RFC 7301 section 3.2). */
const PROTOCOLS_OF: Readonly<Record<AlpnPolicy, string[]>> = {
  none: [],
  "http1-only": ["http/1.1", "http/1.0"],
  "http2-only": ["h2"],
  "http2-optional": ["http/1.1", "http/1.0", "h2"],
  "http2-preferred": ["h2", "http/1.1", "http/1.0"],
};

/** A wildcard matches one label (RFC 9525 section 6.3). */
function covers(name: string, servername: string): boolean {
  const wanted = servername.toLowerCase();
  const given = name.toLowerCase();
  if (given === wanted) return true;
  return given.startsWith("*.") && given.slice(1) === wanted.slice(wanted.indexOf("."));
}
