// What the page and its worker say to each other. Requests and events are the bytes of client-sdk/schema/client_api.fbs.
export type ToWorker = { kind: 'request'; request: Uint8Array } | { kind: 'forget' };

export type FromWorker =
  | { kind: 'opening' }
  | { kind: 'elsewhere' } // another tab has this device; goes on by itself when that tab is gone
  | { kind: 'event'; event: Uint8Array }
  | { kind: 'fatal'; name: string; detail: string } // nothing more will come; `name` is a key of the message catalogue
  | { kind: 'forgotten' };
