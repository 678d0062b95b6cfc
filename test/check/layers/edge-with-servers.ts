// The clean edge with some texts changed, and what is found in it.
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import type { Finding } from "../../../src/findings/finding.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { edge } from "./clean-edge.ts";

/** Text of one of the files and what replaces it, or an object to add. */
export type Change = readonly [before: string, after: string] | string;

/** Of the server, and of its Service. */
export const NAME = "api.web.svc.cluster.local:8080";
export const SERVER = `server api ${NAME}`;
export const PORTS = "ports: [{ name: http, port: 8080, targetPort: 8080 }] }";
export const SERVICE = `spec: { selector: { app: api }, ${PORTS}`;

export function inServer(before: string, after: string): Change {
  return [SERVER, SERVER.replace(before, after)];
}

export function inService(before: string, after: string): Change {
  return [SERVICE, SERVICE.replace(before, after)];
}

export function policy(spec: string, { name = "p", namespace = "web" } = {}): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}`;
}

/** The files with these changes; throws where a text to replace is missing. */
export function edgeWith(
  ...changes: readonly Change[]
): readonly { readonly file: string; readonly text: string }[] {
  const files = new Map(Object.entries(edge()));
  for (const [index, change] of changes.entries()) {
    if (typeof change === "string") {
      files.set(`added-${index}.yaml`, change);
      continue;
    }
    const [before, after] = change;
    const [file, text] = [...files].find(([, text]) => text.includes(before)) ?? [];
    if (file === undefined || text === undefined) throw new Error(`no such text: ${before}`);
    files.set(
      file,
      text.replace(before, () => after),
    );
  }
  return [...files].map(([file, text]) => ({ file, text }));
}

export async function findingsWith(...changes: readonly Change[]): Promise<readonly Finding[]> {
  return checkLayers(await readWiring(edgeWith(...changes)));
}

/** `CODE severity` of each finding. */
export async function codesWith(...changes: readonly Change[]): Promise<readonly string[]> {
  const found = await findingsWith(...changes);
  return found.map(({ code, severity }) => `${code} ${severity}`);
}
