// The check while building: a configuration that HAProxy refuses never becomes an image.
import { SYSTEM_CAS } from "../../plan/backend-tls.ts";
import type { Plan } from "../../plan/plan.ts";
import { secretsOf } from "../../plan/secrets.ts";
import { DISTRIBUTIONS } from "./packages.ts";
import { type Instruction, run, shellWord } from "./writing.ts";

const STAND_IN = "/tmp/stand-in.pem";
const MADE = "/tmp/stand-ins";

/** For a configuration that was copied to where it will be. Names need not resolve: `init-addr none` is among the defaults. */
export function checkSteps(plan: Plan): readonly Instruction[] {
  const { configFolder, base } = plan.image;
  const env = secretsOf(plan).map(({ variable }) => `${variable}=stand-in `);
  const check = `${env.join("")}${DISTRIBUTIONS[base.value].haproxy} -c -f ${configFolder}/haproxy.cfg`;
  // Whoever rendered it may have an umask that keeps others, and so HAProxy's user, from reading.
  const readable = `chmod -R a+rX ${configFolder}`;
  const missing = filesOfLater(plan);
  if (missing.length === 0)
    return [run("A configuration that HAProxy refuses never becomes an image.", [readable, check])];
  const openssl = base.value === "alpine";
  return [
    run(
      "A configuration that HAProxy refuses never becomes an image. Certificates come when the container runs: a throwaway one stands in for each while this is checked, and none of it stays.",
      [
        readable,
        ...(openssl ? ["apk add --no-cache --virtual .check openssl"] : []),
        `openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=portico.invalid -keyout ${STAND_IN} -out ${STAND_IN}.crt`,
        `cat ${STAND_IN}.crt >> ${STAND_IN}`,
        `: > ${MADE}`,
        `for file in ${missing.map((file) => `\\\n      ${shellWord(file)}`).join(" ")}; do \\\n      [ -e "$file" ] || { mkdir -p "$(dirname "$file")" && cp ${STAND_IN} "$file" && echo "$file" >> ${MADE}; } || exit 1; \\\n    done`,
        check,
        `while IFS= read -r file; do rm "$file"; done < ${MADE}`,
        `rm ${STAND_IN} ${STAND_IN}.crt ${MADE}`,
        ...(openssl ? ["apk del .check"] : []),
      ],
    ),
  ];
}

/** Files that HAProxy opens when it starts and that neither the base nor the haproxy layer has: certificates, and CAs of one's own. */
function filesOfLater({ listeners, backends }: Plan): readonly string[] {
  const certificates = listeners.flatMap(({ tls }) => tls?.certificates.map(({ file }) => file) ?? []);
  const authorities = backends.flatMap(({ tls }) =>
    tls === null || tls.verify === "none" || tls.verify.caFile === SYSTEM_CAS ? [] : [tls.verify.caFile],
  );
  return [...new Set([...certificates, ...authorities])].sort();
}
