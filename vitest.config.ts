// How `npm test` runs: every file in its own worker, no global state, no retries. Files named `*.slow.test.ts` take long, or need programs
// that set-up does not install; `npm run test:all` runs them too. Files named `*.cluster.test.ts` need a Kubernetes cluster.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["portico-sources"] },
  ssr: { resolve: { conditions: ["portico-sources"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.slow.test.ts", "test/**/*.cluster.test.ts"],
    setupFiles: ["test/setup/seed.ts"],
    // Vitest leaves one core to its own process, which has little to do here.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
