// What an editor shows in a portico.config.ts: hover texts of fields from the TypeScript language server (LSP 3.17).
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const file = pathToFileURL(join(root, "test", "description", "hovered.ts")).href;
const text = `import { defineEdge } from "../../src/index.ts";
export default defineEdge({
  edge: "app",
  sites: [{ host: "a.example", hsts: { maxAge: "180d" }, routes: [{ to: "app", allow: ["10.0.0.0/8"] }] }],
  timeouts: { connect: "1s" },
});
`;

test("hovering over a field shows its description", async () => {
  const server = spawn(join(root, "node_modules", ".bin", "tsc"), ["--lsp", "--stdio"], { cwd: root });
  try {
    const request = connection(server);
    await request("initialize", { processId: null, rootUri: pathToFileURL(root).href, capabilities: {} }, 1);
    send(server, { method: "initialized", params: {} });
    send(server, {
      method: "textDocument/didOpen",
      params: { textDocument: { uri: file, languageId: "typescript", version: 1, text } },
    });
    let id = 2;
    const hover = async (field: string) => {
      const line = text.split("\n").findIndex((one) => one.includes(`${field}:`));
      const character = text.split("\n")[line]?.indexOf(`${field}:`) ?? 0;
      const position = { line, character };
      return JSON.stringify(
        await request("textDocument/hover", { textDocument: { uri: file }, position }, id++),
      );
    };
    expect(await hover("edge")).toContain("The name of the edge.");
    expect(await hover("maxAge")).toContain("How long browsers use HTTPS only.");
    expect(await hover("allow")).toContain("other clients get 403");
    expect(await hover("connect")).toContain("The maximum time to establish a connection to a server.");
  } finally {
    server.kill();
  }
}, 60_000);

function send(server: ChildProcessWithoutNullStreams, message: object): void {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Sends a request and resolves with its result; requests from the server to the client get an empty result. */
function connection(server: ChildProcessWithoutNullStreams) {
  const waiting = new Map<number, (result: unknown) => void>();
  let received = Buffer.alloc(0);
  server.stdout.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const [header, length] =
        /^Content-Length: (\d+)[\s\S]*?\r\n\r\n/.exec(received.toString("latin1")) ?? [];
      if (header === undefined || received.length < header.length + Number(length)) return;
      const body = received.subarray(header.length, header.length + Number(length)).toString();
      received = received.subarray(header.length + Number(length));
      const message = JSON.parse(body) as { id?: number; method?: string; result?: unknown };
      if (message.method === undefined) waiting.get(message.id ?? 0)?.(message.result);
      else if (message.id !== undefined) send(server, { id: message.id, result: null });
    }
  });
  return (method: string, params: object, id: number): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    waiting.set(id, resolve);
    send(server, { id, method, params });
    return promise;
  };
}
