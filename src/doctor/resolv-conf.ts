// resolv.conf(5) as the C libraries read it: the name servers, and the queries of a name.

export interface ResolvConf {
  readonly nameServers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** As written, including `ndots:5`. */
  readonly options: readonly string[];
}

export function parseResolvConf(text: string): ResolvConf {
  const nameServers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split("\n")) {
    const [key = "", ...words] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    // At most three servers are used (MAXNS); of `search` and `domain`, the last one counts.
    if (key === "nameserver" && words[0] !== undefined && nameServers.length < 3) nameServers.push(words[0]);
    else if (key === "search" || key === "domain")
      search = words.map((domain) => domain.replace(/\.$/, "")).filter((domain) => domain !== "");
    else if (key === "options") options.push(...words);
  }
  const ndots = options.findLast((option) => option.startsWith("ndots:"));
  return {
    nameServers,
    search,
    options,
    // glibc limits it to 15.
    ndots: ndots === undefined ? 1 : Math.min(15, Number(ndots.slice("ndots:".length)) || 0),
  };
}

/** The names that are queried one after the other, until one exists. A trailing dot makes a name complete. */
export function candidates(name: string, { search, ndots }: Pick<ResolvConf, "search" | "ndots">) {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
