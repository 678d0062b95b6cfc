// Described secrets in a Secret, immutable and named by its content, and the environment that HAProxy reads them from.
import { scryptSync } from "node:crypto";
import type { EnvVar, Secret } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import { type SecretPlan, secretsOf } from "../../plan/secrets.ts";
import type { Place } from "../file.ts";
import { because, type Manifest } from "./manifest.ts";
import { metadata } from "./metadata.ts";

export interface PodSecrets {
  readonly manifests: readonly Manifest[];
  readonly env: EnvVar[];
}

export function podSecrets(plan: Plan): PodSecrets {
  const secrets = secretsOf(plan);
  const described = secrets.flatMap(({ variable, from, at }) =>
    from.kind === "description" ? [{ key: keyOf(variable), text: from.text.reveal(), at }] : [],
  );
  const name = described.length === 0 ? "" : `${plan.kubernetes.names.edge}-${hashOf(plan, described)}`;
  return {
    manifests: described.length === 0 ? [] : [manifest(plan, name, described)],
    env: secrets.map(({ variable, from, at }) => {
      const secretKeyRef =
        from.kind === "secret" ? { name: from.name, key: from.key } : { name, key: keyOf(variable) };
      return because({ name: variable, valueFrom: { secretKeyRef } }, { at });
    }),
  };
}

interface Entry {
  readonly key: string;
  readonly text: string;
  readonly at: Place;
}

/** `STATS_PASSWORD` → `stats-password` */
function keyOf(variable: SecretPlan["variable"]): string {
  return variable.toLowerCase().replaceAll("_", "-");
}

/**
 * More people can read its name than its content: a slow hash prevents guessing the password (RFC 7914). A command
 * may render one edge more than once, so the last hash is cached.
 */
function hashOf(plan: Plan, entries: readonly Entry[]): string {
  const text = JSON.stringify(entries.map(({ key, text: one }) => ({ key, text: one })));
  const salt = `portico ${plan.namespace}/${plan.kubernetes.names.edge}`;
  if (last?.text !== text || last.salt !== salt)
    last = { text, salt, hash: scryptSync(text, salt, 5, { N: 2 ** 14 }).toString("hex") };
  return last.hash;
}

let last: { readonly text: string; readonly salt: string; readonly hash: string } | undefined;

function manifest(plan: Plan, name: string, entries: readonly Entry[]): Manifest {
  const object: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(plan, name),
    immutable: true,
    type: "Opaque",
    data: Object.fromEntries(
      entries.map(({ key, text, at }) => [key, because(Buffer.from(text).toString("base64"), { at })]),
    ),
  };
  return {
    file: "secret.yaml",
    about:
      "Environment variables of HAProxy. Immutable: a changed value has another name and rolls out new pods.",
    object,
    secret: true,
  };
}
