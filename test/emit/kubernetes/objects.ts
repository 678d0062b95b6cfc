// Descriptions for the tests of the objects, and the content of their files.
import { parse } from "yaml";
import type { Edge } from "../../../src/description/define-edge.ts";
import type { EmittedFile } from "../../../src/emit/file.ts";
import { type Rendered, render } from "../../hostile/rendered.ts";

/** A shop with the given additions; throws the findings if they are invalid. */
export function shop(more: Partial<Edge> = {}): Rendered {
  const outcome = render({
    edge: "shop",
    namespace: "web",
    sites: [{ host: "shop.example.com", routes: [{ to: "shop" }] }],
    backends: { shop: { service: "shop", port: 8080 } },
    ...more,
  });
  if ("refused" in outcome) throw new Error(JSON.stringify(outcome.refused));
  return outcome;
}

export function kubernetesFiles({ files }: Rendered): readonly EmittedFile[] {
  return files.filter(({ path }) => path.startsWith("kubernetes/"));
}

/** An object by its file's name, parsed. */
export function object(rendered: Rendered, name: string) {
  const file = kubernetesFiles(rendered).find(({ path }) => path === `kubernetes/${name}.yaml`);
  if (file === undefined) throw new Error(`there is no ${name}.yaml`);
  return parse(file.content);
}

export function names(rendered: Rendered): readonly string[] {
  return kubernetesFiles(rendered).map(({ path }) => path.replace(/^kubernetes\/(.*)\.yaml$/, "$1"));
}

/** The pod of the workload. */
export function podSpec(rendered: Rendered) {
  const [workload = ""] = names(rendered).filter((name) => /^(deployment|daemonset)$/.test(name));
  return object(rendered, workload).spec.template.spec;
}
