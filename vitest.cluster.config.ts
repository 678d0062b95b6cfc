// How the tests that need a Kubernetes run: $KUBECONFIG names it; one file after the other, because they share it.
import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

const shared = mergeConfig(base, {
  test: {
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});

export default {
  ...shared,
  test: { ...shared.test, include: ["test/**/*.cluster.test.ts"], exclude: [] },
};
