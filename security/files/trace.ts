// Finds what a hostile file must not cause in a trace of system calls: programs, files and connections.
import { basename } from "node:path";

export interface TraceTerms {
  /** Where anything may be written, and sockets may be. */
  readonly temporary: string;
  /** Where nothing may be opened but the input. */
  readonly out: string;
}

export interface Breach {
  /** The mark of the command that it happened in. */
  readonly during: string;
  readonly what: string;
}

/** For strace: what executes, what opens, makes or removes files, and what connects or sends. */
export const TRACED =
  "execve,execveat,connect,bind,sendto,sendmsg,sendmmsg,openat,openat2,open,creat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,chmod,fchmodat,truncate";

/** HAProxy and Node, the guardian's shell and the command that removes its folder, and the confinement. */
const PROGRAMS: ReadonlySet<string> = new Set([
  "haproxy",
  "node",
  "sh",
  "dash",
  "rm",
  "bwrap",
  "unshare",
  "prlimit",
  "setpriv",
  "timeout",
  "ip",
]);

/**
 * glibc's daemon for users and names, which is queried before files are read; the kernel's files of a process; devices; and the shared
 * memory for messages at the start, which HAProxy creates and removes with every configuration.
 */
const ALWAYS =
  /^(?:(?:\/var)?\/run\/nscd\/socket|\/proc\/|\/dev\/(?:(?:null|tty|full|zero)$|shm\/haproxy_startup_logs_))/;

/** In the order of the trace; `during` is empty for what came before the first mark. */
export function breachesIn(trace: string, terms: TraceTerms): readonly Breach[] {
  let during = "";
  const found: Breach[] = [];
  for (const line of trace.split("\n")) {
    const [, call = "", rest = ""] = /^\d+ +(?:<\.\.\. )?(\w+)(?: resumed>)?\(?(.*)$/.exec(line) ?? [];
    const mark = /^"[^"]*\/(mark-\d+-\w+)"/.exec(rest)?.[1];
    if (call === "mkdir" && mark !== undefined) {
      during = mark;
      continue;
    }
    const what = during === "" ? undefined : breachOf(call, rest, terms);
    if (what !== undefined) found.push({ during, what });
  }
  return found;
}

function breachOf(call: string, rest: string, terms: TraceTerms): string | undefined {
  const paths = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = ""]) => path);
  if (call.startsWith("exec"))
    return paths[0] === undefined || PROGRAMS.has(basename(paths[0])) ? undefined : `executes ${paths[0]}`;
  if (/^(?:connect|bind|send)/.test(call)) return breachOfAddress(call, rest, terms);
  if (call.startsWith("open")) {
    if (paths[0]?.startsWith(`${terms.out}/`) === true) return `opens ${paths[0]}`;
    return /O_WRONLY|O_RDWR|O_CREAT/.test(rest) ? written(call, paths.slice(0, 1), terms) : undefined;
  }
  return CHANGES.test(call) ? written(call, paths, terms) : undefined;
}

const CHANGES = /^(?:creat|rename|unlink|link|symlink|mkdir|mknod|chmod|fchmodat|truncate)/;

function written(call: string, paths: readonly string[], { temporary }: TraceTerms): string | undefined {
  // Relative paths are those of folders that were opened before, by an absolute path.
  const other = paths.find(
    (path) => path.startsWith("/") && !path.startsWith(`${temporary}/`) && !ALWAYS.test(path),
  );
  return other === undefined ? undefined : `${call} ${other}`;
}

function breachOfAddress(call: string, rest: string, { temporary }: TraceTerms): string | undefined {
  for (const [whole, address = ""] of rest.matchAll(/inet_addr\("([\d.]+)"\)/g))
    if (!address.startsWith("127.") && !isTrial(rest, address)) return `${call} ${whole}`;
  for (const [whole, address = ""] of rest.matchAll(/inet_pton\(AF_INET6, "([^"]*)"/g))
    if (address !== "::1" && !/^::ffff:127\./.test(address) && !isTrial(rest, address))
      return `${call} ${whole}`;
  for (const [, abstract = "", path = ""] of rest.matchAll(/sun_path=(@?)"((?:[^"\\]|\\.)*)"/g)) {
    if (abstract !== "" && OF_A_LAB.test(path)) continue;
    if (abstract === "" && (path.startsWith(`${temporary}/`) || ALWAYS.test(path) || !path.startsWith("/")))
      continue;
    return `${call} ${abstract}${path}`;
  }
  return undefined;
}

/** Begins with the name of a temporary folder. */
const OF_A_LAB = /^portico-[\w-]+-\w{6}-/;

/**
 * HAProxy tries out what a socket may do with one of a port that the system chooses, and never listens on it. HAProxy 3.3 and newer
 * find out by a datagram socket whether there is a route for IPv6 (`dns-accept-family auto`): to connect one sends nothing.
 */
function isTrial(rest: string, address: string): boolean {
  const port = Number(/sin6?_port=htons\((\d+)\)/.exec(rest)?.[1]);
  const any = address === "0.0.0.0" || address === "::";
  return address === "2001::" || (any && (port === 0 || port >= FIRST_CHOSEN));
}

/** Linux, ip_local_port_range. */
const FIRST_CHOSEN = 32_768;
