// Requests to a bind that reads a PROXY header, and what HAProxy makes of them.
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Dimension } from "../../../src/space/dimension.ts";
import type { Ask } from "../../../src/space/evaluate-request.ts";
import type { Witness } from "../../../src/space/witness.ts";

/** Strings hold bytes. */
export interface ClientRequest {
  readonly listener: string;
  readonly method: string;
  readonly host: string | undefined;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly client: string;
  /** What the server answers. */
  readonly answer: ServerAnswer;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Seen {
  /** `→ NAME` for a backend, or the status with the location. */
  readonly answer: string;
  readonly target: string | undefined;
  readonly method: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  /** Which server of the backend answered. */
  readonly server: string | undefined;
  readonly status: number | undefined;
  /** The headers of the answer. */
  readonly answered: ReadonlyMap<string, string>;
}

/** The value of each dimension of a request. */
export function askOf(asked: ClientRequest): Ask {
  const [path = "", ...query] = asked.target.split("?");
  const whole = query.length === 0 ? undefined : query.join("?");
  const [, host, port] = /^([^:]*)(?::(.*))?$/s.exec(asked.host ?? "") ?? [];
  const header = (name: string) => asked.headers.find(([one]) => one.toLowerCase() === name)?.[1];
  const named = (list: string | undefined, part: string, by: string) =>
    list
      ?.split(by)
      .map((one) => one.trim())
      .find((one) => one.startsWith(`${part}=`))
      ?.slice(part.length + 1);
  return ({ id }: Dimension) => {
    const [kind = "", ...rest] = id.split(":");
    const name = rest.join(":");
    switch (kind) {
      case "listener":
        return asked.listener;
      case "method":
        return asked.method;
      case "host":
        return asked.host === undefined ? undefined : host;
      case "host-port":
        return port;
      case "path":
        return path;
      case "query":
        return whole;
      case "query-parameter":
        return named(whole, name, "&");
      case "cookie":
        return named(header("cookie"), name, ";");
      case "header":
        return header(name);
      case "response-status":
        return asked.answer.status;
      case "response-header":
        return asked.answer.headers.find(([one]) => one.toLowerCase() === name)?.[1];
      case "client":
        return asked.client;
      case "http-version":
        return "1.1";
      case "destination-port":
        return 80;
      default:
        return undefined;
    }
  };
}

export function requestOfWitness(witness: Witness): ClientRequest {
  const {
    listener = "",
    method,
    host,
    target,
    headers,
    client,
    response = { status: 200, headers: [] },
  } = witness;
  return { listener, method, host, target, headers, client, answer: response };
}

/** Through the socket of the listener. */
export async function send(asked: ClientRequest): Promise<Seen> {
  const { method, host, target, headers } = asked;
  const hostLine = host === undefined ? [] : [["Host", host] as const];
  const answer = await new Promise<import("node:http").IncomingMessage>((done, fail) => {
    const sent = request({
      method,
      path: target,
      setHost: false,
      headers: [
        ...hostLine,
        ...headers,
        ["x-stub-answer", JSON.stringify(asked.answer)],
        ["Connection", "close"],
      ].flat(),
      createConnection: () => {
        const socket = connect(asked.listener.replace(/^unix@/, ""));
        const [family, to] = asked.client.includes(":") ? ["TCP6", "::1"] : ["TCP4", "127.0.0.1"];
        socket.write(`PROXY ${family} ${asked.client} ${to} 12345 80\r\n`);
        return socket;
      },
    });
    sent.once("response", done);
    sent.once("error", fail);
    sent.end();
  });
  const read = (name: string) => answer.headers[name] as string | undefined;
  const [stub, status] = [read("x-stub"), String(answer.statusCode)];
  const location = read("location");
  const own = location === undefined ? status : `${status} ${location}`;
  const seen = {
    answer: stub === undefined ? own : `→ ${stub}`,
    target: read("x-stub-target"),
    method: read("x-stub-method"),
    server: read("x-stub-server"),
    status: answer.statusCode,
    answered: headersIn(answer.rawHeaders),
  };
  const body = await text(answer);
  if (stub === undefined || body === "") return { ...seen, headers: new Map() };
  return { ...seen, headers: headersIn((JSON.parse(body) as { headers: string[] }).headers) };
}

/** Lines of one name as one text. */
function headersIn(raw: readonly string[]): ReadonlyMap<string, string> {
  const received = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    received.set(name, received.has(name) ? `${received.get(name)}\n${value}` : value);
  }
  return received;
}
