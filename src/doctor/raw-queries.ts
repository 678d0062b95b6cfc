// Queries to a name server without a C library: alone, two together from one socket, and over TCP.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import { type DecodedPacket, decode, encode, type RecordType, streamEncode } from "dns-packet";

/** The answer to one query; null: none arrived in time. */
export type Reply = {
  readonly tookMs: number;
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` … */
  readonly rcode: string;
  readonly addresses: number;
} | null;

const PORT = 53;
/** Recursion desired (RFC 1035 section 4.1.1). */
const RECURSION = 1 << 8;
/** Ignores errors such as `no such port`: no answer arrives, and that is what is measured. */
const IGNORED = () => undefined;

let lastId = Math.floor(Math.random() * 0xffff);

/** One datagram per query, all from one socket and without waiting; replies in the order of the queries. */
export async function queryUdp(
  server: string,
  name: string,
  types: readonly RecordType[],
  timeoutMs: number,
): Promise<readonly Reply[]> {
  const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
  const questions = types.map((type) => question(name, type));
  const replies: Reply[] = types.map(() => null);
  const all = Promise.withResolvers<void>();
  const timer = setTimeout(all.resolve, timeoutMs);
  let sentAt = performance.now();
  socket.on("error", IGNORED);
  socket.on("message", (message) => {
    const packet = decoded(message);
    const at = questions.findIndex(({ id }) => id === packet?.id);
    if (packet === undefined || at === -1 || replies[at] !== null) return;
    replies[at] = replyOf(packet, performance.now() - sentAt);
    if (!replies.includes(null)) all.resolve();
  });
  try {
    socket.connect(PORT, server);
    await once(socket, "connect");
    sentAt = performance.now();
    for (const one of questions) socket.send(encode(one), IGNORED);
    await all.promise;
  } catch {
    // No route to that address: no answer.
  } finally {
    clearTimeout(timer);
    socket.close();
  }
  return replies;
}

export async function queryTcp(
  server: string,
  name: string,
  type: RecordType,
  timeoutMs: number,
): Promise<Reply> {
  const socket = connect({ host: server, port: PORT });
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const began = performance.now();
  let received: Buffer = Buffer.alloc(0);
  try {
    socket.write(streamEncode(question(name, type)));
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      // A message follows its length (RFC 1035 section 4.2.2).
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) continue;
      const packet = decoded(received.subarray(2));
      return packet === undefined ? null : replyOf(packet, performance.now() - began);
    }
    return null;
  } catch {
    return null; // refused, or closed: no answer over TCP
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function question(name: string, type: RecordType) {
  lastId = (lastId + 1) & 0xffff;
  return { type: "query" as const, id: lastId, flags: RECURSION, questions: [{ name, type }] };
}

function replyOf(packet: DecodedPacket, tookMs: number): Reply {
  const addresses = (packet.answers ?? []).filter(({ type }) => type === "A" || type === "AAAA").length;
  // dns-packet decodes the response code to its name; its types do not have it.
  const { rcode } = packet as DecodedPacket & { readonly rcode: string };
  return { tookMs, rcode, addresses };
}

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}
