// Requests to a container and the backend behind it.
import { once } from "node:events";
import { Agent, createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Answers 200; at `/slow` after a delay, so that a stop happens meanwhile. */
export async function startBackend(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(({ url }, response) => {
    setTimeout(() => response.end("served\n"), url === "/slow" ? 3000 : 0);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Rejects without a response. */
export async function ask(port: number, path: string, agent: Agent | false = false): Promise<Answer> {
  const request = get({ port, host: "127.0.0.1", path, agent, headers: { host: "app.example.com" } });
  const [response] = await once(request, "response");
  return { status: response.statusCode, body: await text(response) };
}

/** Resolves when HAProxy's health listener passes: polled, because there is no event. */
export async function readiness(port: number, wanted: string): Promise<void> {
  for (;;) {
    const said = await ask(port, "/ready").then(
      ({ body }) => body,
      ({ code }) => code,
    );
    if (said === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Load {
  /** Resolves after this many more responses. */
  more(count: number): Promise<void>;
  /** Starts no further request; resolves when all are answered. */
  stop(): Promise<{ readonly answered: number; readonly lost: readonly string[] }>;
}

/** Clients that repeat requests: half on reused connections, half on one connection per request. */
export function startLoad(port: number, clients: number): Load {
  const agent = new Agent({ keepAlive: true });
  const lost: string[] = [];
  let answered = 0;
  let going = true;
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>();
  const one = async (kept: boolean, path: string) => {
    try {
      const { status } = await ask(port, path, kept ? agent : false);
      if (status === 200) answered += 1;
      else lost.push(`status ${status}`);
    } catch (error) {
      lost.push((error as NodeJS.ErrnoException).code ?? String(error));
    }
    for (const wait of waiting) if (answered + lost.length >= wait.at) wait.resolve();
  };
  const running = Array.from({ length: clients }, async (_, index) => {
    // Every eighth request takes seconds.
    while (going) await one(index % 2 === 0, index % 8 === 0 ? "/slow" : "/");
  });
  return {
    more: (count) => new Promise((resolve) => waiting.add({ at: answered + lost.length + count, resolve })),
    async stop() {
      going = false;
      await Promise.all(running);
      agent.destroy();
      return { answered, lost };
    },
  };
}
