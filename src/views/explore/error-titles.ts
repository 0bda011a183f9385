/** What an error of a checkpoint is about, in a few words that follow its name. */

const SERVER_TITLES: Readonly<Record<string, string>> = {
  NetworkFailed: 'the server was not reached',
  CheckpointMissing: 'the server has no such model',
  CheckpointUnsupported: 'the model takes no images',
  AccessDenied: 'the server does not let us in',
  OriginRefused: 'nothing was sent',
  RequestRefused: 'the server refused the request',
  ReplyInvalid: 'the server’s answer cannot be used',
};

/** @param isServed whether a server answers for it */
export const errorTitle = (name: string, isServed: boolean): string | undefined =>
  (isServed ? SERVER_TITLES[name] : undefined) ?? ERROR_TITLES[name];

export const ERROR_TITLES: Readonly<Record<string, string>> = {
  WorkerDied: 'the worker stopped',
  DeviceLost: 'the graphics device was lost',
  OutOfMemory: 'out of memory',
  NetworkFailed: 'the download failed',
  CheckpointMissing: 'a file of the checkpoint is missing',
  CheckpointInvalid: 'the checkpoint cannot be used',
  CheckpointUnsupported: 'this app cannot run the checkpoint',
  AccessDenied: 'the hub does not give the checkpoint',
  StorageFull: 'the browser’s storage is full',
  DeviceUnavailable: 'this device is not available',
};
