// The environment of a HAProxy, as the container that runs it sets it.
import { valueAt } from "../source/data.ts";
import type { HaproxyLayer, KubernetesObject, Wiring } from "./wiring.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** For a variable whose value is in a Secret that is not here. */
export const STAND_IN_VALUE = "stand-in";

/** `env` with the variables of the container that runs this HAProxy: a value that only the cluster has is a placeholder, unless `env` has it. */
export function environmentOf(
  { runBy }: HaproxyLayer,
  { objects }: Pick<Wiring, "objects">,
  env: Environment,
): Environment {
  if (runBy === undefined) return env;
  const { container, workload } = runBy;
  const set = [...container.env].map(([name, variable]) => {
    const outside = env[name] ?? STAND_IN_VALUE;
    if (variable === undefined) return [name, outside] as const;
    return [
      name,
      "value" in variable ? variable.value : (secretValue(objects, workload.namespace, variable) ?? outside),
    ] as const;
  });
  return { ...env, ...Object.fromEntries(set) };
}

/** The text of a Secret's key; undefined where the layers do not have it. */
export function secretValue(
  objects: readonly KubernetesObject[],
  namespace: string,
  { secret, key }: { readonly secret: string; readonly key: string },
): string | undefined {
  const found = objects.find(
    (one) => one.kind === "Secret" && one.name === secret && one.namespace === namespace,
  );
  const text = valueAt(found?.data, ["stringData", key]);
  const base64 = valueAt(found?.data, ["data", key]);
  if (typeof text === "string") return text;
  return typeof base64 === "string" ? Buffer.from(base64, "base64").toString() : undefined;
}

/** Variables of a configuration's container, without those by which the loader and libraries find code and files. */
export function withoutLibraries(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LIBRARIES_READ.test(name)));
}

/** HAProxy executes itself again with its environment. */
export const LIBRARIES_READ =
  /^(?:LD_|DYLD_|GLIBC_|MALLOC_|GCONV_|GETCONF_|LOC|NLS|RES|HOSTALIASES|NIS_|TZ|TMPDIR|OPENSSL_|SSL|QLOG|LUA_|PATH$|HOME$|NOTIFY_|LISTEN_|HAPROXY_|ASAN_|LSAN_|UBSAN_|GMON_|PKCS11_)/i;
