// A backend in its own process: `/hold` never gets an answer, `/endless` gets an endless one, all others `200` immediately.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

const [host = "127.0.0.1"] = process.argv.slice(2);
const chunk = Buffer.alloc(64 * 1024, "x");
let held = 0;

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  if (request.url === "/hold") held += 1;
  else if (request.url === "/endless") pour(response);
  else response.end("x".repeat(1000));
});
server.listen({ host, port: 0, backlog: 8192 }, () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => process.send?.(held));
process.once("disconnect", () => process.exit(0));

/** Sends as much as the other end takes. */
function pour(response: ServerResponse): void {
  response.on("drain", () => more());
  const more = () => {
    while (response.write(chunk));
  };
  more();
}
