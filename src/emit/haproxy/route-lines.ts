// The lookups of a request's route: host, path, conditions, rules, shares.
import { partOf } from "../../plan/places.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { BAD_HOST, CATCH_ALL_TAKES, type HaproxyContext, headerFetch, onlyIf, routeWord } from "./context.ts";
import { conditionFile, hostFile, WILDCARD } from "./maps.ts";
import { ambiguousGroup } from "./request-target.ts";
import { type ConditionTable, tableWord } from "./routing/conditions.ts";
import { type HostTable, suffixLabels } from "./routing/hosts.ts";
import { ruledLines } from "./ruled-lines.ts";
import { type Group, group, type Line, line, word } from "./writing.ts";

/** `keepsId`: a later line reads the route's id. */
export function routeLines(context: HaproxyContext, keepsId: boolean): readonly Group[] {
  return [
    group("host → site: lower case, without port and trailing dot", [
      line(`http-request set-var(txn.host) req.fhdr(host),lower,'regsub(":[0-9]{1,5}$","")',rtrim(.)`),
      ...hostLines(context),
      ...prefixLines(context),
    ]),
    ambiguousGroup(context),
    group("site and path → route; keys end in /, so prefixes match whole segments", pathLines(context)),
    group("routes with conditions: keys that end in ? are looked up in by-*.map", conditionLines(context)),
    group("routes that need a rule, least specific first: the last match wins", ruledLines(context)),
    keepsId
      ? [
          line(
            `http-request set-var(txn.id) ${routeWord(context, "id")}`,
            "for settings that depend on the route",
          ),
        ]
      : [],
    group("weighted routes: a random entry of the route in shares.map", shareLines(context)),
  ];
}

/** Exact names, then suffixes, the longest first, then the catch-all; each at every entrance, then at its own. */
function hostLines({ plan, routing }: HaproxyContext): readonly Line[] {
  const lines: Line[] = [];
  const add = (table: HostTable, expression: string, exact = false, takes: readonly string[] = [""]) => {
    const names = plan.listeners
      .filter(({ entrance }) => entrance === table.entrance)
      .map((listener) => frontendName(plan, listener));
    // Most hosts match exactly: this lookup is first.
    const conditions = [
      ...(lines.length === 0 ? [] : ["!{ var(txn.site) -m found }"]),
      ...(table.entrance === undefined ? [] : [`{ fe_name ${names.join(" ")} }`]),
      ...(exact ? [] : [`!${BAD_HOST}`]),
    ];
    const either = takes.map((one) => [...conditions, one].join(" ").trim()).join(" or ");
    lines.push(line(`http-request set-var(txn.site) ${expression}${onlyIf(either)}`));
  };
  for (const table of routing.hosts) {
    if (table.exact.length > 0) add(table, `var(txn.host),map_str(${hostFile(table)})`, true);
  }
  for (const labels of suffixLabels(routing.hosts)) {
    for (const table of routing.hosts.filter((one) => suffixLabels([one]).includes(labels))) {
      add(table, `var(txn.host),field(2,.,0),field(-1,.,${labels}),map_str(${hostFile(table, WILDCARD)})`);
    }
  }
  for (const table of routing.hosts) {
    if (table.any !== undefined) add(table, `str(${word(table.any)})`, false, CATCH_ALL_TAKES);
  }
  return lines;
}

function prefixLines({ plan }: HaproxyContext): readonly Line[] {
  return plan.listeners.flatMap((listener) => {
    const { internalHostPrefix: prefix, internalHostSite: site } = listener;
    if (prefix === null || site === null) return [];
    const theirs = `{ fe_name ${frontendName(plan, listener)} } { var(txn.host) -m beg ${word(prefix)} } !${BAD_HOST}`;
    return [
      line(`http-request set-var(txn.site) str(${word(site)}) if ${theirs}`, {
        because: "in-cluster clients, recognized by their Host",
        ...partOf(plan, "internal.sharesPublicPort"),
      }),
    ];
  });
}

function pathLines({ routing }: HaproxyContext): readonly Line[] {
  const exact = routing.paths.exact.length > 0;
  // Rules for prefixes look at the key too; without any, it need not be kept.
  const kept = routing.ruled.some(({ route }) => route.match.path.kind === "prefix");
  const key = kept ? "var(txn.key)" : "var(txn.site),concat(,txn.path,/)";
  return [
    line("http-request set-var(txn.path) path"),
    ...(exact
      ? [line("http-request set-var(txn.route) var(txn.site),concat(,txn.path),map_str(exact-paths.map)")]
      : []),
    ...(kept ? [line("http-request set-var(txn.key) var(txn.site),concat(,txn.path,/)")] : []),
    line(
      `http-request set-var(txn.route) ${key},map_beg(paths.map,'${routing.nothing}')${exact ? " if !{ var(txn.route) -m found }" : ""}`,
    ),
  ];
}

/** Only a set has a `?`: no path, no section and no route's id does. If there are several tables, the word after it names those to look up: `(method)(header-x-beta)`. */
function conditionLines(context: HaproxyContext): readonly Line[] {
  const { conditions, ranked } = context.routing;
  if (!ranked) return conditions.flatMap((table) => onlyAnswer(context, table));
  return [
    line(`http-request set-var(txn.set) ${routeWord(context, "set")} if { var(txn.route) -m sub ? }`),
    line(`http-request set-var(txn.tables) ${routeWord(context, "tables")} if { var(txn.set) -m found }`),
    ...conditions.flatMap(rankedAnswer),
  ];
}

/** With a single shape and no rules, the value of its table has precedence over that of the paths. */
function onlyAnswer(context: HaproxyContext, table: ConditionTable): readonly Line[] {
  const ask = question(table, routeWord(context, "set", '"'));
  return [
    line(`http-request set-var-fmt(txn.ask) ${ask} if { var(txn.route) -m sub ? }`),
    line(`http-request set-var(txn.route) var(txn.ask),map_str(${conditionFile(table)})`),
  ];
}

/**
 * Ranks have one length and come first, so strcmp() compares them first: below zero is the better route. A line whose
 * variable is not set does nothing. Each shape has a variable of its own, so that no result is used for another shape.
 */
function rankedAnswer(table: ConditionTable, number: number): readonly Line[] {
  const ask = `txn.ask${number}`;
  const answer = `var(${ask}),map_str(${conditionFile(table)})`;
  return [
    line(
      `http-request set-var-fmt(${ask}) ${question(table, "var(txn.set)")} if { var(txn.tables) -m sub ${tableWord(table)} }`,
    ),
    line(`http-request set-var(txn.route) ${answer} if { ${answer},strcmp(txn.route) lt 0 }`),
  ];
}

/** The set, and the values of a request in a shape's order. `=` after a value distinguishes an empty one from a missing one. */
function question(table: ConditionTable, set: string): string {
  return word(
    `%[${set}]${[
      ...(table.method ? ["%[method]"] : []),
      ...table.headers.map(({ name, kind }) =>
        kind === "present" ? presence(name) : `%[${headerFetch(name)},url_enc,concat(=)]`,
      ),
      ...table.query.map((name) => `%[url_param(${name}),url_dec(1),url_enc,concat(=)]`),
    ].join("?")}`,
  );
}

/** 1 if the header is present, even with an empty value. */
function presence(name: string): string {
  return name === "upgrade" ? "%[var(txn.upgrade),length,bool]" : `%[req.fhdr_cnt(${name}),bool]`;
}

function shareLines(context: HaproxyContext): readonly Line[] {
  if (context.routing.shares.entries.length === 0) return [];
  const when = "if { var(txn.section) -m beg shares/ }";
  return [
    line(`http-request set-var(txn.section) ${routeWord(context, "section")}`),
    line(`http-request set-var(txn.parts) var(txn.section),field(2,/),add(0) ${when}`),
    line(`http-request set-var(txn.part) rand,mod(txn.parts) ${when}`),
    line(`http-request set-var-fmt(txn.share) "%[var(txn.id)]|%[var(txn.part)]" ${when}`),
    line(`http-request set-var(txn.section) var(txn.share),map_str(shares.map) ${when}`),
  ];
}
