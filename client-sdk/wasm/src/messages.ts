// What the page and its worker say to each other. Requests and events are the bytes of client-sdk/schema/client_api.fbs.
export type ToWorker =
  | { kind: 'request'; request: Uint8Array } // lost unless the worker is connected; the page asks again at `connected`
  | { kind: 'forget' }; // erases this device's store; only offered when it cannot be read or nothing more can be written

export type FromWorker =
  | { kind: 'opening' }
  // From now on requests are answered: this worker owns the device, or it talks to the tab that does. Comes again whenever that
  // changes: what was asked and has no answer is asked again then.
  | { kind: 'connected' }
  | { kind: 'elsewhere' } // the tab that owns the device does not answer, or is of another version; goes on by itself
  | { kind: 'event'; event: Uint8Array }
  | { kind: 'fatal'; name: string; detail: string } // nothing more will come; `name` is a key of the message catalogue
  | { kind: 'forgotten' }; // load the page again
