// An application server on Express for the security suite, with the method-override middleware: `node express.mjs HOST PORT`.
import express from "express";
import methodOverride from "method-override";
import { record, restrictedHandlers } from "./record.mjs";

const [host, port] = process.argv.slice(2);
const app = express();
app.set("trust proxy", true);
for (const header of ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"])
  app.use(methodOverride(header));

const run = (handler) => async (request, response) => {
  let body = 0;
  try {
    for await (const chunk of request) body += chunk.length;
  } catch {
    return;
  }
  const query = request.url.split("?").slice(1).join("?");
  record({
    handler,
    method: request.method,
    path: request.path,
    query,
    host: request.hostname,
    headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    body,
  });
  response.status(203).send(`${handler} ${query}\n`);
};

for (const [path, handler] of restrictedHandlers) app.all(path, run(handler));
app.use(run("any"));
app.use((_error, _request, response, _next) => response.status(400).end());

const server = app.listen(Number(port), host);
server.on("clientError", (_, socket) => {
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
});
