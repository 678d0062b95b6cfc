// Whether the suite can see anything at all: plain spellings reach each handler when sent to the server, and are refused by the edge.
import { APP_HOST } from "./attacks/attack.ts";
import { ask, type Endpoint } from "./client.ts";
import type { Edge } from "./edge.ts";
import type { RunningServer } from "./running-server.ts";

/** What runs for a plain request, and what the edge must answer. */
const CONTROLS: readonly { text: string; handler: string; status: number; body?: string }[] = [
  { text: "GET /any HTTP/1.1", handler: "any", status: 203 },
  { text: "GET /admin/users HTTP/1.1", handler: "admin", status: 403 },
  { text: "GET /team/list HTTP/1.1", handler: "team", status: 403 },
  { text: "GET /secret HTTP/1.1", handler: "secret", status: 403 },
  { text: "GET /v1/private HTTP/1.1", handler: "private", status: 403 },
  { text: "GET /write HTTP/1.1", handler: "write", status: 203 },
  { text: "POST /write HTTP/1.1\r\nContent-Length: 0", handler: "write", status: 403 },
  { text: "GET /beta HTTP/1.1", handler: "beta", status: 403 },
  { text: "GET /beta HTTP/1.1\r\nX-Beta: open", handler: "beta", status: 203 },
  { text: `POST /upload HTTP/1.1\r\nContent-Length: 10`, handler: "upload", status: 203, body: "0123456789" },
  {
    text: `POST /upload HTTP/1.1\r\nContent-Length: 2000`,
    handler: "upload",
    status: 413,
    body: "x".repeat(2000),
  },
];

const MOST_BARRIERS = 200;

/** One line for each control that fails. */
export async function checkControls(server: RunningServer, edge: Edge): Promise<readonly string[]> {
  const failures: string[] = [];
  await server.handlerRuns();
  for (const { text, handler, status, body = "" } of CONTROLS) {
    const request = Buffer.from(`${text}\r\nHost: ${APP_HOST}\r\nConnection: close\r\n\r\n${body}`);
    const straight: Endpoint = { host: server.host, port: server.port, protocol: "HTTP/1" };
    await ask(straight, request);
    const ran = (await server.handlerRuns()).map((run) => run.handler).join(", ");
    if (ran !== handler)
      failures.push(`control: ${text} straight to the server ran [${ran}] instead of ${handler}`);
    const answer = await ask(edge.endpoints.http1, request);
    if (!new RegExp(`^HTTP/1.[01] ${status} `).test(answer))
      failures.push(
        `control: ${text} through the edge was answered ${JSON.stringify(answer.slice(0, 40))} instead of ${status}`,
      );
    await server.handlerRuns();
  }
  const logged = await loggedControls(edge);
  if (logged < CONTROLS.length)
    failures.push(`control: HAProxy logged ${logged} of ${CONTROLS.length} requests`);
  return failures;
}

/** Another thread may log a request after the barrier: its line must not be counted with the attacks. */
async function loggedControls(edge: Edge): Promise<number> {
  let logged = 0;
  for (let times = 0; times < MOST_BARRIERS && logged < CONTROLS.length; times += 1)
    logged += (await edge.logLines()).length + (await edge.droppedLines());
  return logged;
}
