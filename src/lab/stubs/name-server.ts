// A stub DNS server over UDP: it answers NXDOMAIN for unknown names, and does not answer queries for some names.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decode, encode } from "dns-packet";
import type { Endpoint } from "../network.ts";

export interface NameServer {
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

/** RFC 1035 section 4.1.1: authoritative, and the response code of a name that does not exist. */
const AUTHORITATIVE = 1 << 10;
const NXDOMAIN = 3;

/** `unanswered`: in lower case. */
export async function openNameServer(listen: Endpoint, unanswered: ReadonlySet<string>): Promise<NameServer> {
  const socket = createSocket("udp4");
  socket.on("message", (message, { address, port }) => {
    const { id, questions } = decode(message);
    const name = questions?.[0]?.name.toLowerCase() ?? "";
    if (unanswered.has(name.replace(/\.$/, ""))) return;
    const answer = encode({ type: "response", id: id ?? 0, flags: AUTHORITATIVE | NXDOMAIN, questions });
    socket.send(answer, port, address);
  });
  socket.bind(listen.port, listen.host);
  await once(socket, "listening");
  return {
    endpoint: { host: listen.host, port: socket.address().port },
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}
