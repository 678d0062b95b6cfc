// How `npm run test:all` runs: every test but those that need a Kubernetes cluster.
import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

const shared = mergeConfig(base, {});

export default { ...shared, test: { ...shared.test, exclude: ["test/**/*.cluster.test.ts"] } };
