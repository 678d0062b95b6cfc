// Floods over HTTP/2 on a real HAProxy: connections with reset floods are closed, and CONTINUATION and idle connections are limited.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { END_HEADERS, END_STREAM, frame, PREFACE, TYPES } from "../../security/bypass/http2-frames.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, site } from "../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  timeouts: { request: "300ms", client: "500ms", keepAlive: "10m" },
  sites: site([{ respond: { status: 204 } }]),
});

/** Versions that do not count resets (docs/concepts/security.md). */
const NOT_COUNTING = ["2.6", "3.0"];

/** HAProxy's response to a PING (RFC 9113, 6.7). */
const OPAQUE = Buffer.from("a flood.");
/** GET https://a.test/ (RFC 7541, appendix A). */
const GET = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 0x06]), Buffer.from("a.test")]);
const CANCEL = Buffer.from([0, 0, 0, 8]);

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  const counts = !NOT_COUNTING.includes(haproxy.branch);
  test(`${counts ? "closes" : "does not close"} a connection that resets each stream immediately`, async () => {
    const resets = Array.from({ length: 20_000 }, (_, index) =>
      Buffer.concat([
        frame(TYPES.headers, END_STREAM | END_HEADERS, 2 * index + 1, GET),
        frame(TYPES.reset, 0, 2 * index + 1, CANCEL),
      ]),
    );
    const frames = [...resets, frame(TYPES.ping, 0, 0, OPAQUE)];
    const received = await ended(lab, (index) => frames[index], OPAQUE);
    expect(received.includes(OPAQUE)).toBe(!counts);
  });

  test("closes a connection with endless headers", async () => {
    await ended(lab, (index) =>
      index === 0 ? frame(TYPES.headers, 0, 1, GET) : frame(TYPES.continuation, 0, 1),
    );
  });

  test("closes a connection without a request", async () => {
    await ended(lab, () => undefined);
  });
});

/**
 * Sends frame after frame until HAProxy closes, or sends `last`: then the client closes. Returns what HAProxy has
 * sent; without either the test times out.
 */
async function ended(lab: Lab, next: (index: number) => Buffer | undefined, last?: Buffer): Promise<Buffer> {
  const { host, port } = lab.places.bind(8080);
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  let received = Buffer.alloc(0);
  socket.on("data", (data) => {
    received = Buffer.concat([received, data]);
    if (last !== undefined && received.includes(last)) socket.destroy();
  });
  socket.write(PREFACE);
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
  return received;
}

function drained(socket: ReturnType<typeof connect>): Promise<void> {
  return new Promise((done) => socket.once("drain", () => done()));
}
