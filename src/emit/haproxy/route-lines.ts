// The lookups that lead from a request to its route: host, path, conditions, rules, shares.
import type { ConditionTable } from "../../plan/routing/conditions.ts";
import { type HostTable, suffixLabels } from "../../plan/routing/hosts.ts";
import { NOTHING, NOTHING_RANK } from "../../plan/routing/paths.ts";
import { frontendName, type HaproxyContext, onlyIf } from "./context.ts";
import { conditionFile, hostFile, WILDCARD } from "./maps.ts";
import { ruledLines } from "./ruled-lines.ts";
import { type Group, group, type Line, line, word } from "./writing.ts";

/** `keepsId`: some later line asks which route it is. */
export function routeLines(context: HaproxyContext, keepsId: boolean): readonly Group[] {
  return [
    group("host → site; without port, dot at the end and case", [
      line("http-request set-var(txn.host) req.fhdr(host),host_only,lower,rtrim(.)"),
      ...hostLines(context),
      ...prefixLines(context),
    ]),
    group(
      "site and path → route; a prefix is by whole segments, because key and request end in /",
      pathLines(context),
    ),
    group(
      "conditions: one question a shape, and the answer counts if it ranks before what is there",
      conditionLines(context),
    ),
    group("routes that no table can hold, the least specific first", ruledLines(context)),
    group(
      undefined,
      keepsId
        ? [line("http-request set-var(txn.id) var(txn.route),word(2,' ')", "which settings apply")]
        : [],
    ),
    group("weighted routes: a random line of the route's own", shareLines(context)),
  ];
}

/** Exact names, then suffixes, the longest first, then the catch-all; each at every entrance, then at its own. */
function hostLines({ plan, routing }: HaproxyContext): readonly Line[] {
  const lines: Line[] = [];
  const add = (table: HostTable, expression: string) => {
    const names = plan.listeners.filter(({ entrance }) => entrance === table.entrance).map(frontendName);
    const conditions = [
      ...(table.entrance === null ? [] : [`{ fe_name ${names.join(" ")} }`]),
      ...(lines.length === 0 ? [] : ["!{ var(txn.site) -m found }"]),
    ];
    lines.push(line(`http-request set-var(txn.site) ${expression}${onlyIf(...conditions)}`));
  };
  for (const table of routing.hosts) {
    if (table.exact.length > 0) add(table, `var(txn.host),map_str(${hostFile(table)})`);
  }
  for (const labels of suffixLabels(routing.hosts)) {
    for (const table of routing.hosts.filter((one) => suffixLabels([one]).includes(labels))) {
      add(table, `var(txn.host),field(2,.,0),field(-1,.,${labels}),map_str(${hostFile(table, WILDCARD)})`);
    }
  }
  for (const table of routing.hosts) {
    if (table.any !== null) add(table, `str(${word(table.any)})`);
  }
  return lines;
}

function prefixLines({ plan }: HaproxyContext): readonly Line[] {
  return plan.listeners.flatMap((listener) => {
    const { internalHostPrefix: prefix, internalHostSite: site } = listener;
    if (prefix === null || site === null) return [];
    const theirs = `{ fe_name ${frontendName(listener)} } { var(txn.host) -m beg ${word(prefix)} }`;
    return [
      line(
        `http-request set-var(txn.site) str(${word(site)}) if ${theirs}`,
        "internal callers, told apart by their Host",
      ),
    ];
  });
}

function pathLines({ routing }: HaproxyContext): readonly Line[] {
  const nothing = routing.ranked ? `${NOTHING} - ${NOTHING_RANK}` : NOTHING;
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
      `http-request set-var(txn.route) ${key},map_beg(paths.map,'${nothing}')${exact ? " if !{ var(txn.route) -m found }" : ""}`,
    ),
  ];
}

function conditionLines({ routing }: HaproxyContext): readonly Line[] {
  const { conditions, ranked } = routing;
  if (conditions.length === 0) return ranked ? [rankLine()] : [];
  const when = "if { var(txn.set) -m len gt 1 }";
  return [
    line("http-request set-var(txn.set) var(txn.route),word(3,' ')"),
    ...(ranked ? [rankLine()] : []),
    ...conditions.flatMap((table, index) => {
      const file = conditionFile(table);
      const ask = line(
        `http-request set-var-fmt(txn.ask) ${word(`%[var(txn.set)]|${question(table)}`)} ${when}`,
      );
      if (!ranked)
        return [ask, line(`http-request set-var(txn.route) var(txn.ask),map_str(${file}) ${when}`)];
      const last = index === conditions.length - 1 && routing.ruled.length === 0;
      return [
        ask,
        line(`http-request set-var(txn.found) var(txn.ask),map_str(${file}) ${when}`),
        line(
          `http-request set-var(txn.route) var(txn.found) ${when} { var(txn.found),word(4,' '),sub(txn.rank) lt 0 }`,
        ),
        ...(last ? [] : [line(`http-request set-var(txn.rank) var(txn.route),word(4,' '),add(0) ${when}`)]),
      ];
    }),
  ];
}

/** add(0) makes a number of the word, which sub() and comparisons need. */
function rankLine(): Line {
  return line("http-request set-var(txn.rank) var(txn.route),word(4,' '),add(0)");
}

/** The values of a request in a shape's order. `=` behind a value tells an empty one from none. */
function question(table: ConditionTable): string {
  return [
    ...(table.method ? ["%[method]"] : []),
    ...table.headers.map(({ name, kind }) =>
      kind === "present" ? `%[req.fhdr_cnt(${name}),bool]` : `%[req.fhdr(${name}),url_enc,concat(=)]`,
    ),
    ...table.query.map((name) => `%[url_param(${name}),url_dec(1),url_enc,concat(=)]`),
  ].join("|");
}

function shareLines({ routing }: HaproxyContext): readonly Line[] {
  if (routing.shares.entries.length === 0) return [];
  const when = "if { var(txn.section) -m beg shares/ }";
  return [
    line("http-request set-var(txn.section) var(txn.route),word(1,' ')"),
    line(`http-request set-var(txn.parts) var(txn.section),field(2,/),add(0) ${when}`),
    line(`http-request set-var(txn.part) rand,mod(txn.parts) ${when}`),
    line(`http-request set-var-fmt(txn.share) "%[var(txn.id)]|%[var(txn.part)]" ${when}`),
    line(`http-request set-var(txn.section) var(txn.share),map_str(shares.map) ${when}`),
  ];
}
