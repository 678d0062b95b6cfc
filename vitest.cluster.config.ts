// How the tests that need a Kubernetes run: $KUBECONFIG names it. Two files at once, each in namespaces and on node ports of its own;
// those that disturb the whole cluster come afterwards, alone (`npm run test:cluster`).
import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

const shared = mergeConfig(base, {
  test: {
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});

export default {
  ...shared,
  test: { ...shared.test, include: ["test/**/*.cluster.test.ts"], exclude: [] },
};
