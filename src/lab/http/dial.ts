// Opens a client connection: TCP from a chosen local address, then a preamble such as a PROXY header, then TLS.
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Endpoint, SocketPath } from "../network.ts";
import type { NoAnswer, TlsReport } from "./answer.ts";

export interface TlsOptions {
  /** Server name to send (SNI) and to verify in the certificate; none is sent when absent. */
  readonly servername?: string;
  /** Protocols to offer, in order, such as `["h2", "http/1.1"]`; none are offered when absent. */
  readonly alpn?: readonly string[];
  /** PEM of the authorities to trust; the system's when absent. */
  readonly ca?: string;
  /** Whether an untrusted certificate fails the handshake. Default true. */
  readonly verify?: boolean;
}

export interface Route {
  readonly to: Endpoint | SocketPath;
  /** Address to connect from; not to a socket. */
  readonly localAddress?: string;
  /** Bytes to send first of all, before TLS. */
  readonly preamble?: Buffer;
  readonly tls?: TlsOptions;
  /** Whether our side stays open after the peer's FIN. Default false. */
  readonly allowHalfOpen?: boolean;
}

export interface Dialled {
  readonly failed?: undefined;
  readonly socket: Socket;
  /** The TCP connection that `socket` is, or uses. */
  readonly tcp: Socket;
  readonly tls?: TlsReport;
}

/** Throws when this machine cannot connect at all (no such local address, no more file descriptors). */
export async function dial(route: Route, timeoutMs: number): Promise<Dialled | NoAnswer> {
  const startedAt = performance.now();
  const socket = await openTcp(route, timeoutMs);
  if ("failed" in socket) return socket;
  if (route.preamble !== undefined) socket.write(route.preamble);
  if (route.tls === undefined) return { socket, tcp: socket };
  const secured = await openTls(socket, route.tls, timeoutMs - (performance.now() - startedAt));
  if ("failed" in secured) return secured;
  return { socket: secured, tcp: socket, tls: reportTls(secured) };
}

/** Which missing answer a socket's error means; undefined when the peer is not the cause. */
export function noAnswerFrom(error: NodeJS.ErrnoException): NoAnswer | undefined {
  const failed = FAILURE_OF_CODE[error.code ?? ""];
  return failed === undefined ? undefined : { failed, message: error.message };
}

const FAILURE_OF_CODE: Readonly<Record<string, NoAnswer["failed"]>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ETIMEDOUT: "timeout",
};

function openTcp(route: Route, timeoutMs: number): Promise<Socket | NoAnswer> {
  const { to, localAddress } = route;
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...to,
      noDelay: true,
      allowHalfOpen: route.allowHalfOpen ?? false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ failed: "timeout", message: `no connection to ${endpointText(to)} in ${timeoutMs} ms` });
    }, timeoutMs);
    const onError = (error: Error) => {
      clearTimeout(timer);
      const failure = noAnswerFrom(error);
      if (failure === undefined) reject(error);
      else resolve(failure);
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

function endpointText(to: Route["to"]): string {
  return "path" in to ? to.path : `${to.host}:${to.port}`;
}

function openTls(socket: Socket, tls: TlsOptions, timeoutMs: number): Promise<TLSSocket | NoAnswer> {
  return new Promise((resolve) => {
    const secured = connectTls({
      socket,
      rejectUnauthorized: tls.verify !== false,
      ...(tls.servername === undefined ? {} : { servername: tls.servername }),
      ...(tls.alpn === undefined ? {} : { ALPNProtocols: [...tls.alpn] }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      // Without a server name there is nothing to compare with the certificate.
      ...(tls.servername === undefined ? { checkServerIdentity: () => undefined } : {}),
    });
    const settle = (outcome: TLSSocket | NoAnswer) => {
      clearTimeout(timer);
      secured.off("error", onError);
      secured.off("close", onClose);
      if ("failed" in outcome) {
        // The first error was reported already.
        secured.on("error", () => {});
        secured.destroy();
      }
      resolve(outcome);
    };
    const onError = (error: Error) => settle({ failed: "tls", message: error.message });
    const onClose = () => settle({ failed: "tls", message: "the peer closed during the TLS handshake" });
    const timer = setTimeout(
      () => settle({ failed: "timeout", message: "the TLS handshake timed out" }),
      Math.max(0, timeoutMs),
    );
    secured.once("error", onError);
    secured.once("close", onClose);
    secured.once("secureConnect", () => settle(secured));
  });
}

function reportTls(socket: TLSSocket): TlsReport {
  return {
    ...(typeof socket.alpnProtocol === "string" ? { alpn: socket.alpnProtocol } : {}),
    ...(socket.authorized ? {} : { distrust: String(socket.authorizationError) }),
    names: socket.getPeerX509Certificate()?.subjectAltName ?? "",
  };
}
