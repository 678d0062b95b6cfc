// The TLS end of a load balancer double's listener: a certificate by name, a protocol by policy.
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { LabCertificate } from "../certificates.ts";

/** An NLB's ALPN policies (AWS, "TLS listeners for your Network Load Balancer", ALPN policies). */
export type AlpnPolicy = "none" | "http1-only" | "http2-only" | "http2-optional" | "http2-preferred";

export interface TlsAcceptor {
  /** Undefined when the handshake failed; the connection is then of no more use. */
  accept(tcp: Socket): Promise<TLSSocket | undefined>;
}

/** The first certificate answers where no name fits. Throws without any certificate. */
export function createTlsListener(certificates: readonly LabCertificate[], alpn: AlpnPolicy): TlsAcceptor {
  const offers = certificates.map(({ key, certificate, authority, names }) => ({
    names,
    context: createSecureContext({ key, cert: `${certificate}${authority}` }),
  }));
  const [first] = offers;
  if (first === undefined) throw new Error("a TLS listener needs a certificate");
  const protocols = protocolsOf[alpn];

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

/** In the server's order of preference, which decides. No common protocol ends the handshake (RFC 7301 section 3.2). */
const protocolsOf: Readonly<Record<AlpnPolicy, string[]>> = {
  none: [],
  "http1-only": ["http/1.1", "http/1.0"],
  "http2-only": ["h2"],
  "http2-optional": ["http/1.1", "http/1.0", "h2"],
  "http2-preferred": ["h2", "http/1.1", "http/1.0"],
};

/** A wildcard stands for one label (RFC 9525 section 6.3). */
function covers(name: string, servername: string): boolean {
  const wanted = servername.toLowerCase();
  const given = name.toLowerCase();
  if (given === wanted) return true;
  return given.startsWith("*.") && given.slice(1) === wanted.slice(wanted.indexOf("."));
}
