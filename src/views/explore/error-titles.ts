/** What an error of a checkpoint is about, in a few words that follow its name. */

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
