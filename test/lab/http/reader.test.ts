// HTTP/1.1 messages, read from fragments of any size.
import { describe, expect, test } from "vitest";
import type { Header, RequestHead, ResponseHead } from "../../../src/lab/http/message.ts";
import {
  type MessageEvents,
  type MessageReader,
  readRequests,
  readResponses,
} from "../../../src/lab/http/reader.ts";

interface Read<Head> {
  readonly head: Head;
  body: string;
  trailers?: readonly Header[];
}

interface Reading<Head> {
  readonly messages: Read<Head>[];
  readonly malformed: string[];
}

function collect<Head>(): { events: MessageEvents<Head>; reading: Reading<Head> } {
  const reading: Reading<Head> = { messages: [], malformed: [] };
  const last = () => {
    const message = reading.messages.at(-1);
    if (message === undefined) throw new Error("body before headers");
    return message;
  };
  return {
    reading,
    events: {
      head: (head) => reading.messages.push({ head, body: "" }),
      data: (chunk) => {
        last().body += chunk.toString("latin1");
      },
      complete: (trailers) => {
        last().trailers = trailers;
      },
      malformed: (why) => reading.malformed.push(why),
    },
  };
}

/** Parses the text at once, then byte by byte; both must report the same. */
function readBothWays<Head>(
  text: string,
  make: (events: MessageEvents<Head>) => MessageReader,
  ends = false,
): Reading<Head> {
  const bytes = Buffer.from(text, "latin1");
  const [whole, piecewise] = [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))].map((pieces) => {
    const { events, reading } = collect<Head>();
    const reader = make(events);
    for (const piece of pieces) reader.push(piece);
    if (ends) reader.end();
    return reading;
  });
  if (whole === undefined) throw new Error("nothing read");
  expect(piecewise).toEqual(whole);
  return whole;
}

const requests = (text: string, ends = false) => readBothWays<RequestHead>(text, readRequests, ends);
const responses = (text: string, method = "GET", ends = false) =>
  readBothWays<ResponseHead>(text, (events) => readResponses(events, () => method), ends);

describe("requests", () => {
  test("preserve case, order, repetitions and bytes of headers", () => {
    const { messages } = requests(
      "BREW /a%2f?x=\xe9 HTTP/1.1\r\nHoST: A\r\nx-A:1\r\nX-a: \t2 \t\r\nx-empty:\r\n\r\n",
    );
    expect(messages).toEqual([
      {
        head: {
          method: "BREW",
          target: "/a%2f?x=\xe9",
          httpVersion: "HTTP/1.1",
          headers: [
            ["HoST", "A"],
            ["x-A", "1"],
            ["X-a", "2"],
            ["x-empty", ""],
          ],
        },
        body: "",
        trailers: [],
      },
    ]);
  });

  test("follow one another, with bodies by length, chunked with trailers, and without a body", () => {
    const { messages } = requests(
      "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" +
        "POST /c HTTP/1.1\r\ntransfer-encoding: gzip, Chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n" +
        "\r\nGET /d HTTP/1.0\r\n\r\n" +
        "PUT /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    expect(messages.map(({ head, body, trailers }) => [head.method, body, trailers])).toEqual([
      ["POST", "hello", []],
      ["POST", "abc0123456789", [["X-T", "1"]]],
      ["GET", "", []],
      ["PUT", "", []],
    ]);
  });

  test.each([
    ["GARBAGE\r\n\r\n", /not a request line/],
    ["GET / FTP/1\r\n\r\n", /not a request line/],
    ["GET / HTTP/1.1\r\nno colon\r\n\r\n", /not a header line: "no colon"/],
    ["GET / HTTP/1.1\r\n: x\r\n\r\n", /not a header line/],
    ["GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", /two content lengths: 1 and 2/],
    ["GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", /not a content length/],
    ["GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", /does not end in chunked/],
    ["GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", /not a chunk size/],
    ["GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", /longer than its size/],
  ])("%j is malformed", (text, why) => {
    expect(requests(text).malformed).toEqual([expect.stringMatching(why)]);
  });

  test("that the peer interrupts are malformed, unlike an idle connection between requests", () => {
    expect(requests("GET / HTTP/1.1\r\nHo", true).malformed).toHaveLength(1);
    expect(requests("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", true).malformed).toHaveLength(1);
    expect(requests("GET / HTTP/1.1\r\n\r\n", true).malformed).toEqual([]);
  });
});

describe("responses", () => {
  test("end with the connection if nothing else delimits them", () => {
    const { messages } = responses("HTTP/1.0 200\r\nA: b\r\n\r\nall of this", "GET", true);
    expect(messages).toEqual([
      {
        head: { httpVersion: "HTTP/1.0", status: 200, reason: "", headers: [["A", "b"]] },
        body: "all of this",
        trailers: [],
      },
    ]);
  });

  test.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
    ["CONNECT", 200],
  ])("to %s with %i have no body, whatever they declare", (method, status) => {
    const { messages } = responses(`HTTP/1.1 ${status} So\r\nContent-Length: 9\r\n\r\n`, method);
    expect(messages).toMatchObject([{ head: { status, reason: "So" }, body: "", trailers: [] }]);
  });

  test("with 1xx come before the final one", () => {
    const { messages } = responses(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    expect(messages.map(({ head, body }) => [head.status, body])).toEqual([
      [100, ""],
      [103, ""],
      [200, "ok"],
    ]);
  });

  test("leave what follows an upgrade to another reader", () => {
    let rest = "";
    const reader: MessageReader = readResponses(
      {
        head: () => {
          rest = reader.detach().toString();
        },
        data: () => {},
        complete: () => {
          throw new Error("an upgrade has no end");
        },
        malformed: () => {},
      },
      () => "GET",
    );
    reader.push(Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nnot an HTTP response"));
    expect(rest).toBe("not an HTTP response");
  });
});
