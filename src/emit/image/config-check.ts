// The check during the build, which fails if HAProxy rejects the configuration.
import { SYSTEM_CAS } from "../../plan/backend-tls.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { secretsOf } from "../../plan/secrets.ts";
import { DISTRIBUTIONS } from "./packages.ts";
import { type Instruction, run, shellWord } from "./writing.ts";

const STAND_IN = "/tmp/stand-in.pem";
const MADE = "/tmp/stand-ins";
const WITH_STAND_INS =
  "The build fails if HAProxy rejects the configuration. Certificates are mounted at run time: a temporary one replaces each during the check and is removed afterwards.";

/** For a configuration that was copied to its final folder. Names need not resolve: the defaults have `init-addr none`. */
export function checkSteps(plan: Plan): readonly Instruction[] {
  const { configFolder, base } = plan.image;
  const env = secretsOf(plan).map(({ variable }) => `${variable}=stand-in `);
  const check = `${env.join("")}${DISTRIBUTIONS[base.value].haproxy} -c -f ${configFolder}/haproxy.cfg`;
  // The umask at render time can keep HAProxy's user from reading the files.
  const readable = `chmod -R a+rX ${configFolder}`;
  const missing = filesOfLater(plan);
  if (missing.length === 0)
    return [run("The build fails if HAProxy rejects the configuration.", [readable, check])];
  const openssl = base.value === "alpine";
  return [
    run({ because: WITH_STAND_INS, ...partOf(plan, "public.tls") }, [
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
    ]),
  ];
}

/** Files that HAProxy opens at startup and that are neither in the base nor in the haproxy layer: certificates and private CAs. */
function filesOfLater({ listeners, backends }: Plan): readonly string[] {
  const certificates = listeners.flatMap(({ tls }) => tls?.certificates.map(({ file }) => file) ?? []);
  const authorities = backends.flatMap(({ tls }) =>
    tls === null || tls.verify === "none" || tls.verify.caFile === SYSTEM_CAS ? [] : [tls.verify.caFile],
  );
  return [...new Set([...certificates, ...authorities])].sort();
}
