// One connection of an attacker: sends bytes as they are, and reads until the other side has answered, closed, or is waiting for more.
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { dataIn, isAnswered } from "./http2-frames.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly protocol: "HTTP/1" | "HTTP/2 without TLS" | "HTTP/2";
}

/** Where an attack leaves the server waiting for more bytes, there is no event to await. */
const IDLE_MS = 300;
/** For requests that are answered in any case, on a machine that is busy with something else. */
const PATIENT_MS = 20_000;

export const ask = (endpoint: Endpoint, bytes: Buffer): Promise<string> => send(endpoint, bytes, PATIENT_MS);

/** What came back, as text (latin1); of HTTP/2 what the DATA frames carry. */
export async function send(endpoint: Endpoint, bytes: Buffer, idleMs = IDLE_MS): Promise<string> {
  const received: Buffer[] = [];
  const isHttp2 = endpoint.protocol !== "HTTP/1";
  await new Promise<void>((done) => {
    const socket = opened(endpoint);
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      received.push(chunk);
      if (isHttp2 && isAnswered(Buffer.concat(received))) socket.destroy();
    });
    // The other side may close before it has read everything.
    socket.on("error", () => undefined);
    socket.on("close", () => done());
    socket.write(bytes);
  });
  const all = Buffer.concat(received);
  return isHttp2 ? dataIn(all) : all.toString("latin1");
}

function opened({ host, port, protocol }: Endpoint): Socket {
  if (protocol !== "HTTP/2") return connect({ host, port, noDelay: true });
  return connectTls({
    host,
    port,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
    servername: "app.example.com",
  });
}
