// What a pod waits for: errors, and states that are only pending.
import type { Pod } from "kubernetes-types/core/v1.d.ts";
import { expect, test } from "vitest";
import { podState } from "../../src/cluster/pods.ts";

const creating: Pod = {
  metadata: { name: "edge-1" },
  spec: { nodeName: "node-1", containers: [] },
  status: {
    containerStatuses: [
      {
        name: "haproxy",
        image: "edge:1",
        imageID: "",
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: "ContainerCreating" } },
      },
    ],
  },
};
const event = (type: string, message: string) => ({
  type,
  message,
  metadata: {},
  involvedObject: {},
});

test("a container that is being created", () => {
  const { waits } = podState(creating, [event("Normal", "Pulling image")]);
  expect(waits).toMatchObject({ for: "making", message: "Pulling image", hopeless: false });
});

test("a container with a missing object", () => {
  const said = 'secret "www" not found';
  const { waits } = podState(creating, [event("Warning", said), event("Normal", "Pulled")]);
  expect(waits).toMatchObject({ for: "start", message: said });
});

test("a pod that is not scheduled yet is not reported as unschedulable", () => {
  const pending: Pod = { metadata: { name: "edge-1" }, spec: { containers: [] }, status: {} };
  expect(podState(pending, []).waits?.for).toBe("making");
  const conditions = [{ type: "PodScheduled", status: "False", message: "0/2 nodes are available" }];
  expect(podState({ ...pending, status: { conditions } }, []).waits).toMatchObject({
    for: "scheduling",
    message: "0/2 nodes are available",
  });
});
