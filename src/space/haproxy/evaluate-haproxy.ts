// A haproxy.cfg as a program: what becomes of every request that enters at one of its binds.
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import { directiveOf, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy, HaproxyWiring } from "../../wiring/haproxy/wiring.ts";
import { type Formula, type Formulas, TRUE } from "../formula.ts";
import type { Program } from "../program.ts";
import { OPTIONS_WITH_EFFECT, RULES, WITHOUT_EFFECT } from "./directives.ts";
import { facetsOf } from "./facets.ts";
import type { FlowRule } from "./flow.ts";
import { listenerDimension } from "./request-dimensions.ts";
import { runFrontend } from "./run-proxy.ts";
import { type FileText, type NotExamined, notExamined, Times, type World } from "./scope.ts";

export interface HaproxyInput {
  readonly config: HaproxyConfig;
  readonly wiring: HaproxyWiring;
  /** Maps, lists and other files that the configuration names. */
  readonly files: FileText;
  readonly trace?: World["trace"];
}

/**
 * One program for all binds of all frontends and `listen` sections; the dimension `listener` says where a request enters, by the
 * bind's address as written, `*:443`.
 */
export function evaluateHaproxy(input: HaproxyInput, formulas: Formulas): Program {
  const entries = input.wiring.proxies.filter(({ binds }) => binds.length > 0);
  const listenerOf = listenerNames(entries);
  const world = worldOf(input, formulas, listenerOf);
  for (const { config } of [input]) nameUnfollowed(world, config);
  const flow = entries.map((proxy, index): FlowRule => {
    const values = proxy.binds.flatMap((bind) => listenerOf.get(bind) ?? []);
    const here = formulas.test({ on: world.listener, test: { kind: "one-of", values } });
    const isLast = index === entries.length - 1;
    return {
      when: isLast ? TRUE : here,
      ends: runFrontend(world, proxy),
      at: proxy.at,
      text: `${proxy.kind} ${proxy.name}`,
    };
  });
  return {
    facets: entries.length === 0 ? [] : facetsOf(flow),
    unexamined: [...world.notExamined.values()],
  };
}

/** The address as written; a number behind it where several binds have the same. */
export function listenerNames(entries: readonly HaproxyProxy[]): ReadonlyMap<HaproxyBind, string> {
  const names = new Map<HaproxyBind, string>();
  const counts = new Map<string, number>();
  for (const bind of entries.flatMap(({ binds }) => binds)) {
    const count = (counts.get(bind.address.text) ?? 0) + 1;
    counts.set(bind.address.text, count);
    names.set(bind, count === 1 ? bind.address.text : `${bind.address.text} (${count})`);
  }
  return names;
}

function worldOf(
  { config, wiring, files, trace }: HaproxyInput,
  formulas: Formulas,
  listenerOf: ReadonlyMap<HaproxyBind, string>,
): World {
  const notExaminedYet = new Map<string, NotExamined>();
  const conditional = conditionalLines(config, formulas);
  return {
    config,
    wiring,
    formulas,
    files,
    listener: listenerDimension([...listenerOf.values()]),
    listenerOf,
    maps: new Map(),
    changing: changingFiles(config),
    counters: textsOf(config, /^(?:stick-table|table)\b|track-sc|sc-(?:inc|add|set)-/),
    extensions: extensionsOf(config, files),
    appliesWhen: (line) => conditional.get(line) ?? TRUE,
    notExamined: notExaminedYet,
    trace,
    times: new Times(),
  };
}

/** `http-request set-map(FILE)`, `add-acl(FILE)` and the like: what the file holds changes. */
function changingFiles({ lines }: HaproxyConfig): ReadonlySet<string> {
  const words = lines.flatMap(({ tokens }) => tokens.map(({ value }) => value));
  return new Set(
    words.flatMap(
      (word) =>
        /^(?:set|del)-map\((.*)\)$|^(?:add|del)-acl\((.*)\)$/.exec(word)?.slice(1).filter(Boolean) ?? [],
    ),
  );
}

function textsOf({ lines }: HaproxyConfig, pattern: RegExp): string {
  const texts = lines.map(({ tokens }) => tokens.map(({ value }) => value).join(" "));
  return texts.filter((text) => pattern.test(text)).join("\n");
}

/** Lines that load Lua or filters, with the files at hand. */
function extensionsOf(config: HaproxyConfig, files: FileText): string {
  const lines = textsOf(config, /^(?:lua-load|filter|setenv|presetenv)/);
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

function conditionOfIf(config: HaproxyConfig, formulas: Formulas, line: HaproxyLine, text: string): Formula {
  const [first] = line.tokens;
  const at = first && tokenPosition(config, first, line.tokens.at(-1));
  const written = `.if ${text}`;
  const why = "it depends on the version or the environment of HAProxy";
  return formulas.test({
    on: { kind: "unknown", id: `state:${written}`, text: written, why, at },
    test: { kind: "holds" },
  });
}

/** Directives of proxies that are neither evaluated nor known to leave requests alone. */
function nameUnfollowed(world: World, config: HaproxyConfig): void {
  for (const { kind, lines } of config.sections) {
    if (!["frontend", "backend", "listen", "defaults"].includes(kind)) continue;
    for (const line of lines) {
      const { negated, words } = directiveOf(line);
      const [first, second] = words.map(({ value }) => value);
      if (negated || first === undefined || first.startsWith(".") || RULES.has(first)) continue;
      const isOption = first === "option" && OPTIONS_WITH_EFFECT.has(second ?? "");
      if (WITHOUT_EFFECT.has(first) && !isOption) continue;
      if (isOption && second !== "http_proxy") continue;
      const [head] = line.tokens;
      notExamined(
        world,
        `\`${words.map(({ value }) => value).join(" ")}\``,
        head && tokenPosition(config, head, line.tokens.at(-1)),
      );
    }
  }
}
