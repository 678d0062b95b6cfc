// guessable-password: well-known password, or password equal to the user name.
import type { Position } from "../../findings/finding.ts";
import { type HaproxySection, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { keyOf, onceEach } from "../groups.ts";
import { linesOf, proxiesOf, reachOf } from "../layers/haproxy-view.ts";
import { variableOf } from "../layers/variables.ts";
import type { Rule, RuleFinding, RuleFindings } from "../rule.ts";
import { listOf } from "../wording.ts";

/** In lower case, letters and digits only. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    "admin administrator admin123 changeit changeme default demo example guest haproxy haproxystats letmein " +
    "mypassword p4ssword p4ssw0rd pass passw0rd passwd password password1 password123 pssw0rd pssword pwd qwerty root " +
    "secret securepassword stats statspassword strongpassword supersecret test user welcome yourpassword " +
    "yoursecurepassword yourstrongpassword"
  ).split(" "),
);

export const guessablePassword: Rule = {
  code: "guessable-password",
  severity: "warning",
  check: (wiring) => [
    ...onceEach(
      proxiesOf(wiring).flatMap((placed): RuleFinding[] => {
        const { stats } = placed.proxy;
        if (stats === undefined || (placed.proxy.kind !== "backend" && reachOf(wiring, placed) === "itself"))
          return [];
        return stats.auth.flatMap(({ value, at }) => {
          const [user = "", password] = value.split(/:(.*)/s);
          const place =
            password === undefined ? undefined : guessableAt(wiring, placed.layer, user, password, at);
          if (place === undefined) return [];
          return {
            what: `the password of \`${user}\` for the stats page of \`${placed.proxy.name}\` can be guessed`,
            why: `It is a well-known password or the user's own name, which attackers try first. Then they can read every backend with its addresses, load and health${stats.admin ? ", and disable servers" : ""}.`,
            remedy:
              place === at
                ? `Write \`stats auth ${user}:"\${STATS_PASSWORD}"\`, and put a long random password into the environment of HAProxy.`
                : "Write a long random password in its place, for example the output of `openssl rand -base64 24`.",
            at: onceEach([place, at], keyOf),
            described: {
              remedy:
                "Store a long random password in a Secret, and write `password: { secret: NAME, key: KEY }` in `stats.user`.",
              field: ["stats", "user", "password"],
            },
          };
        });
      }),
      ({ at: [place] }) => (place ? keyOf(place) : ""),
    ),
    ...wiring.haproxies.flatMap((layer) =>
      layer.config.sections
        .filter(({ kind }) => kind === "userlist")
        .flatMap((list) => usersOf(wiring, layer, list)),
    ),
  ],
};

/** Users of a list that a condition or `stats http-request auth` may check. */
function usersOf(wiring: Wiring, layer: HaproxyLayer, list: HaproxySection): RuleFindings {
  const name = list.name?.value ?? "";
  const isUsed = layer.config.lines.some(({ tokens }) =>
    tokens.some(
      ({ value }) => value.includes(`http_auth(${name})`) || value.includes(`http_auth_group(${name})`),
    ),
  );
  if (!isUsed) return [];
  const weak = linesOf(list, "user").flatMap(({ tokens }) => {
    const [, user, keyword, password] = tokens;
    if (user === undefined || keyword?.value !== "insecure-password" || password === undefined) return [];
    const at = tokenPosition(layer.config, user, password);
    const place = guessableAt(wiring, layer, user.value, password.value, at);
    return place === undefined ? [] : [{ user, places: place === at ? [at] : [place, at] }];
  });
  const [first] = weak;
  if (first === undefined) return [];
  return {
    what: `the password of ${listOf(weak.map(({ user }) => user.value))} in \`userlist ${name}\` can be guessed`,
    why: `It is a well-known password or the user's own name, which attackers try first: then \`http_auth(${name})\` protects nothing.`,
    remedy: `Write \`user ${first.user.value} password HASH\`, with the output of \`mkpasswd -m sha-256\` for a long random password.`,
    at: weak.slice(0, 5).flatMap(({ places }) => places),
  };
}

/** Where a password that can be guessed is written: on the line itself, or where the variable on it is set. */
function guessableAt(
  wiring: Wiring,
  layer: HaproxyLayer,
  user: string,
  password: string,
  at: Position,
): Position | undefined {
  const [, braced, bare] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(password) ?? [];
  const name = braced ?? bare;
  if (name === undefined) return isGuessable(user, password) ? at : undefined;
  const set = variableOf(wiring, layer, name);
  return set !== undefined && isGuessable(user, set.value) ? (set.at ?? at) : undefined;
}

function isGuessable(user: string, password: string): boolean {
  if (password.includes("$")) return false;
  const bare = password.toLowerCase().replace(/[^a-z0-9]/g, "");
  return password === user || KNOWN.has(bare) || "12345678901234567890".startsWith(bare);
}
