// A client's connection to a simulated load balancer that reads requests: each request is routed by itself.
//
// Requests and responses pass unchanged but for X-Forwarded-* and hop-by-hop headers, which each side handles
// itself (RFC 9110 section 7.6.1).
import type { Socket } from "node:net";
import type { RequestHead } from "../http/message.ts";
import { type MessageReader, readRequests } from "../http/reader.ts";
import { closeGently } from "../tcp/reset.ts";
import { HttpExchange, type HttpRelayOptions, ownAnswer } from "./http-exchange.ts";
import type { TargetPool } from "./target-pool.ts";

/** Nothing else may read from the socket. Pipelined requests are answered one after the other. */
export function relayRequests(client: Socket, pool: TargetPool, options: HttpRelayOptions): void {
  const exchanges: HttpExchange[] = [];
  const onData = (chunk: Buffer) => {
    options.onBytes("client", chunk.length);
    reader.push(chunk);
  };
  const side = {
    client,
    pool,
    options,
    next: () => {
      const done = exchanges.shift();
      if (done?.keepsOpen === false) closeGently(client);
      else exchanges[0]?.begin();
    },
    /** Passes the bytes that were read and belong to another protocol now. */
    letGo: () => {
      client.off("data", onData);
      client.off("timeout", onTimeout);
      client.setTimeout(0);
      exchanges.length = 0;
      return reader.detach();
    },
  };
  const reader: MessageReader = readRequests({
    head(head: RequestHead, framing) {
      const exchange = new HttpExchange(side, head, framing);
      exchanges.push(exchange);
      if (exchanges.length === 1) exchange.begin();
    },
    data: (chunk) => exchanges.at(-1)?.takeBody(chunk),
    complete: (trailers) => exchanges.at(-1)?.endBody(trailers),
    malformed() {
      client.write(ownAnswer(400), "latin1");
      closeGently(client);
    },
  });
  const onTimeout = () => {
    if (exchanges.length === 0) client.destroy();
  };
  client.on("data", onData);
  client.on("timeout", onTimeout);
  client.on("end", () => {
    if (exchanges.length === 0) client.end();
  });
  client.on("close", () => exchanges[0]?.abandon());
  client.setTimeout(options.idleTimeoutMs);
  client.resume();
}
