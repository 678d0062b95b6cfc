// Clients that send one request after the other until they are stopped, and record failures.
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:https";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

export interface Fault {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly what: string;
}

export interface Taken {
  readonly sent: number;
  readonly reconnected: number;
  readonly faults: readonly Fault[];
}

export interface Client {
  /** The results since the last call. */
  take(): Taken;
  stop(): void;
  readonly ended: Promise<void>;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly hostName: string;
  readonly path: string;
  readonly pauseMs: number;
}

/** A failed request has no complete answer, or a status of 400 or more. */
export function httpClient(target: Target & { readonly keepAlive: boolean }): Client {
  const agent = new Agent({ keepAlive: target.keepAlive, maxSockets: 1 });
  return clientOf(target, () => exchange(target, agent));
}

/**
 * A message must be echoed for as long as the connection is open. A connection may be closed between messages (by request, or after
 * a stopping proxy's drain time); a new one must open immediately.
 */
export function webSocketClient(target: Target): Client {
  let socket: Duplex | undefined;
  return clientOf(target, async () => {
    const reconnects = socket?.destroyed === true;
    if (socket === undefined || socket.destroyed) socket = await openWebSocket(target);
    const answered = await echoes(socket);
    if (!answered) socket.destroy();
    return reconnects ? "reconnected" : "done";
  });
}

function clientOf({ path, pauseMs }: Target, once: () => Promise<"done" | "reconnected">): Client {
  let taken = { sent: 0, reconnected: 0, faults: [] as Fault[] };
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      taken.sent += 1;
      try {
        if ((await once()) === "reconnected") taken.reconnected += 1;
      } catch (error) {
        taken.faults.push({
          at: Date.now(),
          path,
          what: error instanceof Error ? error.message : String(error),
        });
      }
      await pause(pauseMs);
    }
  };
  return {
    take() {
      const before = taken;
      taken = { sent: 0, reconnected: 0, faults: [] };
      return before;
    },
    stop() {
      stopped = true;
    },
    ended: run(),
  };
}

const LONGEST_MS = 30_000;

function exchange(target: Target, agent: Agent): Promise<"done"> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: target.host,
        port: target.port,
        servername: target.hostName,
        rejectUnauthorized: false,
        path: target.path,
        agent,
        headers: { host: target.hostName },
        timeout: LONGEST_MS,
      },
      (answer) => {
        let bytes = 0;
        answer.on("data", (data: Buffer) => {
          bytes += data.length;
        });
        answer.on("error", (error) => reject(new Error(`in the middle of the answer: ${error.message}`)));
        answer.on("end", () => {
          const announced = Number(answer.headers["content-length"] ?? bytes);
          if ((answer.statusCode ?? 0) >= 400) reject(new Error(`status ${answer.statusCode}`));
          else if (!answer.complete || announced !== bytes)
            reject(new Error(`${bytes} of ${announced} bytes`));
          else resolve("done");
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${LONGEST_MS} ms`)));
    sent.on("error", (error) => reject(error));
    sent.end();
  });
}

function openWebSocket(target: Target): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: target.host,
      port: target.port,
      servername: target.hostName,
      rejectUnauthorized: false,
      path: target.path,
      agent: false,
      headers: {
        host: target.hostName,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
      },
      timeout: LONGEST_MS,
    });
    sent.on("upgrade", (_answer, socket) => {
      // A connection may end between two messages; the next message finds it closed.
      socket.on("error", () => socket.destroy());
      socket.on("end", () => socket.destroy());
      resolve(socket);
    });
    sent.on("response", (answer) => reject(new Error(`no WebSocket but status ${answer.statusCode}`)));
    sent.on("timeout", () => sent.destroy(new Error(`no WebSocket in ${LONGEST_MS} ms`)));
    sent.on("error", (error) => reject(new Error(`no WebSocket: ${error.message}`)));
    sent.end();
  });
}

/** Sends a masked text frame of a few bytes (RFC 6455 section 5.2). False: the connection was closed instead of an echo. */
function echoes(socket: Duplex): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(() => reject(new Error(`no echo in ${LONGEST_MS} ms`))), LONGEST_MS);
    const onData = (data: Buffer) => done(() => resolve((data[0] ?? 0) !== 0x88));
    const onClose = () => done(() => resolve(false));
    const done = (settle: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("close", onClose);
      settle();
    };
    socket.on("data", onData);
    socket.on("close", onClose);
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  });
}
