// Kustomizations for tests: a base, overlays, components and generators.
import type { SourceFile } from "../../../src/source/source-file.ts";
import { readKubernetes } from "../../../src/wiring/kubernetes/read-kubernetes.ts";

export type Files = Readonly<Record<string, string>>;

export const read = (files: Files) => {
  const all = Object.entries(files).map(([file, text]): SourceFile => ({ file, text }));
  return readKubernetes(
    all.filter(({ file }) => /ya?ml$/.test(file)),
    all,
  );
};

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, labels: { tier: front } }
spec:
  replicas: 1
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      containers:
        - name: haproxy
          image: haproxy:3.0.12
          ports: [{ containerPort: 80 }, { containerPort: 443 }]
          env: [{ name: A, value: one }, { name: B, value: two }]
          envFrom: [{ configMapRef: { name: settings } }]
          volumeMounts: [{ name: config, mountPath: /etc/haproxy }]
        - name: log
          image: registry.example.com:5000/log@sha256:0000000000000000000000000000000000000000000000000000000000000000
      volumes:
        - { name: config, configMap: { name: edge } }
        - { name: tls, secret: { secretName: tls } }
`;
export const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: edge }
spec: { selector: { app: edge }, ports: [{ port: 80, targetPort: 80 }, { port: 443, targetPort: 443 }] }
`;
const OTHERS = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: edge }
spec: { minAvailable: 1, selector: { matchLabels: { app: edge } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: edge }
spec:
  tls: [{ secretName: tls }]
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: edge, port: { number: 80 } } } }] } }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: edge }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: edge }, maxReplicas: 9 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: edge }
data: { haproxy.cfg: "global\\n" }
---
apiVersion: v1
kind: Secret
metadata: { name: tls }
type: kubernetes.io/tls
data: { tls.crt: "", tls.key: "" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { LEVEL: info }
---
apiVersion: v1
kind: Namespace
metadata: { name: store }
`;
const BASE: Files = {
  "base/kustomization.yaml": "resources: [deployment.yaml, service.yaml, others.yaml]\n",
  "base/deployment.yaml": DEPLOYMENT,
  "base/service.yaml": SERVICE,
  "base/others.yaml": OTHERS,
};
export const overlay = (text: string, files: Files = {}): Files => ({
  ...BASE,
  "overlays/prod/kustomization.yaml": `resources: [../../base]\n${text}`,
  ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`overlays/prod/${name}`, content])),
});

export const CASES: Readonly<Record<string, Files>> = {
  "names, namespace and labels": overlay(
    "namePrefix: my-\nnameSuffix: -v2\nnamespace: store\ncommonLabels: { team: web }\nlabels: [{ pairs: { only: meta } }]\ncommonAnnotations: { note: x }\n",
  ),
  "labels with selectors": overlay(
    "labels: [{ pairs: { a: b }, includeSelectors: true }, { pairs: { c: d }, includeTemplates: true }]\n",
  ),
  "images and replicas": overlay(
    "images: [{ name: haproxy, newName: registry.example.com/haproxy, newTag: 3.2.1 }, { name: registry.example.com:5000/log, digest: 'sha256:1111111111111111111111111111111111111111111111111111111111111111' }]\nreplicas: [{ name: edge, count: 5 }]\n",
  ),
  "a strategic merge patch of a file": overlay("patches: [{ path: patch.yaml }]\n", {
    "patch.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, labels: { tier: null, new: label } }
spec:
  replicas: 4
  template:
    spec:
      terminationGracePeriodSeconds: 90
      containers:
        - { name: haproxy, env: [{ name: B, value: changed }, { name: C, value: three }], ports: [{ containerPort: 8405 }] }
        - { name: log, $patch: delete }
        - { name: extra, image: "extra:1" }
      volumes: [{ name: more, emptyDir: {} }]
`,
  }),
  "patches that delete, and replace a part": overlay(
    `patchesStrategicMerge:
  - |-
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: { name: edge }
    $patch: delete
  - |-
    apiVersion: v1
    kind: Service
    metadata: { name: edge }
    spec: { selector: { $patch: replace, app: other } }
`,
  ),
  "ports of a Service by their number": overlay(
    `patches:
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: { name: edge }
      spec: { type: NodePort, ports: [{ port: 443, nodePort: 30443 }] }
`,
  ),
  "patches of JSON with a target": overlay(
    `patches:
  - target: { kind: Deployment, name: e.* }
    patch: |-
      - { op: replace, path: /spec/replicas, value: 7 }
      - { op: add, path: /spec/template/spec/containers/0/ports/-, value: { containerPort: 9000 } }
      - { op: remove, path: /spec/template/spec/containers/1 }
      - { op: add, path: /metadata/annotations, value: { example.com~1x: "1" } }
  - target: { kind: Service, labelSelector: none=such }
    patch: |-
      - { op: remove, path: /spec/ports }
patchesJson6902:
  - target: { version: v1, kind: Service, name: edge }
    path: service.json
`,
    { "service.json": '[{ "op": "add", "path": "/spec/ports/0/name", "value": "http" }]\n' },
  ),
  "a patch by the name before the prefix": {
    ...overlay("resources: []\n"),
    "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n",
    "overlays/prod/kustomization.yaml":
      "resources: [../../mid]\nnameSuffix: -z\npatches: [{ patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: edge}, spec: {replicas: 6}}' }]\n",
  },
  components: {
    ...overlay("components: [../../component]\nnamePrefix: p-\n"),
    "component/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [extra.yaml]\npatches:\n  - target: { kind: Deployment }\n    patch: |-\n      - { op: replace, path: /spec/replicas, value: 8 }\n",
    "component/extra.yaml": SERVICE.replace("name: edge", "name: extra"),
  },
  generators: overlay(
    `generatorOptions: { disableNameSuffixHash: true }
configMapGenerator:
  - { name: made, files: [haproxy.cfg, map=hosts.map], literals: [a=b=c, 'q="x"'] }
  - { name: envs, envs: [settings.env] }
  - { name: settings, behavior: merge, literals: [MORE=1] }
namespace: store
`,
    { "haproxy.cfg": "global\n", "hosts.map": "a b\n", "settings.env": "# note\nX=1\nY=two words\n" },
  ),
};
