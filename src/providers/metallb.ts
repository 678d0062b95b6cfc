// MetalLB: an address announced by the nodes themselves, for clusters without a cloud.
import { ownsByPrefix, TO_SERVICE } from "./forms.ts";
import type { Provider } from "./provider.ts";

export const metallb: Provider = {
  name: "metallb",
  title: "MetalLB",
  makes: "an address that nodes announce",
  documents: [
    { title: "MetalLB, Usage (Traffic policies)", url: "https://metallb.io/usage/#traffic-policies" },
    {
      title: "MetalLB, Usage (Requesting specific IPs)",
      url: "https://metallb.io/usage/#requesting-specific-ips",
    },
  ],
  owns: ownsByPrefix("metallb.io/", "metallb.universe.tf/"),
  always: () => [],
  proxy: null,
  keepsClientAddress: "Local",
  readKeeps: () => ({ value: true, by: null }),
  tls: null,
  tlsNote: "it announces an address and touches no connection",
  healthCheck: { Cluster: null, Local: null },
  httpAnnotations: [],
  healthCheckAnnotations: null,
  idleTimeout: null,
  internal: null,
  sourceRanges: null,
  fromInside: null,
  notes: [
    "In layer 2 mode one node takes all traffic; with `Local` only its own pods serve, and the others stand by.",
    "Which addresses are public is for the pool to say (`metallb.io/address-pool`, in `annotations`).",
  ],
  targets: TO_SERVICE,
};
