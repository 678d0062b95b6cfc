// Floods over HTTP/2 on a real HAProxy: connections that reset streams in floods end, and CONTINUATION and idle connections are bounded.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { planned, site } from "../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  timeouts: { request: "300ms", client: "500ms", keepAlive: "10m" },
  sites: site([{ respond: { status: 204 } }]),
});

/** A frame (RFC 9113, 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const [HEADERS, RST_STREAM, SETTINGS, CONTINUATION] = [1, 3, 4, 9];
const [END_STREAM, END_HEADERS] = [1, 4];
const START = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(SETTINGS, 0, 0)]);
/** GET https://a.test/ (RFC 7541, appendix A). */
const GET = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 0x06]), Buffer.from("a.test")]);
const CANCEL = Buffer.from([0, 0, 0, 8]);

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  /** HAProxy 2.6 does not count, and 3.0 does not count resets (docs/concepts/security.md). */
  test.runIf(haproxy.branch !== "2.6" && haproxy.branch !== "3.0")(
    "ends a connection that resets each stream at once",
    async () => {
      await ended(lab, (index) =>
        Buffer.concat([
          frame(HEADERS, END_STREAM | END_HEADERS, 2 * index + 1, GET),
          frame(RST_STREAM, 0, 2 * index + 1, CANCEL),
        ]),
      );
    },
  );

  test("ends a connection whose headers never end", async () => {
    await ended(lab, (index) => (index === 0 ? frame(HEADERS, 0, 1, GET) : frame(CONTINUATION, 0, 1)));
  });

  test("ends a connection without a request", async () => {
    await ended(lab, () => undefined);
  });
});

/** Sends frame after frame until HAProxy closes; without a close the test runs out of time. */
async function ended(lab: Lab, next: (index: number) => Buffer | undefined): Promise<void> {
  const { host, port } = lab.places.bind(8080);
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  socket.resume();
  socket.write(START);
  let open = true;
  const closed = new Promise<void>((done) =>
    socket.once("close", () => {
      open = false;
      done();
    }),
  );
  for (let index = 0; open; index += 1) {
    const bytes = next(index);
    if (bytes === undefined) break;
    if (!socket.write(bytes)) await Promise.race([closed, drained(socket)]);
    if (index % 100 === 0) await new Promise(setImmediate);
  }
  await closed;
  expect(open).toBe(false);
}

function drained(socket: ReturnType<typeof connect>): Promise<void> {
  return new Promise((done) => socket.once("drain", () => done()));
}
