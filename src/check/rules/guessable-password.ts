// guessable-password: well-known password, or password equal to the user name.
import { type HaproxySection, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { keyOf, onceEach } from "../groups.ts";
import { linesOf, proxiesOf, reachOf } from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding, RuleFindings } from "../rule.ts";
import { listOf } from "../wording.ts";

/** In small letters, without anything but letters and digits. */
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
          if (password === undefined || !isGuessable(user, password)) return [];
          return {
            what: `the password of \`${user}\` for the stats page of \`${placed.proxy.name}\` can be guessed`,
            why: `It is a well-known password or the user's own name, which attackers try first. Then they can read every backend with its addresses, load and health${stats.admin ? ", and disable servers" : ""}.`,
            remedy: `Write \`stats auth ${user}:"\${STATS_PASSWORD}"\`, and put a long random password into the environment of HAProxy.`,
            at: [at],
          };
        });
      }),
      ({ at: [place] }) => (place ? keyOf(place) : ""),
    ),
    ...wiring.haproxies.flatMap((layer) =>
      layer.config.sections.filter(({ kind }) => kind === "userlist").flatMap((list) => usersOf(layer, list)),
    ),
  ],
};

/** Users of a list that a condition or `stats http-request auth` may check. */
function usersOf(layer: HaproxyLayer, list: HaproxySection): RuleFindings {
  const name = list.name?.value ?? "";
  const asked = layer.config.lines.some(({ tokens }) =>
    tokens.some(
      ({ value }) => value.includes(`http_auth(${name})`) || value.includes(`http_auth_group(${name})`),
    ),
  );
  if (!asked) return [];
  const weak = linesOf(list, "user").flatMap(({ tokens }) => {
    const [, user, keyword, password] = tokens;
    if (user === undefined || keyword?.value !== "insecure-password" || password === undefined) return [];
    return isGuessable(user.value, password.value) ? [{ user, password }] : [];
  });
  const [first] = weak;
  if (first === undefined) return [];
  return {
    what: `the password of ${listOf(weak.map(({ user }) => user.value))} in \`userlist ${name}\` can be guessed`,
    why: `It is a well-known password or the user's own name, which attackers try first: then \`http_auth(${name})\` protects nothing.`,
    remedy: `Write \`user ${first.user.value} password HASH\`, with the output of \`mkpasswd -m sha-256\` for a long random password.`,
    at: weak.slice(0, 5).map(({ user, password }) => tokenPosition(layer.config, user, password)),
  };
}

export function isGuessable(user: string, password: string): boolean {
  if (password.includes("$")) return false;
  const bare = password.toLowerCase().replace(/[^a-z0-9]/g, "");
  return password === user || KNOWN.has(bare) || "12345678901234567890".startsWith(bare);
}
