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
  tlsNote: "it announces an address and does not process connections",
  healthCheck: { Cluster: null, Local: null },
  httpAnnotations: [],
  healthCheckAnnotations: null,
  idleTimeout: null,
  internal: null,
  sourceRanges: null,
  fromInside: null,
  notes: [
    "In layer 2 mode one node receives all traffic; with `Local`, only the pods of that node serve requests.",
    "The address pool determines which addresses are public (`metallb.io/address-pool`, in `annotations`).",
  ],
  targets: TO_SERVICE,
};
