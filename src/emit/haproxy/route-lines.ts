// The lookups that lead from a request to its route: host, path, conditions, rules, shares.
import type { ConditionTable } from "../../plan/routing/conditions.ts";
import type { HostTable } from "../../plan/routing/hosts.ts";
import { NOTHING } from "../../plan/routing/paths.ts";
import type { HaproxyContext } from "./context.ts";
import { conditionFile, hostFile, WILDCARD } from "./maps.ts";
import { ruledLines } from "./ruled-lines.ts";
import { type Group, group, type Line, line, word } from "./writing.ts";

export function routeLines(context: HaproxyContext): readonly Group[] {
  const { routing } = context;
  return [
    group("host → site; without port, dot at the end and case", [
      line("http-request set-var(txn.host) req.fhdr(host),host_only,lower,rtrim(.)"),
      ...routing.hosts.flatMap((table) => hostLines(context, table)),
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
    group(undefined, [line("http-request set-var(txn.id) var(txn.route),word(2,' ')")]),
    group("weighted routes: a random line of the route's own", shareLines(context)),
  ];
}

function hostLines({ plan }: HaproxyContext, table: HostTable): readonly Line[] {
  const names = plan.listeners.filter(({ entrance }) => entrance === table.entrance).map(({ name }) => name);
  const through = table.entrance === null ? "" : ` { fe_name ${names.join(" ")} }`;
  const when = (condition: string) => (through === "" && condition === "" ? "" : ` if${through}${condition}`);
  const unknown = " !{ var(txn.site) -m found }";
  const lines: Line[] = [];
  if (table.exact.length > 0)
    lines.push(line(`http-request set-var(txn.site) var(txn.host),map_str(${hostFile(table)})${when("")}`));
  for (const labels of table.wildcardLabels) {
    const suffix = `var(txn.host),field(2,.,0),field(-1,.,${labels})`;
    lines.push(
      line(
        `http-request set-var(txn.site) ${suffix},map_str(${hostFile(table, WILDCARD)})${when(lines.length > 0 || through !== "" ? unknown : "")}`,
      ),
    );
  }
  if (table.any !== null)
    lines.push(
      line(
        `http-request set-var(txn.site) str(${word(table.any)})${when(lines.length > 0 || through !== "" ? unknown : "")}`,
      ),
    );
  return lines;
}

function prefixLines({ plan }: HaproxyContext): readonly Line[] {
  return plan.listeners.flatMap(({ name, internalHostPrefix, internalHostSite }) =>
    internalHostPrefix === null || internalHostSite === null
      ? []
      : [
          line(
            `http-request set-var(txn.site) str(${word(internalHostSite)}) if { fe_name ${name} } { var(txn.host) -m beg ${word(internalHostPrefix)} }`,
            "internal callers, told apart by their Host",
          ),
        ],
  );
}

function pathLines({ routing }: HaproxyContext): readonly Line[] {
  const nothing = routing.ranked ? `${NOTHING} - 1000000` : NOTHING;
  const exact = routing.paths.exact.length > 0;
  return [
    ...(exact
      ? [
          line('http-request set-var-fmt(txn.key) "%[var(txn.site)]%[path]"'),
          line("http-request set-var(txn.route) var(txn.key),map_str(exact-paths.map)"),
        ]
      : []),
    line('http-request set-var-fmt(txn.key) "%[var(txn.site)]%[path]/"'),
    line(
      `http-request set-var(txn.route) var(txn.key),map_beg(paths.map,'${nothing}')${exact ? " if !{ var(txn.route) -m found }" : ""}`,
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
