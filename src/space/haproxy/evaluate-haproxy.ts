// A haproxy.cfg as a program: what becomes of every request that enters at one of its binds.
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import { lineStart, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyWiring } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { type Formula, type Formulas, TRUE } from "../formula.ts";
import { type Facet, type Program, type Rule, UNCHANGED } from "../program.ts";
import { facetsOf } from "./facets.ts";
import type { FlowRule } from "./flow.ts";
import { listenerDimension, ORDINARY, UNRESTRICTED } from "./request-dimensions.ts";
import { textOf } from "./rule-lines.ts";
import { runFrontend } from "./run-proxy.ts";
import { type FileText, Times, type World } from "./scope.ts";
import { changedFile, keyOfRules, variablesOfConverters } from "./side-effects.ts";
import { textsOf } from "./texts-of.ts";
import { nameUnexaminedLines } from "./unexamined-lines.ts";

export interface HaproxyInput {
  readonly config: HaproxyConfig;
  readonly wiring: HaproxyWiring;
  /** Maps, lists and other files that the configuration names. */
  readonly files: FileText;
  /** Listeners of the configurations that it is compared with; undefined: it is compared with none. */
  readonly otherListeners?: readonly string[];
  /** Default false: what depends on counters, tables, queues and the health of servers is unknown. */
  readonly quiet?: boolean;
  /** Names of listeners, if a bind has a name other than its address. */
  readonly names?: ReadonlyMap<HaproxyBind, string>;
  readonly trace?: World["trace"];
  /**
   * Evaluates more than ordinary requests: any bytes, several values of a header, parameter or cookie, and state that changes from one rule to
   * the next. A condition that never holds then never holds in HAProxy. A condition that holds for some of them may hold for no real request.
   */
  readonly everyRequest?: boolean;
}

export function inputOf({
  config,
  wiring,
  maps,
}: Pick<HaproxyLayer, "config" | "wiring" | "maps">): Pick<HaproxyInput, "config" | "wiring" | "files"> {
  return { config, wiring, files: (path) => maps.get(path)?.text };
}

/**
 * One program for all binds of all frontends and `listen` sections; the dimension `listener` says where a request enters, by the
 * bind's address as written, `*:443`.
 */
export function evaluateHaproxy(input: HaproxyInput, formulas: Formulas): Program {
  const { world, flow, isWhole } = evaluateFlow(input, formulas);
  nameUnexaminedLines(world);
  return {
    facets:
      flow.length === 0
        ? []
        : [
            ...facetsOf(isWhole ? flow : [...flow, NO_BIND]),
            ...(input.otherListeners === undefined ? [] : [bindFacet(world)]),
          ],
    unexamined: [...world.notExamined.values()],
  };
}

interface EvaluatedFlow {
  readonly world: World;
  /** A rule for each section with a bind. */
  readonly flow: readonly FlowRule[];
  /** It has every listener that a request can enter at. */
  readonly isWhole: boolean;
}

export function evaluateFlow(input: HaproxyInput, formulas: Formulas): EvaluatedFlow {
  const { otherListeners = [] } = input;
  const entries = input.wiring.proxies.filter(({ binds }) => binds.length > 0);
  const listenerOf = input.names ?? listenerNames(input.wiring);
  const world = worldOf(input, formulas, listenerOf);
  const isWhole = otherListeners.every((name) => [...listenerOf.values()].includes(name));
  const flow = entries.map((proxy, index): FlowRule => {
    const values = proxy.binds.flatMap((bind) => listenerOf.get(bind) ?? []);
    return {
      when:
        isWhole && index === entries.length - 1
          ? TRUE
          : formulas.test({ on: world.listener, test: { kind: "one-of", values } }),
      ends: runFrontend(world, proxy),
      at: proxy.at,
      text: `${proxy.kind} ${proxy.name}`,
    };
  });
  return { world, flow, isWhole };
}

const NO_BIND: FlowRule = {
  when: TRUE,
  ends: {
    leaf: { key: "no bind", text: "no such bind", answer: { kind: "closed" } },
    store: undefined,
    proxies: [],
  },
  at: undefined,
  text: "no such bind",
};

/** How a connection to each bind is accepted: PROXY header, TLS with its certificates, as written. */
function bindFacet({ config, formulas, listener, listenerOf }: World): Facet {
  const rules = [...listenerOf].map(([bind, name]): Rule => {
    const text = bind.line.tokens
      .slice(2)
      .map(({ value }) => value)
      .join(" ");
    return {
      when: formulas.test({ on: listener, test: { kind: "one-of", values: [name] } }),
      outcome: { key: text, text },
      at: lineStart(config, bind.line),
      text: textOf(bind.line),
    };
  });
  return { id: "bind", rules: [...rules, { when: TRUE, outcome: UNCHANGED, at: undefined, text: "" }] };
}

/** The address as written; a number behind it where several binds have the same. */
export function listenerNames({ proxies }: Pick<HaproxyWiring, "proxies">): ReadonlyMap<HaproxyBind, string> {
  const names = new Map<HaproxyBind, string>();
  const counts = new Map<string, number>();
  for (const bind of proxies.flatMap(({ binds }) => binds)) {
    const count = (counts.get(bind.address.text) ?? 0) + 1;
    counts.set(bind.address.text, count);
    names.set(bind, count === 1 ? bind.address.text : `${bind.address.text} (${count})`);
  }
  return names;
}

function worldOf(
  { config, wiring, files, otherListeners, quiet = false, trace, everyRequest = false }: HaproxyInput,
  formulas: Formulas,
  listenerOf: ReadonlyMap<HaproxyBind, string>,
): World {
  const conditional = conditionalLines(config, formulas);
  let rules: string | undefined;
  return {
    config,
    wiring,
    formulas,
    files,
    dimensions: everyRequest ? UNRESTRICTED : ORDINARY,
    everyRequest,
    isCompared: otherListeners !== undefined,
    listener: listenerDimension([...new Set([...listenerOf.values(), ...(otherListeners ?? [])])]),
    listenerOf,
    maps: new Map(),
    lookups: new Map(),
    changing: changingFiles(config),
    counters: countersOf(config),
    rulesKey: () => {
      rules ??= keyOfRules(config, files);
      return rules;
    },
    setByConverters: variablesOfConverters(config),
    extensions: extensionsOf(config, files),
    maySet: variablesSetElsewhere(config, everyRequest),
    appliesWhen: (line) => conditional.get(line) ?? TRUE,
    quiet,
    notExamined: new Map(),
    evaluated: new Set(),
    ran: new Set(),
    partlyRun: new Set(),
    trace,
    times: new Times(),
  };
}

/** `http-request set-map(FILE)`, `add-acl(FILE)` and the like: what the file holds changes. */
function changingFiles({ lines }: HaproxyConfig): ReadonlySet<string> {
  const words = lines.flatMap(({ tokens }) => tokens.map(({ value }) => value));
  return new Set(words.map(changedFile).filter((file) => file !== undefined));
}

const SETS_ANY_VARIABLE = /^(?:lua-load|filter (?!cache|compression|trace|bwlim))/;
const AFTER_SESSION_RULES = /^(?!tcp-request (?:connection|session) )/;

/** Lua and filters may set any variable; other requests see what a request sets in its session or process. */
function variablesSetElsewhere(config: HaproxyConfig, everyRequest: boolean): World["maySet"] {
  const isOpen = everyRequest && textsOf(config, SETS_ANY_VARIABLE) !== "";
  const ofSession = textsOf(config, AFTER_SESSION_RULES).matchAll(/set-var(?:-fmt)?\((sess\.[^,)]+)/g);
  const ofProcess = textsOf(config, /set-var/).matchAll(/set-var(?:-fmt)?\((proc\.[^,)]+)/g);
  const set = new Set([...ofSession, ...ofProcess].map(([, name]) => name));
  return (name) => isOpen || set.has(name);
}

const COUNTERS = /^(?:stick-table|table)\b|track-sc|sc-(?:inc|add|set)-/;
const EXTENSIONS = /^(?:lua-load|filter|setenv|presetenv)/;

/** Lines that load Lua or filters, with the files at hand. */
function extensionsOf(config: HaproxyConfig, files: FileText): string {
  const lines = textsOf(config, EXTENSIONS);
  const paths = [...lines.matchAll(/\S*[/.]\S*/g)].map(([path]) => path);
  return [lines, ...paths.map((path) => files(path) ?? "")].join("\n");
}

/** The lines between `.if` and `.endif`, each with what must hold for it. */
function conditionalLines(config: HaproxyConfig, formulas: Formulas): ReadonlyMap<HaproxyLine, Formula> {
  const found = new Map<HaproxyLine, Formula>();
  const open: { now: Formula; earlier: Formula }[] = [];
  for (const line of config.lines) {
    const [first, ...words] = line.tokens.map(({ value }) => value);
    const last = open.at(-1);
    if (first === ".if") {
      const now = conditionOfIf(config, formulas, line, words.join(" "));
      open.push({ now, earlier: now });
    } else if (last !== undefined && (first === ".elif" || first === ".else")) {
      const own = first === ".else" ? TRUE : conditionOfIf(config, formulas, line, words.join(" "));
      last.now = formulas.and(formulas.not(last.earlier), own);
      last.earlier = formulas.or(last.earlier, own);
    } else if (first === ".endif") open.pop();
    else if (open.length > 0) found.set(line, formulas.and(...open.map(({ now }) => now)));
  }
  return found;
}

/** Lines that count, with their ACLs and with the changes of requests, which may come before. */
function countersOf(config: HaproxyConfig): string {
  const counting = textsOf(config, COUNTERS);
  return counting === "" ? "" : `${counting}\n${textsOf(config, BEFORE_COUNTING)}`;
}

const BEFORE_COUNTING =
  /^acl |^(?:http|tcp)-request (?:content |session |connection )?(?:set|replace|add|del|unset|normalize)-/;

const ENVIRONMENT = /^(?:setenv|presetenv|resetenv|unsetenv)\b/;

function conditionOfIf(config: HaproxyConfig, formulas: Formulas, line: HaproxyLine, text: string): Formula {
  const [first] = line.tokens;
  const at = first && tokenPosition(config, first, line.tokens.at(-1));
  const written = `.if ${text}`;
  const why = "it depends on the version or the environment of HAProxy";
  return formulas.test({
    on: { kind: "unknown", id: `state:${written}\0${textsOf(config, ENVIRONMENT)}`, text: written, why, at },
    test: { kind: "holds" },
  });
}
