import fc, { type Arbitrary } from "fast-check";
import type { Case } from "../case.ts";
import { httpCase } from "./http.ts";
import { tcpCase } from "./tcp.ts";
import { tlsCase } from "./tls.ts";
import { websocketCase } from "./websocket.ts";

/** One connection to any door. */
export const anyCase: Arbitrary<Case> = fc.oneof(
  { weight: 6, arbitrary: httpCase },
  { weight: 4, arbitrary: websocketCase },
  { weight: 2, arbitrary: tcpCase },
  { weight: 1, arbitrary: tlsCase },
);
