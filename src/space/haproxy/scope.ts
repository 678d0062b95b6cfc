// What the evaluation of a rule can look at: the configuration with its files, and the request as earlier rules left it.
import type { Position } from "../../findings/finding.ts";
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy, HaproxyWiring } from "../../wiring/haproxy/wiring.ts";
import type { ChoiceDimension } from "../dimension.ts";
import type { Formula, Formulas } from "../formula.ts";
import type { Unexamined } from "../program.ts";
import type { Choice } from "./choice.ts";
import type { MapEntry, MapFile } from "./map-file.ts";
import type { RequestDimensions } from "./request-dimensions.ts";
import type { Asking } from "./text-tests.ts";
import type { TracedRule } from "./trace.ts";
import type { Part, Scalar, Value } from "./value.ts";

/** The text of a file that the configuration names; undefined: it is missing. */
export type FileText = (path: string) => string | undefined;

/** What the evaluated lookups in a map may find. */
export interface MapLookups {
  readonly reached: Set<MapEntry>;
  /** Each lookup, if the rules are traced. */
  readonly placed: PlacedLookup[];
  readonly methods: Set<string>;
  /** Every lookup was followed. */
  isFollowed: boolean;
}

/** A lookup of one value, which may be one of several, by a rule. */
export interface PlacedLookup {
  /** undefined: its place is not known. */
  readonly rule: RulePlace | undefined;
  /** In the order in which HAProxy tries them, each with a condition that it requires. */
  readonly entries: readonly { readonly entry: MapEntry; readonly when: Formula }[];
}

/** Where a rule is among those of its section that end requests. */
export type RulePlace = Pick<TracedRule, "proxy" | "flow" | "before" | "isExact" | "text">;

/** Of the whole configuration. */
export interface World {
  readonly config: HaproxyConfig;
  readonly wiring: HaproxyWiring;
  readonly formulas: Formulas;
  readonly files: FileText;
  readonly dimensions: RequestDimensions;
  /** See HaproxyInput. */
  readonly everyRequest: boolean;
  /** With another configuration, which may read one of several values of a header where this one reads another. */
  readonly isCompared: boolean;
  readonly listener: ChoiceDimension;
  readonly listenerOf: ReadonlyMap<HaproxyBind, string>;
  /** Maps and lists that have been read, by path. */
  readonly maps: Map<string, MapFile | undefined>;
  /** By the path of a map. */
  readonly lookups: Map<string, MapLookups>;
  /** Files that rules change while HAProxy runs. */
  readonly changing: ReadonlySet<string>;
  /** What counters depend on: every line with a stick table or that tracks. */
  readonly counters: string;
  /** What state depends on that any rule may change. */
  readonly rulesKey: () => string;
  /** Variables that converters set, whatever rules do. */
  readonly setByConverters: ReadonlySet<string>;
  /** What Lua and filters depend on: the lines that load them. */
  readonly extensions: string;
  /** When the `.if` lines around a line hold. */
  readonly appliesWhen: (line: HaproxyLine) => Formula;
  /** Counters are 0, tables have no entries, no request waits, and all servers are up. */
  readonly quiet: boolean;
  readonly notExamined: Map<string, Unexamined>;
  /** Rules that were run. */
  readonly evaluated: Set<HaproxyLine>;
  /** Sections that requests get to. */
  readonly ran: Set<HaproxyProxy>;
  /** Sections that some requests reach, and that are not fully evaluated. */
  readonly partlyRun: Set<HaproxyProxy>;
  /** Called with every rule in HAProxy's order, to explain one request. */
  readonly trace?: ((rule: TracedRule) => void) | undefined;
  readonly times: Times;
  /** Whether something that is not evaluated may have set a variable before the first rule. */
  readonly maySet: (variable: string) => boolean;
}

/** What makes two readings of the same thing differ. */
export class Times {
  /** Rules so far that count. */
  tracked = 0;
  #readings = 0;

  /** Of a random number. */
  next(): number {
    this.#readings += 1;
    return this.#readings;
  }
}

/** The lines of one header. */
export interface HeaderLines {
  /** Whether those that the client sent are there. */
  readonly received: boolean;
  /** What rules made of their values. */
  readonly rewritten?: readonly Part[];
  /** After them. */
  readonly added: readonly (readonly Part[])[];
}

/** The request at some rule. */
export interface Store {
  /** An action that is not followed was run, and may have changed anything. */
  changedBlindly: boolean;
  readonly variables: Map<string, Value>;
  /** What rules have changed so far in captures and in each file. */
  changes: ReadonlyMap<string, string>;
  method: Value;
  readonly receivedMethod: Value;
  path: Value;
  query: Value;
  /** As the client sent it. */
  readonly receivedQuery: Value;
  client: Value;
  /** Before a PROXY header is read. */
  readonly connectedClient: Value;
  readonly headers: MessageHeaders["headers"];
  readonly removals: MessageHeaders["removals"];
  /** undefined: there is no answer yet. */
  readonly response: Response | undefined;
}

interface MessageHeaders {
  /** By name in lower case; others are as they were received. */
  readonly headers: Map<string, Choice<HeaderLines>>;
  /** Rules that removed every header whose name passes a test. */
  readonly removals: Removal[];
}

/** An answer at some rule. */
export interface Response extends MessageHeaders {
  /** The origin of the answer. `page`: HAProxy, with headers that are not read. */
  readonly by: "server" | "haproxy" | "page";
  status: Value;
  readonly receivedStatus: Value;
}

export interface Removal {
  readonly when: Formula;
  /** Of `-m`. */
  readonly method: string;
  readonly pattern: string;
}

export interface Scope extends Asking {
  readonly world: World;
  readonly proxy: HaproxyProxy;
  /** Where the rule is written: the proxy, or its `defaults`. */
  readonly section: HaproxyProxy;
  /** Whose listener the request came to. */
  readonly frontend: HaproxyProxy;
  readonly store: Store;
  /** The rule that is run; undefined: its place is not known. */
  readonly rule?: RulePlace | undefined;
  /** Before the TLS handshake: rules of `tcp-request connection`. */
  readonly connecting?: boolean;
  /** Whether HTTP has been read: not in `mode tcp`, nor before the request. */
  readonly http: boolean;
  readonly phase: "request" | "response";
}

export type Text = Extract<Scalar, { kind: "text" }>;

export function copyStore(store: Store): Store {
  return {
    ...store,
    variables: new Map(store.variables),
    headers: new Map(store.headers),
    removals: [...store.removals],
    response: store.response && copyResponse(store.response),
  };
}

function copyResponse(response: Response): Response {
  return { ...response, headers: new Map(response.headers), removals: [...response.removals] };
}

/** The message that rules of this phase change. */
export function messageOf({ store, phase }: Pick<Scope, "store" | "phase">): MessageHeaders {
  if (phase === "request") return store;
  if (store.response === undefined) throw new RangeError("a rule for responses without a response");
  return store.response;
}

export function notExamined(
  world: World,
  text: string,
  at: Position | undefined,
  only?: Unexamined["only"],
): void {
  world.notExamined.set(`${at?.file}:${at?.line} ${text}`, { text, at, only });
}

/** Whether the model has one value of a header of which a request may have several. The Host is one name. */
export function severalValues({ world }: Scope, header: string): boolean {
  return world.everyRequest && header.toLowerCase() !== "host";
}
