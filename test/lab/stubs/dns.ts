// A stub DNS server: answers A and AAAA from a mutable table, over UDP and TCP, and simulates the failures of real servers.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import {
  type Answer,
  decode,
  encode,
  type Packet,
  type Question,
  type RecordType,
  type StringAnswer,
} from "dns-packet";
import type { Endpoint } from "../../../src/lab/network.ts";
import { addressBytes } from "../../../src/lab/tcp/proxy-protocol.ts";

export interface DnsSpec {
  /** Port 0 lets the system choose one, for UDP and TCP. */
  readonly listen: Endpoint;
  readonly names?: Readonly<Record<string, DnsRecords>>;
}

/** Addresses of a name, in the order of the answer. A type without addresses gets an empty answer. */
export interface DnsRecords {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** Default 1. */
  readonly ttlSeconds?: number;
}

/** A failure for queries of that name and type; for all names or types where left out. The latest rule wins. */
export interface DnsFault {
  readonly name?: string;
  readonly type?: "A" | "AAAA";
  /** Never answer. */
  readonly unanswered?: boolean;
  readonly delayMs?: number;
  readonly rcode?: "SERVFAIL" | "REFUSED" | "NXDOMAIN";
  /** Answer over UDP with only the TC bit, so that clients retry over TCP (RFC 1035 section 4.2.1). */
  readonly truncated?: boolean;
  /** Only queries over this transport are affected. */
  readonly over?: "udp" | "tcp";
  /** Share of the queries that are lost, 0 to 1: the same ones in every run, evenly spread. */
  readonly loss?: number;
  /**
   * Over UDP, lose a query from a port while an earlier query from it waits for its answer: what Linux does to the second of
   * two packets that race for one conntrack entry through a NAT. The earlier query is answered when another one has been
   * lost, or after `delayMs` (default 50) when no other came.
   */
  readonly race?: boolean;
}

export interface DnsQuery {
  readonly name: string;
  readonly type: string;
  readonly over: "udp" | "tcp";
}

export interface DnsServer {
  readonly endpoint: Endpoint;
  /** The most recent 10,000 queries, oldest first. */
  readonly queries: readonly DnsQuery[];
  /** Queries so far for this name, of this type or of any. */
  count(name: string, type?: string): number;
  /** Replaces the records of a name. Names are compared without case and trailing dot. */
  set(name: string, records: DnsRecords): void;
  /** Removes the name: NXDOMAIN. */
  remove(name: string): void;
  /** Returns a function that removes the fault. */
  fail(fault: DnsFault): () => void;
  onQuery(listener: (query: DnsQuery) => void): () => void;
  close(): Promise<void>;
}

/** Throws when it cannot listen there. */
export async function openDns(spec: DnsSpec): Promise<DnsServer> {
  const simulator = new DnsDouble(spec);
  await simulator.listen();
  return simulator;
}

const keepQueries = 10_000;
/** Maximum size over UDP without EDNS (RFC 1035 section 4.2.1). */
const plainUdpBytes = 512;
/** Response codes by name (RFC 1035 section 4.1.1); dns-packet expects them as the low bits of the flags. */
const rcodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const authoritative = 1 << 10;
const truncation = 1 << 9;
/** Longer than the time between two packets that a client sends together, shorter than a slow server's. */
const raceMs = 50;
const goldenRatio = 0.618033988749895;

/** The complete reply, and the truncated one for UDP. */
interface Reply {
  readonly whole: Packet;
  readonly cut: Packet;
  readonly udpBytes: number;
  readonly truncated: boolean;
}

class DnsDouble implements DnsServer {
  endpoint: Endpoint;
  readonly queries: DnsQuery[] = [];
  readonly #names = new Map<string, DnsRecords>();
  readonly #faults: DnsFault[] = [];
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Set<(query: DnsQuery) => void>();
  readonly #sockets = new Set<Socket>();
  readonly #delays = new Set<NodeJS.Timeout>();
  /** By the client's address and port: sends the answer that is held back. */
  readonly #racing = new Map<string, () => void>();
  readonly #lossy = new Map<DnsFault, number>();
  readonly #udp: UdpSocket;
  readonly #tcp: Server;

  constructor(spec: DnsSpec) {
    this.endpoint = spec.listen;
    for (const [name, records] of Object.entries(spec.names ?? {})) this.set(name, records);
    this.#udp = createSocket("udp4", (message, from) => this.#overUdp(message, from));
    this.#tcp = createServer((socket) => this.#overTcp(socket));
  }

  async listen(): Promise<void> {
    const { host } = this.endpoint;
    this.#tcp.listen({ ...this.endpoint, exclusive: true });
    await once(this.#tcp, "listening");
    const address = this.#tcp.address();
    if (typeof address === "object" && address !== null) this.endpoint = { host, port: address.port };
    this.#udp.bind({ address: host, port: this.endpoint.port, exclusive: true });
    try {
      await once(this.#udp, "listening");
    } catch (error) {
      this.#tcp.close();
      throw error;
    }
    // Replies to closed sockets return as errors (ICMP port unreachable); they are ignored.
    this.#udp.on("error", () => {});
  }

  count(name: string, type?: string): number {
    const wanted = plain(name);
    let sum = 0;
    for (const [key, count] of this.#counts) {
      const [eachType, eachName] = key.split(" ");
      if (eachName === wanted && (type === undefined || eachType === type)) sum += count;
    }
    return sum;
  }

  set(name: string, records: DnsRecords): void {
    this.#names.set(plain(name), records);
  }

  remove(name: string): void {
    this.#names.delete(plain(name));
  }

  fail(fault: DnsFault): () => void {
    this.#faults.push(fault);
    return () => {
      const at = this.#faults.indexOf(fault);
      if (at !== -1) this.#faults.splice(at, 1);
    };
  }

  onQuery(listener: (query: DnsQuery) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const timer of this.#delays) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => this.#tcp.close(() => resolve())),
      new Promise<void>((resolve) => this.#udp.close(() => resolve())),
    ]);
  }

  #overUdp(message: Buffer, from: RemoteInfo): void {
    const client = `${from.address} ${from.port}`;
    this.#receive(message, "udp", client, (reply) => {
      const whole = encodeCompressed(reply.whole);
      const fits = whole.length <= reply.udpBytes && !reply.truncated;
      this.#udp.send(fits ? whole : encode(reply.cut), from.port, from.address);
    });
  }

  #overTcp(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      // Messages follow their length in two bytes (RFC 1035 section 4.2.2).
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        this.#receive(received.subarray(2, end), "tcp", "", (reply) => {
          if (socket.writable) socket.write(withLength(encodeCompressed(reply.whole)));
        });
        received = received.subarray(end);
      }
    });
  }

  #receive(message: Buffer, over: DnsQuery["over"], client: string, send: (reply: Reply) => void): void {
    const query = decodeQuery(message);
    const question = query?.questions?.[0];
    if (query === undefined || question === undefined) return;
    this.#note({ name: plain(question.name), type: question.type, over });
    const fault = this.#faultFor(question, over);
    if (fault?.unanswered === true || this.#loses(fault)) return;
    const races = fault?.race === true && over === "udp";
    const answerEarlier = races ? this.#racing.get(client) : undefined;
    if (answerEarlier !== undefined) {
      answerEarlier();
      return;
    }
    const reply = this.#replyTo(query, question, fault);
    const delayMs = fault?.delayMs ?? (races ? raceMs : undefined);
    if (delayMs === undefined) {
      send(reply);
      return;
    }
    const answer = () => {
      clearTimeout(timer);
      this.#delays.delete(timer);
      this.#racing.delete(client);
      send(reply);
    };
    const timer = setTimeout(answer, delayMs);
    this.#delays.add(timer);
    if (races) this.#racing.set(client, answer);
  }

  /** Multiples of the golden ratio are spread evenly and have no period. */
  #loses(fault: DnsFault | undefined): boolean {
    if (fault?.loss === undefined) return false;
    const count = (this.#lossy.get(fault) ?? 0) + 1;
    this.#lossy.set(fault, count);
    return (count * goldenRatio) % 1 < fault.loss;
  }

  #note(query: DnsQuery): void {
    const key = `${query.type} ${query.name}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.queries.push(query);
    if (this.queries.length > 2 * keepQueries) this.queries.splice(0, this.queries.length - keepQueries);
    for (const listener of this.#listeners) listener(query);
  }

  #faultFor({ name, type }: Question, over: DnsQuery["over"]): DnsFault | undefined {
    return this.#faults.findLast(
      (fault) =>
        (fault.over === undefined || fault.over === over) &&
        (fault.name === undefined || plain(fault.name) === plain(name)) &&
        (fault.type === undefined || fault.type === type),
    );
  }

  #replyTo(query: Packet, question: Question, fault: DnsFault | undefined): Reply {
    const records = this.#names.get(plain(question.name));
    const rcode = rcodes[fault?.rcode ?? (records === undefined ? "NXDOMAIN" : "NOERROR")];
    const answers = rcode === 0 && records !== undefined ? answersOf(question, records) : [];
    const option = query.additionals?.find((each) => each.type === "OPT");
    // A reply to a query with EDNS has it too (RFC 6891 section 6.1.1).
    const additionals: Answer[] = option === undefined ? [] : [replyOption];
    const queried = option?.type === "OPT" ? option.udpPayloadSize : plainUdpBytes;
    const start = { type: "response" as const, id: query.id ?? 0, questions: [question], additionals };
    const recursion = (query.flags ?? 0) & (1 << 8);
    const flags = authoritative | recursion | rcode;
    return {
      whole: { ...start, flags, answers },
      cut: { ...start, flags: flags | truncation, answers: [] },
      udpBytes: Math.max(plainUdpBytes, queried),
      truncated: fault?.truncated === true,
    };
  }
}

const replyOption: Answer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function answersOf({ name, type }: Question, { a = [], aaaa = [], ttlSeconds = 1 }: DnsRecords): Answer[] {
  const of = (kind: "A" | "AAAA", addresses: readonly string[]) =>
    addresses.map((data): Answer => ({ type: kind, class: "IN", name, ttl: ttlSeconds, data }));
  const wanted: RecordType | "ANY" = type;
  return wanted === "A" ? of("A", a) : wanted === "AAAA" ? of("AAAA", aaaa) : [];
}

/** With a pointer to the question in place of each answer's name, as servers send them (RFC 1035 section 4.1.4); dns-packet writes full names. */
function encodeCompressed(packet: Packet): Buffer {
  const { answers = [], additionals = [] } = packet;
  const whole = encode({ ...packet, answers: [] });
  const end = encode({ ...packet, answers: [], additionals: [] }).length;
  const records = answers.filter(isAddress).map(addressRecord);
  whole.writeUInt16BE(records.length, 6); // ANCOUNT
  const front = whole.subarray(0, end);
  return Buffer.concat([front, ...records, ...(additionals.length === 0 ? [] : [whole.subarray(end)])]);
}

function isAddress(answer: Answer): answer is StringAnswer {
  return answer.type === "A" || answer.type === "AAAA";
}

function addressRecord({ type, ttl = 0, data }: StringAnswer): Buffer {
  const address = addressBytes(data);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name at byte 12, which is the question's
  head.writeUInt16BE(type === "A" ? 1 : 28, 2);
  head.writeUInt16BE(1, 4); // IN
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(address.length, 10);
  return Buffer.concat([head, address]);
}

/** RFC 1035 section 4.2.2. */
function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function decodeQuery(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === "query" ? packet : undefined;
  } catch {
    return undefined; // not DNS; servers drop it
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
