// `maxBody` on a real HAProxy, over HTTP/1.1 and HTTP/2: no length above the limit passes, and no length is read as a shorter one.
import { type ClientHttp2Session, connect as connectHttpTwo } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, site } from "../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  timeouts: { request: "1s" },
  sites: site([
    { respond: { status: 204 } },
    { path: "/small", respond: { status: 204 }, maxBody: "5B" },
    { path: "/large", to: "app", maxBody: "2GB" },
    { path: "/open", respond: { status: 204 }, maxBody: { size: "5B", unknownLength: "allow" } },
  ]),
  backends: { app: { servers: ["10.0.0.7:8080"] } },
});

const TOO_LONG = [
  "2147483648",
  "4294967297",
  "9007199254740992",
  "999999999999999999",
  "0000000000000000000000004294967297",
] as const;
/** HAProxy 2.6 and 3.0 overflow to 0 at 2^64. */
const NO_LENGTHS = [
  "1000000000000000000",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
  "18446744073709551616",
  "18446744073709551619",
  "000018446744073709551616",
  "99999999999999999999999",
] as const;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  const post = (path: string, ...lines: readonly string[]) =>
    send(lab, `POST ${path} HTTP/1.1\r\nHost: a.test\r\n${lines.join("\r\n")}`);

  test.each(TOO_LONG)("Content-Length: %s gets 413, on limits of 5 bytes and of 2 GB", async (length) => {
    for (const path of ["/small", "/large", "/open"]) {
      expect(await post(path, `Content-Length: ${length}`, "", "")).toMatch(/^HTTP\/1.1 413 /);
      expect(
        await post(path, `Content-Length: ${length}`, "Expect: 100-continue", "", ""),
        "before the body is requested",
      ).toMatch(/^HTTP\/1.1 413 /);
    }
  });

  test.each(NO_LENGTHS)("Content-Length: %s gets 400, with and without a limit", async (length) => {
    for (const path of ["/", "/small", "/large"])
      expect(await post(path, `Content-Length: ${length}`, "", "")).toMatch(/^HTTP\/1.1 400 /);
  });

  test("a small body that arrives slowly gets 408; a larger one and one without limit do not", async () => {
    const trickled = (path: string, bytes: number) => trickle(lab, path, bytes);
    expect(await trickled("/small", 5)).toMatch(/^HTTP\/1.1 408 /);
    expect(await trickled("/large", 5)).toMatch(/^HTTP\/1.1 200 /);
  });

  test("a body as long as the limit, and one that is one byte longer", async () => {
    expect(await post("/small", "Content-Length: 5", "", "hello")).toMatch(/^HTTP\/1.1 204 /);
    expect(await post("/small", "Content-Length: 6", "", "hello!")).toMatch(/^HTTP\/1.1 413 /);
  });

  test.each([
    ["chunked", "Transfer-Encoding: chunked"],
    ["chunked with a Content-Length, which it overrides", "Content-Length: 3\r\nTransfer-Encoding: chunked"],
    ["chunked with an Upgrade", "Connection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked"],
  ])("a body of unknown length gets 411: %s", async (_, lines) => {
    expect(await post("/small", lines, "", "0\r\n\r\n")).toMatch(/^HTTP\/1.1 411 /);
    expect(await post("/", lines, "", "0\r\n\r\n")).toMatch(/^HTTP\/1.1 204 /);
    expect(await post("/open", lines, "", "6\r\nhello!\r\n0\r\n\r\n")).toMatch(/^HTTP\/1.1 204 /);
  });

  describe("HTTP/2", () => {
    let session: ClientHttp2Session;
    beforeAll(() => {
      const { host, port } = lab.places.bind(8080);
      session = connectHttpTwo(`http://${host}:${port}`);
    });
    afterAll(() => session.destroy());

    test.each([...TOO_LONG, ...NO_LENGTHS.slice(0, 2)])("content-length %s", async (length) => {
      const own = { "content-length": length };
      const over = BigInt(length) > 999_999_999_999_999_999n;
      for (const path of ["/small", "/large"])
        expect(await overHttpTwo(session, path, own)).toBe(over ? 400 : 413);
    });

    test("a body without content-length gets 411 after its first byte", async () => {
      expect(await overHttpTwo(session, "/small", {}, "hello")).toBe(411);
      expect(await overHttpTwo(session, "/open", {}, "hello!")).toBe(204);
      expect(await overHttpTwo(session, "/", {}, "hello!")).toBe(204);
    });

    test("a stream that ends without a body has none, with and without END_STREAM on its headers", async () => {
      expect(await overHttpTwo(session, "/small", {}, "")).toBe(204);
      expect(await overHttpTwo(session, "/small", {}, null)).toBe(204);
    });

    test("a stream that neither sends nor ends gets 408", async () => {
      expect(await overHttpTwo(session, "/small", {})).toBe(408);
    });
  });
});

/** A body of this many bytes, one each 100 ms: in total longer than `timeouts.request`. */
async function trickle(lab: Lab, path: string, bytes: number): Promise<string> {
  const { host, port } = lab.places.bind(8080);
  const socket = connect({ host, port });
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${bytes}\r\n\r\n`);
  const timer = setInterval(() => socket.write("x"), 300);
  try {
    return await headersOf(socket);
  } finally {
    clearInterval(timer);
  }
}

function send(lab: Lab, text: string): Promise<string> {
  const { host, port } = lab.places.bind(8080);
  const socket = connect({ host, port });
  socket.write(text);
  return headersOf(socket);
}

/** The headers of the response. */
async function headersOf(socket: Socket): Promise<string> {
  let answer = "";
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.includes("\r\n\r\n")) break;
  }
  return answer;
}

/** The status; `undefined` as body leaves the stream open, `null` ends it with the headers. */
function overHttpTwo(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string | null,
): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const stream = session.request(
      { ":method": "POST", ":path": path, ":authority": "a.test", ...headers },
      { endStream: body === null },
    );
    stream.once("response", (answer) => {
      done(answer[":status"]);
      stream.close();
    });
    stream.once("error", fail);
    if (typeof body === "string") stream.end(body);
  });
}
