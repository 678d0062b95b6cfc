// An application server on node:http for the security suite: `node http.mjs HOST PORT`. It accepts any upgrade.
import { createServer } from "node:http";
import { handlerOf, record } from "./record.mjs";

const [host, port] = process.argv.slice(2);

const server = createServer(async (request, response) => {
  let body = 0;
  try {
    for await (const chunk of request) body += chunk.length;
  } catch {
    return;
  }
  const [path, query = ""] = split(request.url ?? "");
  const handler = handlerOf(path);
  record({
    handler,
    method: request.method,
    path,
    query,
    host: request.headers.host,
    headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    body,
  });
  response.writeHead(203).end(`${handler} ${query}\n`);
});

server.on("upgrade", (request, socket) => {
  const [path, query = ""] = split(request.url ?? "");
  record({
    handler: "tunnel",
    method: request.method,
    path,
    query,
    host: request.headers.host,
    headers: [],
    body: 0,
  });
  socket.on("error", () => undefined);
  socket.end(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`,
  );
});

server.on("clientError", (_, socket) => {
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
});

server.listen(Number(port), host);

/** Path and query; of an absolute request target only the path, as in most frameworks. */
function split(target) {
  const [path, ...query] = target.replace(/^https?:\/\/[^/?]*/, "").split("?");
  return [path, query.length === 0 ? undefined : query.join("?")];
}
