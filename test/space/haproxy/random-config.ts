// Random configurations with the matchers, converters and actions that people use.

/** mulberry32. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  of<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  often(percent: number): boolean {
    return this.below(100) < percent;
  }

  times<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(most + 1) }, (_, index) => make(index));
  }
}

const HOSTS = ["a.example", "b.example", "www.a.example", "A.example", "x"] as const;
export const PATHS = [
  "/",
  "/a",
  "/a/",
  "/a/b",
  "/A/b",
  "/ab",
  "/api",
  "/api/v1",
  "/api/v1/x.php",
  "/b.php",
  "/%61",
  "/a%20b",
  "//a",
  "/b/a/",
] as const;
const VALUES = ["1", "yes", "YES", "a", "ab", "bot-a", ""] as const;
const NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "0.0.0.0/0"] as const;
export const MAPS: Readonly<Record<string, string>> = {
  "hosts.map": "a.example one\nwww.a.example two\nb.example one\nx\n",
  "paths.map": "/a A1\n/a/ A2\n/api API\n/api/v1 V1\n/b B\n",
  "ends.map": ".php php\np p\n/ slash\n",
  "regs.map": "^/a(/|$) ra\n[0-9] digit\n",
  "list.lst": "/a\n/api/v1\n",
  "keys.map": "one/a/ K1\none/ K2\ntwo/api/ K3\n",
};

const TEXT_FETCHES = [
  "path",
  "path,lower",
  "path,url_dec",
  "path,field(2,/)",
  "hdr(host)",
  "hdr(host),lower",
  "hdr(host),field(1,:)",
  "hdr(host),host_only,lower",
  "req.hdr(x-a)",
  "req.fhdr(x-a)",
  "req.hdr(no:token)",
  "req.hdr(x-a),upper",
  "url_param(p)",
  "cook(c)",
  "query",
  "url",
  "base",
  "pathq",
  "var(txn.v1)",
  "var(txn.v2)",
  "path,map_beg(@FOLDER@/paths.map)",
  "path,map_beg(@FOLDER@/paths.map,none)",
  "hdr(host),lower,map_str(@FOLDER@/hosts.map)",
  "hdr(host),lower,map(@FOLDER@/hosts.map,none)",
  "path,map_end(@FOLDER@/ends.map)",
  "path,map_reg(@FOLDER@/regs.map,-)",
  "path,bytes(2)",
  "path,rtrim(/)",
  "req.hdr(x-a),url_enc",
  "url_param(p),url_dec(1)",
  "path,word(1,/)",
  "str(a)",
  "var(txn.v1),concat(/,txn.v2,/)",
  "var(txn.v1),concat(,txn.p,/),map_beg(@FOLDER@/keys.map,K0)",
] as const;

/** The servers of each backend. */
export const SERVERS = ["s", "one", "A1"] as const;
const STATUSES = [200, 201, 301, 404, 500, 503] as const;
const TYPES = ["text/html", "text/plain", "a", "yes"] as const;

/** Fetches of the response, and those of the request that response rules can read. */
const RESPONSE_FETCHES = [
  "res.hdr(x-r)",
  "res.hdr(x-r)",
  "res.fhdr(x-r),lower",
  "res.hdr(content-type)",
  "res.hdr(location)",
  "var(txn.v1)",
  "var(txn.p)",
  "var(res.v)",
  "capture.req.uri",
  "str(a)",
] as const;

/** Makes the sections of one frontend. */
export class RandomFrontend {
  readonly #chance: Chance;
  readonly #id: number;
  readonly backends: readonly string[];
  readonly #acls: string[] = [];

  constructor(chance: Chance, id: number) {
    this.#chance = chance;
    this.#id = id;
    this.backends = ["one", "two", "A1", "K1"].map((name) => `b${id}-${name}`);
  }

  text(): string {
    const chance = this.#chance;
    const id = this.#id;
    const acls = chance.times(5, (index) => {
      const name = `acl${index % 4}`;
      this.#acls.push(name);
      return `  acl ${name} ${this.#test()}`;
    });
    const rules = chance.times(7, () => `  ${this.#rule()}`);
    const uses = chance.times(3, () => `  use_backend ${this.#backend()}${this.#condition(85)}`);
    const defaults = chance.often(75)
      ? [
          `  default_backend ${chance.of(["one", "two"] as const) === "one" ? this.backends[0] : this.backends[1]}`,
        ]
      : [];
    const monitor = chance.often(15) ? [`  monitor-uri ${chance.of(PATHS)}`] : [];
    const stats = chance.often(10)
      ? [
          `  stats uri ${chance.of(["/a", "/api", "/b.php"] as const)}`,
          ...chance.times(
            2,
            () =>
              `  stats http-request ${chance.of(["deny", "auth", "allow"] as const)}${this.#condition(100)}`,
          ),
        ]
      : [];
    const responses = chance.often(60) ? chance.times(4, () => `  ${this.#responseRule()}`) : [];
    const lines = [
      ...acls,
      ...shuffled(chance, [...rules, ...uses, ...defaults, ...monitor, ...stats, ...responses]),
    ];
    const backends = this.backends.map((name) =>
      [
        `backend ${name}`,
        ...(chance.often(30) ? chance.times(2, () => `  ${this.#backendRule()}`) : []),
        ...(chance.often(30) ? chance.times(3, () => `  ${this.#responseRule()}`) : []),
        ...(chance.often(30) ? chance.times(2, () => `  ${this.#useServer()}`) : []),
        ...SERVERS.map((server) => `  server ${server} unix@@FOLDER@/${name}-${server}.sock`),
      ].join("\n"),
    );
    return [
      `frontend f${id}`,
      `  bind unix@@FOLDER@/f${id}.sock accept-proxy`,
      ...lines,
      ...backends,
      "",
    ].join("\n");
  }

  #backend(): string {
    const chance = this.#chance;
    if (chance.often(75)) return chance.of(this.backends as [string, ...string[]]);
    const name = chance.of([
      "%[path,map_beg(@FOLDER@/paths.map)]",
      "%[hdr(host),lower,map(@FOLDER@/hosts.map,none)]",
      "%[var(txn.v1)]",
      "%[var(txn.v1),concat(,txn.p,/),map_beg(@FOLDER@/keys.map,K0)]",
    ] as const);
    return `b${this.#id}-${name}`;
  }

  #condition(percent: number): string {
    const chance = this.#chance;
    if (!chance.often(percent)) return "";
    const terms = Array.from({ length: 1 + chance.below(3) }, () => this.#term());
    const joined = terms.reduce(
      (text, term) => `${text} ${chance.of(["", "", "or ", "|| ", "OR "] as const)}${term}`,
    );
    return ` ${chance.often(85) ? "if" : "unless"} ${joined}`;
  }

  #term(): string {
    const chance = this.#chance;
    const bang = chance.often(25) ? "!" : "";
    const [first, ...rest] = this.#acls;
    if (first !== undefined && chance.often(50)) return `${bang}${chance.of([first, ...rest])}`;
    if (chance.often(10))
      return `${bang}${chance.of(["METH_GET", "METH_POST", "TRUE", "HTTP_1.1"] as const)}`;
    return `${bang}{ ${this.#test()} }`;
  }

  #test(): string {
    const chance = this.#chance;
    const kind = chance.below(10);
    if (kind === 0)
      return `src ${chance.times(2, () => chance.of(NETWORKS)).join(" ")} ${chance.of(NETWORKS)}`;
    if (kind === 1) return `method ${chance.of(["GET", "POST", "GET HEAD", "PUT"] as const)}`;
    if (kind === 2) return this.#suffixed();
    if (kind === 3) return `${chance.of(TEXT_FETCHES)} -m found`;
    if (kind === 4)
      return `${chance.of(TEXT_FETCHES)},length ${chance.of(["gt 2", "le 5", "3:6", "eq 0"] as const)}`;
    if (kind === 5) return `path${chance.of(["", " -i", " -m beg"] as const)} -f @FOLDER@/list.lst`;
    if (kind === 6)
      return `${chance.of(TEXT_FETCHES)},strcmp(txn.v2) ${chance.of(["eq 0", "lt 0", "gt 0"] as const)}`;
    const fetch = chance.of(TEXT_FETCHES);
    const method = chance.of(["str", "beg", "end", "sub", "dir", "dom", "reg", "len"] as const);
    return `${fetch} -m ${method}${method !== "len" && chance.often(30) ? " -i" : ""} ${this.#patterns(fetch, method)}`;
  }

  #suffixed(): string {
    const chance = this.#chance;
    const fetch = chance.of(["path", "hdr(host)", "hdr(x-a)", "url", "urlp(p)", "base", "cook(c)"] as const);
    const method = chance.of(["str", "beg", "end", "sub", "dir", "dom", "reg"] as const);
    const name = method === "str" ? fetch : fetch.replace(/^(\w+)/, `$1_${method}`);
    return `${name}${chance.often(30) ? " -i" : ""} ${this.#patterns(fetch, method)}`;
  }

  #patterns(fetch: string, method: string): string {
    const one = () => this.#pattern(fetch, method);
    return [one(), ...this.#chance.times(2, one)].join(" ");
  }

  #pattern(fetch: string, method: string): string {
    const chance = this.#chance;
    if (method === "len") return String(chance.below(6));
    const base = quotable(this.#value(fetch));
    if (method === "reg")
      return chance.of([
        `^${escaped(base)}`,
        `${escaped(base)}$`,
        "^/(a|api)(/|$)",
        "[0-9]",
        "^[a-z.]+$",
        "(?i)^/A",
        "\\.php([?]|$)",
        "^(?!/a)",
      ] as const);
    const at = chance.below(base.length + 1);
    const part = method === "str" ? base : chance.of([base, base.slice(0, at), base.slice(at)] as const);
    return part === "" || part.startsWith("-") ? "/" : part;
  }

  #value(fetch: string): string {
    const chance = this.#chance;
    if (fetch.includes("map")) return chance.of(["one", "two", "A1", "A2", "K1", "none", "php"] as const);
    if (/host/.test(fetch)) return chance.of([chance.of(HOSTS), `${chance.of(HOSTS)}:8080`] as const);
    if (/^(?:path|pathq|url|base)/.test(fetch)) return chance.of(PATHS);
    return chance.of([...VALUES, "p=1", "one", "/a"] as const);
  }

  #rule(): string {
    const chance = this.#chance;
    const condition = (percent: number) => this.#condition(percent);
    switch (chance.below(17)) {
      case 0:
        return `http-request deny${chance.of(["", " deny_status 404", " deny_status 429"] as const)}${condition(97)}`;
      case 1:
        return `http-request return status ${chance.of([200, 410] as const)} content-type text/plain string x${condition(97)}`;
      case 2:
        return `${chance.of(["", "http-request "] as const)}redirect ${this.#redirect()}${condition(97)}`;
      case 3:
        return `http-request allow${condition(97)}`;
      case 4:
        return `tcp-request content ${chance.of(["accept", "accept", "reject"] as const)}${condition(100)}`;
      case 5:
        return `http-request set-path ${chance.of(["/new", "/new%[path]", "%[path]x", "/a/%[path,field(2,/)]"] as const)}${condition(85)}`;
      case 6:
        return `http-request replace-path ${chance.of(["^/api(.*) /v2\\1", "/a/(.*) /c/\\1", "^/a/(.*) /\\1"] as const)}${condition(60)}`;
      case 7:
        return `http-request set-query ${chance.of(["p=1", "%[query]&q=1", "x=%[path]"] as const)}${condition(85)}`;
      case 8:
        return `http-request ${chance.of(["set-header", "add-header"] as const)} x-a ${chance.of(["a", "yes", "%[path]", "%[var(txn.v1)]"] as const)}${condition(70)}`;
      case 9:
        return `http-request del-header x-a${condition(70)}`;
      case 10:
        return `http-request set-var(txn.p) path${condition(30)}`;
      case 11:
        return `http-request unset-var(txn.v1)${condition(90)}`;
      case 12:
        return `http-request set-var-fmt(txn.v2) ${chance.of(["a%[path]", "%[var(txn.v1)]-x", "a"] as const)}${condition(60)}`;
      case 13:
        return `http-request set-method ${chance.of(["POST", "GET"] as const)}${condition(95)}`;
      default:
        return `http-request set-var(txn.${chance.of(["v1", "v1", "v2"] as const)}) ${chance.of(TEXT_FETCHES)}${condition(50)}`;
    }
  }

  #redirect(): string {
    const chance = this.#chance;
    return chance.of([
      "location /moved",
      "location https://%[hdr(host)]%[path] code 301",
      "prefix https://other.example code 302",
      "prefix / drop-query",
      "scheme https code 308",
      "location /%[var(txn.v1)]",
    ] as const);
  }

  #backendRule(): string {
    const chance = this.#chance;
    return chance.of([
      `http-request deny deny_status 405${this.#backendCondition()}`,
      `redirect location /backend${this.#backendCondition()}`,
      `http-request set-path /in%[path]${this.#backendCondition()}`,
      `http-request set-header x-b %[var(txn.v1)]${this.#backendCondition()}`,
      `http-request return status 409${this.#backendCondition()}`,
    ] as const);
  }

  #useServer(): string {
    const server = this.#chance.of([...SERVERS, ...SERVERS, "%[var(txn.v1)]"] as const);
    return `use-server ${server}${this.#backendCondition()}`;
  }

  /** A response rule of the frontend or a backend. */
  #responseRule(): string {
    const chance = this.#chance;
    const fetch = () => chance.of(RESPONSE_FETCHES);
    const phase = chance.of(["http-response", "http-response", "http-after-response"] as const);
    const condition = this.#responseCondition();
    switch (chance.below(phase === "http-response" ? 10 : 7)) {
      case 0:
        return `${phase} set-status ${chance.of([200, 404, 502] as const)}${condition}`;
      case 1:
      case 2:
        return `${phase} ${chance.of(["set-header", "add-header"] as const)} x-r ${chance.of(["a", "b%[status]", `%[${fetch()}]`] as const)}${condition}`;
      case 3:
        return `${phase} del-header ${chance.of(["x-r", "content-type"] as const)}${condition}`;
      case 4:
        return `${phase} allow${condition}`;
      case 5:
        return `${phase} set-var(${chance.of(["res.v", "txn.v1"] as const)}) ${fetch()}${condition}`;
      case 6:
        return `${phase} set-header location /to%[res.hdr(location)]${condition}`;
      case 7:
        return `${phase} deny${chance.of(["", " deny_status 429"] as const)}${condition}`;
      case 8:
        return `${phase} return status ${chance.of([200, 410] as const)} content-type text/plain string x${condition}`;
      default:
        return `${phase} redirect location /answered${chance.of(["", "%[var(txn.v1)]", "%[status]"] as const)}${condition}`;
    }
  }

  #responseCondition(): string {
    const chance = this.#chance;
    const test = (): string => {
      const kind = chance.below(12);
      if (kind < 4) return `status ${chance.of(["200", "404", "ge 500", "300:399", "lt 300"] as const)}`;
      if (kind === 4) return `method ${chance.of(["GET", "POST", "PUT"] as const)}`;
      if (kind === 5) return `src ${chance.of(NETWORKS)}`;
      // The request is no longer available.
      if (kind === 6) return chance.of(["path_beg /", "req.hdr(x-a) -m found", "url_param(p) 1"] as const);
      if (kind === 7) return `${chance.of(RESPONSE_FETCHES)} -m found`;
      if (kind === 8) return `res.hdr_cnt(x-r) ${chance.of(["0", "gt 0"] as const)}`;
      const method = chance.of(["str", "beg", "end", "sub"] as const);
      const patterns = [...VALUES.filter((value) => value !== ""), ...TYPES, ...PATHS];
      return `${chance.of(RESPONSE_FETCHES)} -m ${method} ${chance.of(patterns as [string, ...string[]])}`;
    };
    const terms = Array.from(
      { length: 1 + chance.below(2) },
      () => `${chance.often(25) ? "!" : ""}{ ${test()} }`,
    );
    return ` if ${terms.join(chance.often(30) ? " or " : " ")}`;
  }

  #backendCondition(): string {
    return ` if { ${this.#test()} }`;
  }
}

function shuffled<T>(chance: Chance, list: readonly T[]): readonly T[] {
  return list
    .map((value) => ({ value, key: chance.below(1_000_000) }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

function escaped(text: string): string {
  return text.replace(/[.()[\]?*+$^|\\]/g, "\\$&");
}

/** Without what a word of the configuration cannot hold as it is. */
function quotable(text: string): string {
  return text.replace(/[ #'"\\]/g, "");
}

export function randomRequest(chance: Chance, listener: string) {
  const host = chance.of(HOSTS);
  const path = chance.of(PATHS);
  const query = chance.of(["", "", "?", "?p=1", "?p=a&q=2", "?q", "?p", "?p=a%20b", "?x=1&p="] as const);
  const headers: [string, string][] = [];
  if (chance.often(50)) headers.push(["x-a", chance.of(VALUES)]);
  if (chance.often(30)) headers.push(["cookie", chance.of(["c=1", "c=yes; d=2", "d=1"] as const)]);
  return {
    listener,
    method: chance.of(["GET", "GET", "POST", "HEAD", "PUT"] as const),
    host: chance.of([host, host, `${host}:8080`, undefined] as const),
    target: `${path}${query}`,
    headers,
    client: chance.of(["10.1.2.3", "10.9.9.9", "192.0.2.7", "203.0.113.9"] as const),
    answer: randomAnswer(chance),
  };
}

function randomAnswer(chance: Chance) {
  const headers: [string, string][] = [];
  if (chance.often(50)) headers.push(["x-r", chance.of(["a", "1", "yes", "/a"] as const)]);
  if (chance.often(50)) headers.push(["content-type", chance.of(TYPES)]);
  const status = chance.of([200, 200, ...STATUSES] as const);
  if (status === 301) headers.push(["location", chance.of(PATHS)]);
  return { status, headers };
}
