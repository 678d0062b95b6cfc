// Options that configure the health check of a server.
import type { HaproxyProxy, Setting } from "../../wiring/haproxy/wiring.ts";

/** Options that configure the check and do not enable it (manual 3.2, section 5.2, `check`). */
const CHECKS = [
  "httpchk",
  "tcp-check",
  "ssl-hello-chk",
  "mysql-check",
  "pgsql-check",
  "redis-check",
  "smtpchk",
  "ldap-check",
  "external-check",
];

/** The first of a proxy, its defaults included. */
export function healthCheckOption({
  options,
}: HaproxyProxy): { readonly name: string; readonly option: Setting<readonly string[]> } | undefined {
  const name = CHECKS.find((one) => options.has(one));
  const option = name === undefined ? undefined : options.get(name);
  return name === undefined || option === undefined ? undefined : { name, option };
}
